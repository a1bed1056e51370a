import { writeFileSync } from "node:fs";

export const about = "after a reboot everything at once: no pool, no bridge-name, macvtap deny-listed, containerd green and broken; one run with --wait";
export const seconds = 200;

export const boots = [
  {
    run: async (lab) => {
      lab.setConfig({ "bridge-name": null });
      writeFileSync("/etc/modprobe.d/no-macvtap.conf", "blacklist macvtap\n");
      if (!lab.real) lab.setPauses(1.5); // 30 s, then a minute
      const { source } = lab.recordOf("a").status.volumes.root.mount;
      await lab.must("mount", "--mkdir", source, "/mnt");
      await lab.must("dd", "if=/dev/urandom", "of=/mnt/kept", "bs=1M", "count=8", "conv=fsync", "status=none");
      const sum = (await lab.must("sha256sum", "/mnt/kept")).split(" ")[0];
      await lab.must("umount", "/mnt");
      lab.keep({ boot: lab.textOf("/proc/sys/kernel/random/boot_id"), sum });
    },
  },
  {
    kernel: "lab.nopool",
    run: async (lab) => {
      lab.assert.notEqual(lab.textOf("/proc/sys/kernel/random/boot_id"), lab.kept().boot);
      lab.assert.doesNotMatch(await lab.must("lsmod"), /^macvtap/m);
      await lab.untilFailedWithoutPool();
      await lab.capture("samples", "rebooted-dev-host");
      const dry = await lab.unchangedBy(() => lab.fix(["--dry-run"]));
      lab.ended(dry, 2, "planned");
      lab.found(dry, "thinpool-missing", "bridge-name-missing", "macvtap-unavailable");
      lab.planned(dry, "stop-flintlockd", "recreate-devpool", "restart-containerd", "restart-flintlockd");
      const before = await lab.now();
      const applied = await lab.fix(["--apply", "--wait", "5m"]);
      lab.ended(applied, 0, "fixed");
      const again = lab.containerdMajor() < 2 ? ["restart-flintlockd-again"] : [];
      lab.planned(applied, "recreate-devpool", "restart-containerd", "restart-flintlockd", ...again);
      for (const id of ["load-macvlan", "set-bridge-name"]) lab.planned(applied, id, "restart-flintlockd");
      lab.assert.equal(await lab.starts(lab.containerd, before), 1, "containerd was started once");
      lab.assert.ok((await lab.starts(lab.flintlockd, before)) <= 2, "flintlockd was started once, and once more for --wait");
      lab.assert.ok(
        applied.report.microvms.length >= 2 && applied.report.microvms.every(({ state }) => state === "running"),
        JSON.stringify(applied.report.microvms),
      );
      await lab.untilRuns(["a", "c"], 10_000);
      lab.assert.equal(lab.masterOf(lab.linkName("a")), "br0");
      lab.assert.match(await lab.poolLine(), / rw /);
      await lab.must("mount", "-o", "ro", lab.recordOf("a").status.volumes.root.mount.source, "/mnt");
      lab.assert.equal((await lab.must("sha256sum", "/mnt/kept")).split(" ")[0], lab.kept().sum, "files written before the reboot are as they were");
      await lab.must("umount", "/mnt");
      const second = await lab.fix(["--apply"]);
      lab.ended(second, 0, "healthy");
      lab.plannedExactly(second);
    },
  },
];

import { writeFileSync } from "node:fs";

export const about = "production with no volume group: disks with anything on them are refused even with consent, only the empty one is taken";
export const seconds = 240;
export const disks = [1536, 64, 64, 64, 64, 64, 64, 64];

const pages = async (lab, disk) => (await lab.must("sha256sum", disk)).split(" ")[0];

export const boots = [
  {
    memory: "1536M",
    run: async (lab) => {
      await lab.becomeProd();
      await lab.startProd();
      const used = {
        "/dev/ubdc": () => lab.sh(["sfdisk", "--quiet", "/dev/ubdc"], { input: "label: gpt\n,\n" }),
        "/dev/ubdd": () => lab.must("mkfs.ext4", "-q", "/dev/ubdd"),
        "/dev/ubde": () => lab.must("pvcreate", "--quiet", "/dev/ubde"),
        "/dev/ubdf": () => lab.must("mkswap", "/dev/ubdf"),
        "/dev/ubdh": async () => {
          // Or udev puts it together again.
          writeFileSync("/etc/mdadm/mdadm.conf", "AUTO -all\n");
          await lab.must("mdadm", "--create", "/dev/md0", "--run", "--quiet", "--level=1", "--raid-devices=2", "--metadata=1.2", "/dev/ubdh", "missing");
          await lab.must("mdadm", "--stop", "--quiet", "/dev/md0");
        },
        "/dev/ubdi": () => lab.must("mkfs.ext4", "-q", "/dev/ubdi"),
        "/dev/ubdg": () => lab.must("dd", "if=/dev/urandom", "of=/dev/ubdg", "bs=4096", "count=1", "seek=100", "conv=fsync", "status=none"),
      };
      for (const disk of Object.keys(used)) await used[disk]();
      await lab.sh(["udevadm", "settle"]);
      const before = {};
      for (const disk of Object.keys(used)) before[disk] = await pages(lab, disk);
      // In use, and not only written to.
      await lab.must("mount", "-o", "ro,noload", "/dev/ubdi", "/mnt");
      await lab.must("swapon", "/dev/ubdf");

      await lab.capture("thinpool-missing", "prod-disks");
      const dry = await lab.unchangedBy(() => lab.fix(["--dry-run"]));
      lab.ended(dry, 4, "refused");
      lab.found(dry, "thinpool-missing");
      lab.plannedExactly(dry);
      const told = JSON.stringify(dry.report.refusals);
      for (const disk of ["/dev/ubdb", ...Object.keys(used)]) lab.assert.ok(told.includes(disk), `${disk} is in the list: ${told}`);

      for (const disk of [...Object.keys(used), "/dev/ubda", "/dev/null", "/root/nothing"]) {
        const run = await lab.fix(["--apply", "--allow", "destructive", "--disk", disk]);
        lab.assert.equal(run.status, 4, `${disk}: ${JSON.stringify(run.report?.plan)} ${run.stderr}`);
        lab.plannedExactly(run);
      }
      await lab.must("swapoff", "/dev/ubdf");
      await lab.must("umount", "/mnt");
      for (const disk of Object.keys(used)) lab.assert.equal(await pages(lab, disk), before[disk], `${disk} is as it was`);

      const without = await lab.fix(["--apply", "--disk", "/dev/ubdb"]);
      lab.ended(without, 4, "refused");
      lab.assert.equal((await lab.sh(["vgs", "flintlock"])).status !== 0, true, "no consent, nothing made");

      const planned = await lab.fix(["--dry-run", "--allow", "destructive", "--disk", "/dev/ubdb"]);
      lab.ended(planned, 2, "planned");
      lab.assert.equal(planned.report.plan.find(({ id }) => id === "provision-direct-lvm")?.risk, "destructive");
      const run = await lab.fix(["--apply", "--allow", "destructive", "--disk", "/dev/ubdb"], { timeoutMs: 400_000 });
      lab.ended(run, 0, "fixed");
      lab.planned(run, "provision-direct-lvm", "restart-containerd", "restart-flintlockd");
      lab.assert.match(await lab.must("dmsetup", "status", lab.prodPool), / rw /);
      lab.assert.equal(await lab.prodPluginStatus(), "ok");
      lab.assert.match(await lab.must("lvs", "--noheadings", "-o", "lv_profile,seg_monitor", "flintlock/thinpool"), /flintlock-thinpool\s+monitored/);
      const again = await lab.fix(["--apply"]);
      lab.ended(again, 0, "healthy");
      for (const disk of Object.keys(used)) lab.assert.equal(await pages(lab, disk), before[disk], `${disk} is as it was`);
    },
  },
];

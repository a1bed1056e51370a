export const about = "the root file system is read-only: a dry run works, an apply says why it cannot write and ends";
export const seconds = 60;

export const boots = [
  {
    run: async (lab) => {
      lab.setConfig({ "bridge-name": null });
      await lab.restartFlintlockd();
      await lab.createFailing("r1", "tap");
      await lab.must("systemctl", "stop", lab.flintlockd, lab.containerd);
      for (const name of ["a", "c"]) lab.kill(lab.hypervisorPid(name), "SIGKILL");
      await lab.must("sync");
      await lab.sh(["sh", "-c", "echo u >/proc/sysrq-trigger"]);
      await lab.until(
        "the root is read-only",
        async () => /^\/dev\/\S+ \/ ext4 ro/m.test(lab.textOf("/proc/mounts")) || /\/dev\/root \/ \S+ ro/m.test(lab.textOf("/proc/mounts")),
        20_000,
      );
      const dry = await lab.fix(["--dry-run"]);
      lab.assert.ok([2, 4, 6].includes(dry.status), `${dry.status} ${dry.stderr}`);
      const run = await lab.fix(["--apply"], { timeoutMs: 300_000 });
      lab.assert.ok([3, 4, 6].includes(run.status), `${run.status} ${run.stderr}`);
      const edit = run.report.plan.find(({ id }) => id === "set-bridge-name");
      lab.assert.equal(edit?.outcome, "failed", JSON.stringify(run.report.plan));
      lab.assert.match(JSON.stringify(edit.error), /EROFS|read-only/i);
    },
  },
];

export const about = "production: SIGKILL before, in and after the pool's step, activating and making it; the next run finishes, a disk is never taken twice";
export const seconds = 240;
export const disks = [1536];

const active = async (lab, moment) => {
  lab.assert.match(await lab.must("dmsetup", "status", lab.prodPool), / rw /, moment);
  lab.assert.equal(await lab.prodPluginStatus(), "ok", moment);
  lab.assert.match(
    await lab.must("lvs", "--noheadings", "-o", "lv_profile,seg_monitor,vg_tags", "flintlock/thinpool"),
    /^\s*flintlock-thinpool\s+monitored\s*$/,
    moment,
  );
};

export const boots = [
  {
    run: async (lab) => {
      await lab.becomeProd();
      const consent = ["--allow", "destructive", "--disk", "/dev/ubdb"];
      // Each moment from an empty disk: before the step, at the first command of each kind, after the step.
      for (const moment of ["begins provision-direct-lvm", "runs lvcreate", "runs lvconvert", "ends provision-direct-lvm"]) {
        await lab.must("systemctl", "stop", lab.flintlockd, "containerd.service");
        await lab.sh(["vgchange", "-an", "flintlock"]);
        await lab.sh(["vgremove", "--force", "--force", "--yes", "flintlock"]);
        await lab.sh(["pvremove", "--force", "--force", "--yes", "/dev/ubdb"]);
        for (const seek of ["0", "1528"]) await lab.must("dd", "if=/dev/zero", "of=/dev/ubdb", "bs=1M", "count=8", `seek=${seek}`, "conv=fsync", "status=none");
        await lab.must("rm", "-rf", "/etc/lvm/profile/flintlock-thinpool.profile", "/var/lib/containerd");
        await lab.must("mkdir", "-p", "/var/lib/containerd/snapshotter/devmapper");
        await lab.startProd();
        lab.assert.equal(await lab.killedAt(["--apply", ...consent], moment), "killed", moment);
        const second = await lab.fix(["--apply", ...consent]);
        lab.assert.equal(
          second.status,
          0,
          `${moment}: ${JSON.stringify(second.report?.plan.map(({ id, outcome, error }) => ({ id, outcome, error })))} ${JSON.stringify(second.report?.refusals)}`,
        );
        await active(lab, moment);
      }
      await lab.killedEverywhere({
        steps: ["activate-direct-lvm"],
        broken: async () => {
          await lab.must("systemctl", "stop", lab.flintlockd, "containerd.service");
          await lab.must("vgchange", "-an", "flintlock");
          await lab.startProd();
        },
        proof: (moment) => active(lab, moment),
      });
    },
  },
];

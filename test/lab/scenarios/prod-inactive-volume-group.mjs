export const about = "production: the volume group is there and not active: activated, nothing wiped, data intact";
export const seconds = 120;
export const disks = [2048];

export const boots = [
  {
    run: async (lab) => {
      await lab.becomeProd();
      await lab.makeVolumeGroup("/dev/ubdb");
      await lab.startProd();
      lab.assert.equal(await lab.prodPluginStatus(), "ok", "the host works");
      await lab.must("ctr", "-a", "/run/containerd/containerd.sock", "-n", "x", "snapshots", "--snapshotter", "devmapper", "prepare", "s1");
      await lab.must("dd", "if=/dev/urandom", "of=/root/data", "bs=1M", "count=4", "status=none");
      const device = (await lab.must("dmsetup", "ls", "--target", "thin")).split(/\s/)[0];
      await lab.must("mount", `/dev/mapper/${device}`, "/mnt");
      await lab.must("cp", "/root/data", "/mnt/data");
      await lab.must("umount", "/mnt");
      await lab.must("systemctl", "stop", lab.flintlockd, "containerd.service");
      await lab.must("dmsetup", "remove", device);
      await lab.must("vgchange", "-an", "flintlock");
      await lab.startProd();
      lab.assert.equal(await lab.prodPluginStatus(), "error");

      const dry = await lab.unchangedBy(() => lab.fix(["--dry-run"]));
      lab.ended(dry, 2, "planned");
      lab.assert.equal(dry.report.host.profile, "prod");
      const { bad } = await lab.tracedWrites(["--dry-run"]);
      lab.assert.deepEqual(bad, [], "no system call of a dry run changes anything");
      await lab.cure({
        findings: ["thinpool-missing"],
        steps: ["stop-flintlockd", "activate-direct-lvm", "restart-containerd", "restart-flintlockd"],
        proof: async () => {
          lab.assert.match(await lab.must("dmsetup", "status", lab.prodPool), / rw /);
          lab.assert.equal(await lab.prodPluginStatus(), "ok");
          lab.assert.match(await lab.must("lvs", "--noheadings", "-o", "lv_active", "flintlock/thinpool"), /active/);
          await lab.must("mount", `/dev/mapper/${device}`, "/mnt");
          await lab.must("cmp", "/root/data", "/mnt/data");
          await lab.must("umount", "/mnt");
        },
      });
    },
  },
];

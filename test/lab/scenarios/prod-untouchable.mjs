import { rmSync, writeFileSync } from "node:fs";

export const about =
  "production: a volume group that is another host's, shared, exported, incomplete, copied or switched off on purpose is refused, and activated once it is not";
export const seconds = 200;
export const disks = [1536, 64, 1536];

const group = "flintlock";
const local = "/etc/lvm/lvmlocal.conf";

/** Each way a group must not be touched: how it comes to be so, what the refusal says, how it ends. */
const cases = (lab) => [
  {
    code: "FOREIGN_SYSTEM_ID",
    make: () => lab.must("vgchange", "--yes", "--config", 'local/extra_system_ids=["elsewhere"]', "--systemid", "elsewhere", group),
    // What the refusal says to do, word for word.
    undo: ({ hint }) => lab.must("sh", "-c", hint.slice(hint.indexOf("vgchange"), hint.indexOf(" (lvmsystemid(7))"))),
  },
  {
    code: "SHARED_LOCK_TYPE",
    make: async () => {
      await lab.must("vgcfgbackup", "--file", "/root/group", group);
      writeFileSync("/root/shared", lab.textOf("/root/group").replace(/^\tstatus = .*$/m, '$&\n\tlock_type = "sanlock"\n\tlock_args = "1.0.0:lvmlock"'));
      await lab.must("vgcfgrestore", "--force", "--yes", "--file", "/root/shared", group);
    },
    undo: () => lab.must("vgchange", "--yes", "--lock-type", "none", "--lock-opt", "force", group),
  },
  { code: "VOLUME_GROUP_EXPORTED", make: () => lab.must("vgexport", group), undo: ({ hint }) => lab.must(...hint.slice(hint.indexOf("vgimport")).split(" ")) },
  {
    code: "MISSING_PHYSICAL_VOLUME",
    make: async () => {
      await lab.must("vgextend", group, "/dev/ubdc");
      await lab.must("dd", "if=/dev/ubdc", "of=/root/label", "bs=1M", "count=2", "status=none");
      await lab.must("dd", "if=/dev/zero", "of=/dev/ubdc", "bs=1M", "count=2", "conv=fsync", "status=none");
    },
    undo: () => lab.must("dd", "if=/root/label", "of=/dev/ubdc", "bs=1M", "conv=fsync", "status=none"),
  },
  {
    code: "DUPLICATE_PHYSICAL_VOLUME",
    make: () => lab.must("dd", "if=/dev/ubdb", "of=/dev/ubdd", "bs=1M", "count=4", "conv=fsync", "status=none"),
    undo: () => lab.must("dd", "if=/dev/zero", "of=/dev/ubdd", "bs=1M", "count=4", "conv=fsync", "status=none"),
  },
  {
    code: "ACTIVATION_SWITCHED_OFF",
    make: () => writeFileSync(local, 'activation {\n\tvolume_list = [ "other" ]\n}\n'),
    undo: () => rmSync(local),
  },
  {
    code: "ACTIVATION_SWITCHED_OFF",
    make: () => lab.must("vgchange", "--setautoactivation", "n", group),
    undo: () => lab.must("vgchange", "--setautoactivation", "y", group),
  },
];

export const boots = [
  {
    run: async (lab) => {
      await lab.becomeProd();
      await lab.makeVolumeGroup("/dev/ubdb");
      await lab.must("vgchange", "-an", group);
      await lab.startProd();
      lab.assert.equal(await lab.prodPluginStatus(), "error");
      for (const { code, make, undo } of cases(lab)) {
        await make();
        const run = await lab.fix(["--apply", "--allow", "destructive", "--disk", "/dev/ubdd"]);
        lab.ended(run, 4, "refused");
        lab.refused(run, code);
        lab.assert.deepEqual(run.report.plan, [], `${code}: nothing is done`);
        lab.assert.equal((await lab.sh(["dmsetup", "status", lab.prodPool])).status === 0, false, `${code}: the pool is not there`);
        await undo(run.report.refusals.find((refusal) => refusal.code === code));
      }
      const applied = await lab.fix(["--apply"]);
      lab.ended(applied, 0, "fixed");
      lab.planned(applied, "activate-direct-lvm", "restart-containerd", "restart-flintlockd");
      lab.assert.match(await lab.must("dmsetup", "status", lab.prodPool), / rw /);
      lab.assert.equal(await lab.prodPluginStatus(), "ok");
    },
  },
];

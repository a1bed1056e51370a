export const about = "files written through a snapshot are read back after a power cut in the middle of writing, and the cure";
export const seconds = 120;

const mounted = async (lab, act) => {
  const { source } = lab.recordOf("a").status.volumes.root.mount;
  await lab.must("mkdir", "-p", "/mnt");
  // containerd makes a file system on a snapshot that has no parent.
  await lab.must("mount", source, "/mnt");
  await act();
  await lab.must("umount", "/mnt");
};

export const boots = [
  {
    run: async (lab) => {
      await mounted(lab, async () => {
        await lab.must("dd", "if=/dev/urandom", "of=/mnt/kept", "bs=1M", "count=24", "conv=fsync", "status=none");
        await lab.must("sync");
      });
      const { source } = lab.recordOf("a").status.volumes.root.mount;
      await lab.must("mount", source, "/mnt");
      const sum = (await lab.must("sha256sum", "/mnt/kept")).split(" ")[0];
      lab.keep({ sum });
      // Still writing when the power goes.
      void lab.sh(["dd", "if=/dev/zero", "of=/mnt/half", "bs=1M", "count=400", "status=none"]);
      await lab.pause(2_000);
      lab.powerCut();
    },
  },
  {
    kernel: "lab.nopool",
    run: async (lab) => {
      await lab.untilFailedWithoutPool(["a"]);
      const run = await lab.fix(["--apply", "--wait", "3m"]);
      lab.ended(run, 0, "fixed");
      await lab.untilRuns(["a", "c"], 30_000);
      await mounted(lab, async () =>
        lab.assert.equal((await lab.must("sha256sum", "/mnt/kept")).split(" ")[0], lab.kept().sum, "the data is as it was written"),
      );
    },
  },
];

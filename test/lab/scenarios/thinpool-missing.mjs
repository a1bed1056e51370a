export const about = "the dev pool is gone: dry run writes nothing, one apply brings pool, plugin and MicroVMs back, a second has nothing to do";
export const seconds = 90;

export default async function (lab) {
  await lab.losePool();
  const before = await lab.now();
  await lab.cure({
    findings: ["thinpool-missing"],
    // Where containerd 2 kept no failure, no MicroVM waits.
    steps: [
      "stop-flintlockd",
      "recreate-devpool",
      "restart-containerd",
      "restart-flintlockd",
      ...(lab.containerdMajor() < 2 ? ["restart-flintlockd-again"] : []),
    ],
    words: ["--wait", "3m"],
    proof: async ({ report }) => {
      lab.assert.match(await lab.poolLine(), /^0 209715200 thin-pool .* rw /);
      const loops = await lab.poolLoops();
      lab.assert.deepEqual(loops.map(({ file }) => file.split("/").at(-1)).sort(), ["data", "metadata"], "one loop device for each file");
      lab.assert.equal(await lab.pluginStatus(), "ok");
      lab.assert.equal((await lab.sh(["ctr", "-a", lab.socket, "-n", "flintlock", "snapshots", "--snapshotter", "devmapper", "ls"])).status, 0);
      await lab.untilRuns(["a", "c"], 30_000);
      lab.assert.ok(
        report.microvms.every(({ state }) => state === "running"),
        JSON.stringify(report.microvms),
      );
    },
  });
  lab.assert.equal(await lab.starts(lab.containerd, before), 1, "containerd was started once");
}

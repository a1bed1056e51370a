export const about = "the pool came after containerd: one restart of each daemon";
export const seconds = 60;

export default async function (lab) {
  await lab.losePool();
  await lab.must("/usr/local/lib/lab/pool");
  const before = await lab.now();
  const { applied } = await lab.cure({
    findings: ["snapshotter-not-loaded"],
    steps: ["stop-flintlockd", "restart-containerd", "restart-flintlockd"],
    waiting: true,
    proof: async () => {
      lab.assert.equal(await lab.pluginStatus(), "ok");
      lab.assert.equal(await lab.serves(), true);
    },
  });
  lab.assert.ok(
    applied.report.microvms.every(({ state }) => ["running", "waiting"].includes(state)),
    "each MicroVM runs or waits",
  );
  lab.assert.equal(await lab.starts(lab.containerd, before), 1, "containerd was started once");
  const waited = await lab.fix(["--apply", "--wait", "3m"]);
  lab.assert.ok([0, 2].includes(waited.status) || waited.status === 0, JSON.stringify(waited.report));
  await lab.untilRuns(["a", "c"], 60_000);
}

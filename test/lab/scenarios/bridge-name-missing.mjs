export const about = "no bridge-name anywhere and a MicroVM that wants a tap: the one bridge is set, the config keeps everything else";
export const seconds = 60;

export default async function (lab) {
  lab.setConfig({ "bridge-name": null });
  await lab.restartFlintlockd();
  await lab.createFailing("t1", "tap");
  lab.after(() => lab.removeMicrovm("t1"));
  const old = lab.textOf(lab.config);
  const alive = lab.running();
  const { dry } = await lab.cure({
    findings: ["bridge-name-missing"],
    steps: ["set-bridge-name", "restart-flintlockd", "restart-flintlockd-again"],
    words: ["--wait", "3m"],
    proof: async () => {
      lab.assert.equal(lab.textOf(lab.config), `${old}bridge-name: br0\n`, "one key more, nothing else");
      await lab.untilRuns(["t1"], 30_000);
      lab.assert.equal(lab.masterOf(lab.linkName("t1")), "br0");
      lab.assert.deepEqual(lab.running(), alive, "MicroVMs that ran go on, with their devices");
    },
  });
  const evidence = lab.finding(dry.report, "bridge-name-missing").evidence;
  lab.assert.ok(
    evidence.some(({ excerpt }) => excerpt.includes("attaching a TAP interface")),
    "flintlockd's own words are shown",
  );
}

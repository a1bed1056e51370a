export const about = "the configured bridge does not exist: never guessed, status 4 with what there is; --bridge-name decides";
export const seconds = 60;

export default async function (lab) {
  lab.setConfig({ "bridge-name": "br7" });
  await lab.restartFlintlockd();
  await lab.createFailing("t2", "tap");
  lab.after(() => lab.removeMicrovm("t2"));
  const old = lab.textOf(lab.config);
  await lab.capture("parent-device-missing", "refused");
  const refusal = await lab.fix(["--apply"]);
  lab.ended(refusal, 4, "refused");
  lab.found(refusal, "parent-device-missing");
  lab.plannedExactly(refusal);
  lab.assert.equal(lab.textOf(lab.config), old, "untouched");
  lab.assert.match(JSON.stringify(refusal.report.refusals), /br0/, "what exists is named");
  await lab.cure({
    findings: ["parent-device-missing"],
    steps: ["set-bridge-name", "restart-flintlockd", "restart-flintlockd-again"],
    words: ["--bridge-name", "br0", "--wait", "3m"],
    proof: async () => {
      lab.assert.equal(lab.textOf(lab.config), old.replace("bridge-name: br7", "bridge-name: br0"));
      await lab.untilRuns(["t2"], 30_000);
    },
  });
}

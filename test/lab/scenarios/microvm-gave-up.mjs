export const about = "past maximum-retry: no cure of the host brings it back; deleted and created again as the report says, it runs";
export const seconds = 75;

export default async function (lab) {
  lab.setConfig({ "bridge-name": null, "maximum-retry": "1" });
  await lab.restartFlintlockd();
  await lab.createMicrovm("g1", "tap");
  lab.after(() => lab.removeMicrovm("g1"));
  await lab.until("g1 gives up", () => lab.recordOf("g1")?.status.state === "failed", 120_000);
  const { id } = lab.recordOf("g1");
  await lab.capture("microvm-gave-up");
  const dry = await lab.unchangedBy(() => lab.fix(["--dry-run", "--bridge-name", "br0"]));
  lab.found(dry, "microvm-gave-up", "bridge-name-missing");
  const run = await lab.fix(["--apply", "--bridge-name", "br0"]);
  lab.found(run, "microvm-gave-up", "bridge-name-missing");
  lab.assert.equal(run.report.microvms.find((each) => each.id === id)?.state, "gave-up");
  lab.assert.match(lab.textOf(lab.config), /^bridge-name: br0$/m, "the host is cured all the same");
  const text = JSON.stringify(run.report);
  lab.assert.match(text, /attaching a TAP interface/, "why it failed then");
  lab.assert.match(text, /DELETE|delete/, "the way to make it again");
  const dueMs = lab.recordOf("g1").status.not_before * 1000;
  if (dueMs > Date.now()) lab.assert.match(text, /after \S+Z, and not before, delete it/, "flintlockd passes over a delete before its not_before");
  await lab.removeMicrovm("g1");
  await lab.createMicrovm("g1", "tap");
  await lab.untilRuns(["g1"], 60_000);
  await lab.capture("microvm-gave-up", "created-again");
  const after = await lab.fix(["--apply"]);
  lab.ended(after, 0);
  lab.plannedExactly(after);
}

export const about = "the clock jumps back a day: evidence is judged by the boot's own clock, a cure is still proved, MicroVMs that wait are named";
export const seconds = 90;

export default async function (lab) {
  lab.setConfig({ "bridge-name": null });
  await lab.restartFlintlockd();
  const day = 86_400;
  const set = (by) => lab.must("date", "--utc", "--set", `@${Math.floor(Date.now() / 1000) + by}`);
  await set(-day);
  lab.after(() => set(day));
  await lab.createFailing("j1", "tap");
  lab.after(() => lab.removeMicrovm("j1"));
  const dry = await lab.fix(["--dry-run"]);
  lab.ended(dry, 2, "planned");
  lab.found(dry, "bridge-name-missing");
  lab.assert.doesNotMatch(JSON.stringify(dry.report.advice), /not_before/, "what failed since the jump waits as long as ever");
  // Another day back: what failed before it waits for a time that is a day ahead.
  await set(-day);
  const far = await lab.fix(["--dry-run"]);
  await set(day);
  lab.assert.match(JSON.stringify(far.report.advice), /j1.*not_before.*further ahead than failures can set it/);
  const run = await lab.fix(["--apply", "--wait", "2m"]);
  lab.ended(run, 0, "fixed");
  await lab.untilRuns(["j1"], 30_000);
  lab.ended(await lab.fix(["--apply"]), 0);
}

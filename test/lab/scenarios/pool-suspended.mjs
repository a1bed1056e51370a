export const about = "a suspended pool may be somebody's operation: never resumed, and the look ends in time";
export const seconds = 60;

export default async function (lab) {
  await lab.must("dmsetup", "suspend", "--noflush", "--nolockfs", lab.pool);
  lab.after(() => lab.must("dmsetup", "resume", lab.pool));
  await lab.capture("thinpool-unhealthy", "suspended");
  const run = await lab.fix(["--apply"]);
  lab.ended(run, 4, "refused");
  lab.found(run, "thinpool-unhealthy");
  lab.plannedExactly(run);
  lab.assert.match(await lab.must("dmsetup", "info", lab.pool), /State:\s+SUSPENDED/, "still suspended");
}

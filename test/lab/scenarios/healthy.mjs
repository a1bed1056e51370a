export const about = "a healthy host: nothing found, nothing planned, nothing written";
export const seconds = 30;

export default async function (lab) {
  await lab.capture("samples", "healthy-dev-host");
  const run = await lab.unchangedBy(() => lab.fix());
  lab.ended(run, 0, "healthy");
  lab.assert.deepEqual(lab.problems(run.report), []);
  lab.plannedExactly(run);
  lab.assert.deepEqual(run.report.microvms, []);
  const apply = await lab.fix(["--apply"]);
  lab.ended(apply, 0, "healthy");
  lab.plannedExactly(apply);
}

export const about =
  "a trace of a dry run's system calls on a broken host and on a healthy one: no file opened for writing, nothing made, renamed or removed, no module, no mount";
export const seconds = 90;

export default async function (lab) {
  const healthy = await lab.tracedWrites(["--dry-run"]);
  lab.ended(healthy.run, 0, "healthy");
  lab.assert.deepEqual(healthy.bad, []);
  await lab.losePool();
  lab.setConfig({ "bridge-name": null });
  const broken = await lab.tracedWrites(["--dry-run"]);
  lab.ended(broken.run, 2, "planned");
  lab.assert.deepEqual(broken.bad, []);
  for (const { traced } of [healthy, broken]) lab.assert.ok(traced > 100, `the trace has the calls: ${traced}`);
}

export const about = "macvtap asked of Firecracker: refused by flintlock, no change of the host helps: advice, no finding";
export const seconds = 30;

export default async function (lab) {
  await lab.assert.rejects(lab.createMicrovm("x1", "macvtap", { provider: "firecracker" }), /not supported by the microvm provider/);
  const run = await lab.fix();
  lab.ended(run, 0);
  lab.assert.deepEqual(lab.problems(run.report), []);
  lab.assert.match(JSON.stringify(run.report.advice), /cloudhypervisor|type/i, "the way out");
}

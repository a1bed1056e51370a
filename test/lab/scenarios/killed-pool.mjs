export const about =
  "SIGKILL to the whole process group before and after each step of the pool's cure, and within it: the next run finishes, no loop device leaks";
export const seconds = 400;

export default async function (lab) {
  await lab.losePool();
  const plan = lab.stepIds((await lab.fix(["--dry-run"])).report);
  // Within the pool's own step, too: files that are attached, and no pool yet.
  const moments = ["runs losetup", "runs dmsetup", ...lab.momentsOf(plan)];
  for (const moment of moments) {
    const outcome = await lab.killedAt(["--apply"], moment);
    lab.assert.equal(outcome, "killed", moment);
    const second = await lab.fix(["--apply"]);
    lab.assert.equal(
      second.status,
      0,
      `${moment}: ${JSON.stringify(second.report?.findings?.filter(({ after }) => after !== "healthy"))} ${JSON.stringify(second.report?.plan)} ${second.stderr}`,
    );
    lab.assert.equal((await lab.poolLoops()).length, 2, `${moment}: one loop device for each file`);
    lab.assert.match(await lab.poolLine(), / rw /, moment);
    lab.assert.equal(await lab.pluginStatus(), "ok", moment);
    lab.assert.equal(await lab.serves(), true, moment);
    if (moment !== moments.at(-1)) await lab.losePool();
  }
  const waited = await lab.fix(["--apply", "--wait", "3m"]);
  lab.assert.equal(waited.status, 0, "flintlockd has taken up every MicroVM, also one that it passed over at its last start");
  await lab.untilRuns(["a", "c"], 60_000);
}

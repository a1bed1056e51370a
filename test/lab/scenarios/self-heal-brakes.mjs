import { writeFileSync } from "node:fs";
import { attaching, detachTap, events, setPolicy, stateDir, tapIsAttached } from "../guest/heal.mjs";

export const about =
  "brakes: what cannot be cured spends its budget and opens the breaker, nothing is restarted any more; a cure that does not hold, pause, damaged or unwritable state, a killed attempt";
export const seconds = 150;

const alone = ["--apply", "--unattended=timer"];

export default async function (lab) {
  const run = (words = alone) => lab.fix(words);
  const status = async () => JSON.parse((await lab.fixText(["status", "--json"])).stdout);
  const budgets = async () => (await status()).findings.map(({ finding, attempts }) => [finding, attempts]);
  /** A run alone that only reports: the fault is seen, and stays. */
  const onlyReports = async (what, code) => {
    const reported = await run();
    lab.ended(reported, 4);
    lab.found(reported, "tap-detached");
    lab.refused(reported, code);
    lab.plannedExactly(reported);
    lab.assert.equal(tapIsAttached(), false, `${what}: nothing was done`);
  };
  const alive = lab.running();

  // What cannot be cured: the budget, then the breaker.
  setPolicy("brakes:\n  attempts: 2\n  pause: 1s\n  hold: 10m\nmetrics:\n  textfile: /var/lib/flintlock-fix.prom\n");
  lab.after(() => lab.sh(["rm", "-f", "/var/lib/flintlock-fix.prom"]));
  await detachTap(lab);
  await attaching("exit 2", async () => {
    for (const attempts of [1, 2]) {
      lab.ended(await run(), 3, "unresolved");
      lab.assert.deepEqual(await budgets(), [["tap-detached", attempts]]);
      lab.assert.equal((await status()).mayAct, attempts < 2);
    }
  });
  lab.assert.equal((await events("FLINTLOCK_FIX_EVENT=breaker-opened", "FLINTLOCK_FIX_FINDING=tap-detached")).length, 1);
  lab.assert.match(lab.textOf("/var/lib/flintlock-fix.prom"), /^flintlock_fix_breaker_open 1$/m);
  await onlyReports("the breaker is open", "BREAKER_OPEN");
  lab.assert.match((await lab.fixText(["status"])).stdout, /stopped itself .* ago and only reports: tap-detached is there after 2 attempts/);

  // It is over all: a flintlockd that is green and dead is not restarted either, until a person does it, who is told.
  lab.kill(Number((await lab.unit(lab.containerd)).MainPID), "SIGKILL");
  await lab.until(
    "containerd is back and flintlockd is not",
    async () => (await lab.pluginStatus()) === "ok" && (await lab.unit(lab.flintlockd)).ActiveState === "active" && !(await lab.serves()),
  );
  const dead = (await lab.unit(lab.flintlockd)).InvocationID;
  await onlyReports("the breaker stays open", "BREAKER_OPEN");
  lab.assert.equal((await lab.unit(lab.flintlockd)).InvocationID, dead, "flintlockd was not restarted");
  const byHand = await run(["--apply"]);
  lab.ended(byHand, 0, "fixed");
  lab.planned(byHand, "restart-flintlockd");
  lab.assert.match(JSON.stringify(byHand.report.advice), /automation stopped itself/, "a run by hand is not limited, but told");

  // Resumed, and cured alone; there again at once: the cure did not hold.
  lab.assert.match((await lab.fixText(["resume"])).stdout, /the breaker is closed/);
  await detachTap(lab);
  lab.ended(await run(), 0, "fixed");
  lab.assert.equal(tapIsAttached(), true);
  await detachTap(lab);
  await onlyReports("a cure that did not hold", "BREAKER_OPEN");
  lab.assert.match((await status()).breaker.why, /did not hold/);
  await lab.fixText(["resume"]);

  // Maintenance, with its end.
  const paused = await lab.fixText(["pause", "--for", "1h", "--why", "new disk"]);
  lab.assert.match(paused.stdout, /paused until .*: new disk/);
  await onlyReports("paused", "PAUSED");
  const refused = await run(["--apply"]);
  lab.ended(refused, 4);
  lab.refused(refused, "PAUSED");
  lab.assert.match((await lab.fixText(["status"])).stdout, /paused until .*: new disk/);
  lab.assert.equal((await events("FLINTLOCK_FIX_EVENT=paused")).length, 1);
  lab.ended(await run(["--apply", "--even-if-paused"]), 0, "fixed");
  await lab.fixText(["pause", "--for", "1s", "--why", "a moment"]);
  await lab.pause(1_500);
  await detachTap(lab);
  lab.ended(await run(), 0, "fixed");
  lab.assert.match((await lab.fixText(["resume"])).stdout, /all budgets are full/);

  // A state that cannot be relied on: reported, not acted on.
  await detachTap(lab);
  writeFileSync(`${stateDir}/brakes.json`, '{"schema":"flintlock-fix/brakes/v1","attempts":[');
  await onlyReports("damaged state", "STATE_UNUSABLE");
  lab.assert.equal((await status()).mayAct, false);
  lab.assert.match((await lab.fixText(["resume"])).stdout, /damaged state is gone/);
  await lab.must("chattr", "+i", stateDir);
  lab.after(() => lab.sh(["chattr", "-i", stateDir]));
  await onlyReports("unwritable state", "STATE_UNUSABLE");
  await lab.must("chattr", "-i", stateDir);

  // Killed in the middle of an attempt: it counts.
  await attaching("sleep 10", () => lab.killedAt(alone, "begins attach-tap"));
  lab.assert.deepEqual(await budgets(), [["tap-detached", 1]]);
  const { schema, runs } = JSON.parse((await lab.fixText(["history", "--json"])).stdout);
  lab.assert.equal(schema, "flintlock-fix/history/v1");
  lab.assert.deepEqual([runs[0].exitCode, runs[0].trigger, runs[0].steps[0].outcome], [null, "timer", "cut-off"], "history: it did not come to its end");
  lab.ended(await run(["--apply"]), 0, "fixed");
  lab.assert.deepEqual(lab.running(), alive, "MicroVMs ran through all of it");
}

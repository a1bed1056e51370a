import { writeFileSync } from "node:fs";
import { entries, events, flintlockdDies, ledgerEntries, overrideFlintlockd, setPolicy, stateDir } from "../guest/heal.mjs";

export const about =
  "brakes: what cannot be cured spends its budget and opens the breaker, nothing is started any more; a cure that does not hold, pause, damaged or unwritable state, a killed attempt";
export const seconds = 150;

const alone = ["--apply", "--unattended=timer"];

export default async function (lab) {
  const run = (words = alone) => lab.fix(words);
  const status = async () => JSON.parse((await lab.fixText(["status", "--json"])).stdout);
  const starts = async () => (await entries("_PID=1", `UNIT=${lab.flintlockd}`, "MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5")).length;
  /** A run alone that only reports: the fault is seen, nothing is started. */
  const onlyReports = async (what, code) => {
    const before = await starts();
    const reported = await run();
    lab.ended(reported, 4);
    lab.found(reported, "service-down");
    lab.refused(reported, code);
    lab.assert.deepEqual(
      reported.report.plan.filter(({ outcome }) => outcome !== "not-run" && outcome !== "planned"),
      [],
      `${what}: no step`,
    );
    lab.assert.equal(await starts(), before, `${what}: nothing was started`);
  };
  const alive = lab.running();

  // A flintlockd that cannot be started: the budget, then the breaker.
  setPolicy("brakes:\n  attempts: 2\n  pause: 1s\n  hold: 1m\nmetrics:\n  textfile: /var/lib/flintlock-fix.prom\n");
  lab.after(() => lab.sh(["rm", "-f", "/var/lib/flintlock-fix.prom"]));
  await overrideFlintlockd("ExecStartPre=/bin/false\n");
  await flintlockdDies();
  for (const left of [1, 0]) {
    const failed = await run();
    lab.ended(failed, 3, "unresolved");
    const { findings, mayAct } = await status();
    lab.assert.deepEqual(
      findings.map(({ finding, attempts }) => [finding, attempts]),
      [["service-down", 2 - left]],
    );
    lab.assert.equal(mayAct, left > 0);
  }
  lab.assert.equal((await events("FLINTLOCK_FIX_EVENT=breaker-opened", "FLINTLOCK_FIX_FINDING=service-down")).length, 1);
  lab.assert.match(lab.textOf("/var/lib/flintlock-fix.prom"), /^flintlock_fix_breaker_open 1$/m);
  await onlyReports("the breaker is open", "BREAKER_OPEN");
  await onlyReports("and stays so", "BREAKER_OPEN");
  lab.assert.match((await lab.fixText(["status"])).stdout, /stopped itself .* ago and only reports: service-down is there after 2 attempts/);
  const byHand = await run(["--apply"]);
  lab.ended(byHand, 3);
  lab.assert.match(JSON.stringify(byHand.report.advice), /automation stopped itself/, "a run by hand is not limited, but told");

  // Resumed and curable: cured alone; gone again at once: the cure did not hold.
  await overrideFlintlockd("");
  lab.assert.match((await lab.fixText(["resume"])).stdout, /the breaker is closed/);
  lab.assert.equal((await status()).mayAct, true);
  lab.ended(await run(), 0, "fixed");
  lab.assert.equal(await lab.serves(), true);
  await flintlockdDies();
  await onlyReports("a cure that did not hold", "BREAKER_OPEN");
  lab.assert.match((await status()).breaker.why, /did not hold/);
  await lab.fixText(["resume"]);

  // Maintenance, with its end.
  const paused = await lab.fixText(["pause", "--for", "40s", "--why", "new disk"]);
  const end = Date.now() + 40_000;
  lab.assert.match(paused.stdout, /paused until .*: new disk/);
  await onlyReports("paused", "PAUSED");
  const refused = await run(["--apply"]);
  lab.ended(refused, 4);
  lab.refused(refused, "PAUSED");
  lab.assert.match((await lab.fixText(["status"])).stdout, /paused until .*: new disk/);
  lab.assert.equal((await events("FLINTLOCK_FIX_EVENT=paused")).length, 1);
  if (Date.now() < end) await lab.pause(end - Date.now() + 500);
  lab.ended(await run(), 0, "fixed");
  await lab.fixText(["pause", "--why", "without end"]);
  await flintlockdDies();
  lab.ended(await run(["--apply", "--even-if-paused"]), 0, "fixed");
  lab.assert.match((await lab.fixText(["resume"])).stdout, /the pause is over/);

  // A state that cannot be relied on: reported, not acted on.
  await flintlockdDies();
  writeFileSync(`${stateDir}/brakes.json`, '{"schema":"flintlock-fix/brakes/v1","attempts":[');
  await onlyReports("damaged state", "STATE_UNUSABLE");
  lab.assert.equal((await status()).mayAct, false);
  lab.assert.match((await lab.fixText(["resume"])).stdout, /damaged state is gone/);
  await lab.must("chattr", "+i", stateDir);
  lab.after(() => lab.sh(["chattr", "-i", stateDir]));
  await onlyReports("unwritable state", "STATE_UNUSABLE");
  await lab.must("chattr", "-i", stateDir);

  // Killed in the middle of an attempt: it counts.
  await overrideFlintlockd("ExecStartPre=/bin/sleep 15\n");
  lab.assert.equal(await lab.killedAt(alone, "begins start-flintlockd"), "killed");
  const { findings } = await status();
  lab.assert.deepEqual(
    findings.map(({ finding, attempts }) => [finding, attempts]),
    [["service-down", 1]],
  );
  const runs = JSON.parse((await lab.fixText(["history", "--json"])).stdout);
  lab.assert.equal(runs.schema, "flintlock-fix/history/v1");
  lab.assert.deepEqual([runs.runs[0].exitCode, runs.runs[0].trigger], [null, "timer"], "history: it did not come to its end");
  lab.assert.ok(ledgerEntries().length > 0);
  await lab.until("flintlockd serves", lab.serves, 60_000);
  lab.assert.deepEqual(lab.running(), alive, "MicroVMs ran through all of it");
}

import { chmodSync, writeFileSync } from "node:fs";
import {
  attaching,
  detachTap,
  entries,
  eventOf,
  events,
  install,
  installFor,
  killContainerd,
  nowUs,
  setPolicy,
  stateDir,
  withoutOrder,
} from "../guest/heal.mjs";

export const about =
  "the timer beside a run by hand, and after containerd was killed; what it did: journal with fields and catalog, status, history, notification with retry, metrics";
export const seconds = 170;

const service = "flintlock-fix.service";
const metrics = "/var/lib/flintlock-fix.prom";

export default async function (lab) {
  const alive = lab.running();
  // The first call fails, so there is a second; with the file /var/lib/told/hang it never ends.
  await lab.must("mkdir", "-p", "/var/lib/told");
  writeFileSync(
    "/var/lib/told/tell",
    '#!/bin/sh\nif [ -e /var/lib/told/hang ]; then exec sleep 1000; fi\ncat >>"/var/lib/told/told.$1"\nif [ -e /var/lib/told/once ]; then exit 0; fi\n: >/var/lib/told/once\nexit 7\n',
  );
  chmodSync("/var/lib/told/tell", 0o755);
  lab.after(() => lab.sh(["sh", "-c", `rm -rf /var/lib/told ${metrics}`]));
  setPolicy(
    `notify:\n  command: [/var/lib/told/tell, "a b"]\n  timeout: 3s\n  retries: 1\nmetrics:\n  textfile: ${metrics}\nbrakes:\n  hold: 1s\n  relapses: 20\n`,
  );
  await installFor(lab);
  await withoutOrder();

  // Two at once: one acts, the other one says so with status 5, and a unit that met another run has not failed.
  await lab.must("systemctl", "stop", "flintlock-fix.timer", service);
  const holder = () => lab.textOf("/run/flintlock-fix.lock")?.trim();
  const acts = async (by) => {
    await detachTap(lab);
    const [before, since] = [holder(), nowUs()];
    const run = by();
    await lab.until("it holds the lock", () => holder() !== before && holder() !== "");
    return { run, since };
  };
  await attaching("sleep 6", async () => {
    const hand = await acts(() => lab.startFix(["--apply"]));
    await lab.must("systemctl", "start", service);
    const met = await lab.unit(service);
    lab.assert.deepEqual([met.ExecMainStatus, met.Result, met.ActiveState], ["5", "success", "inactive"], "the timer's run met the hand's");
    lab.assert.equal((await hand.run.done).status, 0);
    const timer = await acts(() => lab.must("systemctl", "start", "--no-block", service));
    const other = await lab.fix(["--apply"]);
    lab.assert.equal(other.status, 5, `the hand's run met the timer's: ${JSON.stringify(other.report)}`);
    await eventOf("cured", timer.since);
    await lab.until("it has ended", async () => (await lab.unit(service)).ActiveState === "inactive");
  });

  // What it did, as a person and a program read it.
  const [cured] = await events("FLINTLOCK_FIX_FINDING=tap-detached", "FLINTLOCK_FIX_EVENT=cured", "FLINTLOCK_FIX_TRIGGER=timer");
  lab.assert.deepEqual(
    [cured["MESSAGE_ID"], cured["SYSLOG_IDENTIFIER"], cured["FLINTLOCK_FIX_OUTCOME"], cured["PRIORITY"]],
    ["8c8eac8f76564d1b90e5ba0c31fcb6ab", "flintlock-fix", "fixed", "5"],
  );
  const steps = await entries("FLINTLOCK_FIX_STEP=attach-tap", `FLINTLOCK_FIX_RUN=${cured["FLINTLOCK_FIX_RUN"]}`);
  lab.assert.deepEqual(
    steps.map((entry) => entry["FLINTLOCK_FIX_OUTCOME"]),
    ["done"],
  );
  const explained = await lab.must("journalctl", "--no-pager", "--boot", "--catalog", "--identifier=flintlock-fix");
  for (const words of ["Subject: flintlock-fix cured tap-detached", "step attach-tap ended (done)", "Subject: flintlock-fix began to act (timer)"])
    lab.assert.ok(explained.includes(words), `journalctl -x explains: ${words}\n${explained}`);
  const status = JSON.parse((await lab.fixText(["status", "--json"])).stdout);
  lab.assert.equal(status.mayAct, true);
  lab.assert.deepEqual(status.lastRuns.map(({ trigger, exitCode, verdict }) => [trigger, exitCode, verdict]).sort(), [
    ["hand", 0, "fixed"],
    ["timer", 0, "fixed"],
  ]);
  const history = JSON.parse((await lab.fixText(["history", "--json"])).stdout);
  lab.assert.deepEqual(
    history.runs.slice(0, 2).map(({ trigger, exitCode, findings }) => [trigger, exitCode, findings]),
    [
      ["timer", 0, ["tap-detached"]],
      ["hand", 0, ["tap-detached"]],
    ],
  );
  lab.assert.match((await lab.fixText(["history"])).stdout, /by timer: fixed \[0\].* tap-detached\n +attach-tap +done/);
  const told = (lab.textOf("/var/lib/told/told.a b") ?? "")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  lab.assert.deepEqual(
    told.map(({ schema, occasion, trigger, report }) => [schema, occasion, trigger, report.verdict]),
    Array.from({ length: 2 }, () => ["flintlock-fix/notice/v1", "cured", "timer", "fixed"]),
    "the command that failed at first was told again, and only of what ran alone",
  );
  lab.assert.match(lab.textOf(metrics), /^flintlock_fix_last_run_exit_status\{trigger="timer"\} 0$/m);
  lab.assert.match(lab.textOf(metrics), /^flintlock_fix_finding\{finding="tap-detached",status="healthy"\} 1$/m);
  lab.assert.match(lab.textOf(metrics), /^flintlock_fix_pool_data_used_ratio\{pool="flintlock-dev-thinpool"\} 0\.\d+$/m);

  // containerd is killed: flintlockd is green and dead until the timer comes.
  writeFileSync("/var/lib/told/hang", "");
  await lab.must("systemctl", "start", "flintlock-fix.timer");
  await lab.until("the timer has looked", async () => (await lab.unit(service)).ActiveState === "inactive", 60_000);
  const killed = await killContainerd(lab);
  const failed = await eventOf("notify-failed", killed, 60_000);
  lab.assert.match(failed["MESSAGE"], /timed out|3 s|no answer|not end/i, "a command that hangs is ended, and said so");
  lab.assert.ok((await events("FLINTLOCK_FIX_TRIGGER=timer", "FLINTLOCK_FIX_EVENT=cured")).some((entry) => Number(entry["__REALTIME_TIMESTAMP"]) > killed));
  lab.assert.deepEqual(lab.running(), alive, "MicroVMs keep their processes");

  // As installed, with the order of the units put right, nothing has to be cured at all.
  await lab.must("systemctl", "stop", "flintlock-fix.timer");
  await lab.until("no run is under way", async () => (await lab.unit(service)).ActiveState === "inactive", 60_000);
  await install();
  await lab.must("systemctl", "stop", "flintlock-fix.timer", service);
  await killContainerd(lab);
  lab.assert.deepEqual(lab.running(), alive);
  lab.assert.equal(await lab.must("stat", "--format", "%a", stateDir), "700");
}

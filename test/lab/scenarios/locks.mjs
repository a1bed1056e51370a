import { writeFileSync } from "node:fs";

export const about = "two, then twenty --apply at once: one acts, the others leave with 5; rubbish, a reused PID and a killed run block nobody";
export const seconds = 120;

const lock = "/run/flintlock-fix.lock";

async function race(lab, count) {
  await lab.must("ip", "link", "set", "dev", lab.linkName("a"), "nomaster");
  const runs = Array.from({ length: count }, () => lab.startFix(["--apply"]));
  const results = await Promise.all(runs.map(({ done }) => done));
  const statuses = results.map(({ status }) => status).sort();
  const acted = results.filter(({ report }) => report?.plan.some(({ outcome }) => outcome === "done"));
  lab.assert.equal(acted.length, 1, `one acted: ${statuses}`);
  for (const { status, stderr, stdout } of results) lab.assert.ok(status === 0 || status === 5, `status ${status}: ${stderr} ${stdout.slice(0, 500)}`);
  lab.assert.ok(
    results.some(({ status }) => status === 5),
    "the others left with 5",
  );
  lab.assert.equal(lab.masterOf(lab.linkName("a")), "br0");
}

export default async function (lab) {
  await race(lab, 2);
  await race(lab, 20);
  for (const rubbish of ["rubbish \u0000\u001b[31m", "1\n", `${process.pid}\n`, "x".repeat(1_000_000)]) {
    writeFileSync(lock, rubbish);
    const run = await lab.fix(["--apply", "--only", "tap-detached"]);
    lab.ended(run, 0);
  }
  const killed = lab.startFix(["--apply"]);
  await lab.until("it holds the lock", () => lab.textOf(lock) === `${killed.pid}\n`, 30_000);
  killed.killGroup();
  await killed.done;
  lab.ended(await lab.fix(["--apply"]), 0);
  await lab.must("mkdir", "-p", "/root/elsewhere");
  lab.ended(await lab.fix(["--apply"], { env: { FLINTLOCK_FIX_LOCK: "/root/elsewhere/lock", FLINTLOCK_FIX_STATE: "/root/elsewhere/state" } }), 0);
  await lab.must("test", "-f", "/root/elsewhere/lock");
}

// Not a test: what can only be measured on a flintlock host, for ./scripts/bench --lab, which reads what this leaves in /lab/left.
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export const about = "bench: a live look against the runbook's own, a journal full of old lines, an apply against the same commands in a script";
export const seconds = 500;
export const needs = "LAB_BENCH";

/** Of the folder bench, as the host sees it. */
const lookUps = "/tools/bench/look-ups.sh";
const timing = "/tools/bench/pair.mjs";
const clock = () => Number(process.hrtime.bigint()) / 1e6;

export default async function (lab) {
  const { pair } = await import(timing);
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  const fix = { argv: lab.argvOf(["--dry-run", "--json"]), env };
  const rows = [];
  const add = (row) => {
    rows.push(row);
    mkdirSync("/lab/left", { recursive: true });
    writeFileSync("/lab/left/bench.json", JSON.stringify(rows, null, 2));
  };

  const empty = pair(fix, { argv: ["node", "-e", "0"], env }, 5);
  add({ name: "live dry run in the lab", against: "node -e 0 there", bar: 1.5, ...empty });
  const look = pair(fix, { argv: ["sh", lookUps], env }, 7);
  add({ name: "live dry run", against: "the runbook's own look-ups in a shell script", bar: 1.3, ...look });
  // Without a UTF-8 locale it refuses to start.
  const ansible = { argv: ["ansible-playbook", "--check", "/tools/bench/look-ups.yaml"], env: { ...env, LC_ALL: "C.UTF-8", HOME: "/root" } };
  const played = pair(fix, ansible, 3);
  add({ name: "live dry run", against: "the same look-ups by ansible-playbook --check", bar: 1 / 3, ...played });
  const [ours, theirs] = [await programs(lab, fix.argv), await programs(lab, ["sh", lookUps])];
  add({ name: "programs started by a live dry run", against: "by the look-ups", bar: 1, a: ours, b: theirs, ratio: ours / theirs, unit: "programs", runs: 1 });

  await fillJournal(lab, 1_000);
  await lab.restartFlintlockd();
  const few = await timed(pair, fix);
  const many = await fillJournal(lab, 1_000_000, 60_000);
  await lab.restartFlintlockd();
  const full = await timed(pair, fix);
  add({ name: `live dry run, ${many} older journal entries`, against: "1000", bar: 1.2, a: full, b: few, ratio: full / few, unit: "ms", runs: 7 });

  const [applied, typed] = [[], []];
  for (let round = 0; round < 2; round += 1) {
    await lab.losePool();
    const begun = clock();
    const run = await lab.fix(["--apply"]);
    applied.push(clock() - begun);
    lab.ended(run, 0, "fixed");
    await runAgain(lab);
    await lab.losePool();
    const { report } = await lab.fix(["--dry-run"]);
    writeFileSync("/root/typed.sh", scriptOf(report.plan));
    const start = clock();
    const { status, stderr } = await lab.sh(["sh", "-e", "/root/typed.sh"], { timeoutMs: 300_000 * lab.slow() });
    typed.push(clock() - start);
    lab.assert.equal(status, 0, stderr);
    await runAgain(lab);
  }
  const [a, b] = [Math.min(...applied), Math.min(...typed)];
  add({ name: "one apply of a lost pool", against: "the same commands in a script", bar: 1.3, a, b, ratio: a / b, unit: "ms", runs: applied.length });
}

const timed = async (pair, fix) => {
  await pause(2_000);
  return pair(fix, { argv: ["true"] }, 7).a;
};

/** Programs that were started, itself included: successful execve(2). */
async function programs(lab, argv) {
  await lab.sh(["strace", "-f", "-qq", "-o", "/root/execs", "-e", "trace=execve", "--", ...argv], { timeoutMs: 300_000 * lab.slow() });
  return (lab.textOf("/root/execs") ?? "").split("\n").filter((line) => / = 0$/.test(line)).length;
}

/** Lines that flintlockd's unit says before its next start; as many as can be written in so many milliseconds. Their number. */
async function fillJournal(lab, count, withinMs = Infinity) {
  const batch = 10_000;
  const line =
    'time="2026-11-24T21:19:12Z" level=info msg="Starting reconciliation" action=microvm_create_update controller=microvm vmid=ns1/a/01M87PFJXRRW02WDHE4H45FEA6';
  writeFileSync("/root/old.log", `${line}\n`.repeat(Math.min(batch, count)));
  const group = "/sys/fs/cgroup/system.slice/flintlockd.service/cgroup.procs";
  let written = 0;
  for (const begun = clock(); written < count && clock() - begun < withinMs; written += Math.min(batch, count))
    await lab.must("sh", "-c", `echo $$ >${group}; exec systemd-cat --identifier=flintlockd cat /root/old.log`);
  const synced = await lab.sh(["journalctl", "--sync"], { timeoutMs: 400_000 * lab.slow() });
  lab.assert.equal(synced.status, 0, "journald has written them all");
  return written;
}

/** A plain restart may pass over a MicroVM whose not_before lies ahead. */
async function runAgain(lab) {
  await lab.fix(["--apply", "--wait", "4m"], { timeoutMs: 300_000 * lab.slow() });
  await lab.untilRuns(["a", "c"], 120_000);
}

/** The plan as a person would type it: argv for argv, a name in braces filled in by what the command before it printed. */
function scriptOf(plan) {
  const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`.replaceAll(/\{([a-z-]+)\}/g, (_, name) => `'"$${name.replaceAll("-", "_")}"'`);
  return plan
    .flatMap(({ commands }) => commands)
    .map((argv) => {
      const text = argv.map(quoted).join(" ");
      const kind = argv[0] === "losetup" && argv.includes("--show") ? (argv.at(-1).endsWith("/data") ? "data_loop" : "meta_loop") : null;
      return kind === null ? text : `${kind}=$(${text})`;
    })
    .join("\n");
}

// Runs scenarios in the host, one after the other, as the runner outside asks for them through files in /lab; see test/lab/host/worker.mjs.

import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as fixing from "./fix.mjs";
import * as host from "./host.mjs";
import { beginRecording } from "./record.mjs";
import { healthy, restore } from "./reference.mjs";
import * as shell from "./sh.mjs";
import { setTimeout as pause } from "node:timers/promises";
import { sh, until } from "./sh.mjs";
import { beginTimes, restored, sums, timeline } from "./times.mjs";
import { wordsFor } from "./words.mjs";

async function run(job) {
  const begun = Date.now();
  beginTimes();
  copyFileSync(job.mutant ? `/tools/${job.mutant}.js` : "/tools/fix.js", fixing.program);
  shell.setSlow(job.slow ?? 1);
  beginRecording(job.record ? job.scenario : null);
  const { lab, undoAll } = wordsFor(job);
  fixing.beginReports(job.scenario);
  let error = null;
  try {
    const scenario = await import(`/tools/scenarios/${job.scenario}.mjs`);
    const part = scenario.boots ? scenario.boots[job.boot].run : scenario.default;
    await Promise.race([part(lab), pause(job.limitMs).then(() => Promise.reject(new Error(`not done within ${job.limitMs / 1000} s`)))]);
  } catch (failure) {
    error = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    if (!job.mutant) await evidence(job.scenario, error).catch((second) => (error += `\n(${second.message})`));
  }
  await undoAll();
  return { scenario: job.scenario, ok: error === null, error, ms: Date.now() - begun };
}

/** What a person needs who looks at a failure without the host. */
async function evidence(scenario, error) {
  const folder = `/lab/failed/${scenario}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/error.txt`, `${error}\n`);
  const last = fixing.lastReport();
  if (last !== null) writeFileSync(`${folder}/report.json`, `${JSON.stringify(last, null, 2)}\n`);
  const questions = {
    "journal.txt": ["journalctl", "--no-pager", "--boot", "--output=short-precise", "--lines=4000"],
    "units.txt": ["systemctl", "--no-pager", "--full", "status", "flintlockd", "containerd-dev"],
    "dm.txt": ["dmsetup", "info"],
    "links.txt": ["ip", "-details", "link"],
    "processes.txt": ["ps", "-eo", "pid,ppid,etimes,args"],
  };
  for (const [file, argv] of Object.entries(questions)) {
    const { stdout, stderr } = await sh(argv, { timeoutMs: 20_000 });
    writeFileSync(`${folder}/${file}`, stdout + stderr);
  }
  writeFileSync(`${folder}/records.json`, `${JSON.stringify(host.records(), null, 1)}\n`);
  if (existsSync("/var/lib/flintlock-fix/ledger.jsonl")) copyFileSync("/var/lib/flintlock-fix/ledger.jsonl", `${folder}/ledger.jsonl`);
}

const answer = (number, value) => {
  writeFileSync(`/lab/answer-${number}.part`, JSON.stringify(value));
  renameSync(`/lab/answer-${number}.part`, `/lab/answer-${number}.json`);
};

async function nextJob(number) {
  for (;;) {
    try {
      return JSON.parse(readFileSync(`/lab/job-${number}.json`, "utf8"));
    } catch {
      await pause(100);
    }
  }
}

mkdirSync("/opt", { recursive: true });
const first = JSON.parse(readFileSync("/lab/host.json", "utf8"));
// On a machine under load containerd comes too late for flintlockd, which then is green and dead: as on any such host, put right by hand.
if (first.ready) await until("the host is ready", healthy, 60_000).catch(() => restore());
answer(0, { ready: true });
for (let number = 1; ; number += 1) {
  const job = await nextJob(number);
  if (job.end) break;
  const result = await run(job);
  if (job.shared) {
    const begun = Date.now();
    try {
      result.restored = await restore();
    } catch (error) {
      result.dirty = error.message;
    }
    restored(begun);
  }
  result.sums = sums();
  mkdirSync("/lab/timelines", { recursive: true });
  appendFileSync(`/lab/timelines/${job.scenario}.txt`, timeline());
  answer(number, result);
  if (result.dirty) break;
}
// Timers of scenarios that ended early would keep this alive.
process.exit(0);

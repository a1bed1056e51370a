// Runs the lab. ./scripts/lab --help says how.

import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { processors } from "./host/cpu.mjs";
import { mutantProgram, mutants } from "./host/mutants.mjs";
import { CannotRun, imageOf, readyDisk, toolsFolder } from "./host/ready.mjs";
import { chosen, scenarios } from "./host/scenarios.mjs";
import { reportCheck } from "./host/schema.mjs";
import { shellIn } from "./host/shell.mjs";
import { Worker } from "./host/worker.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = join(root, ".lab");
const help = `Boots a real flintlock host and runs fix on it.

  ./scripts/lab                   all scenarios
  ./scripts/lab SCENARIO...       these ('config-*': all that begin so)
  ./scripts/lab --list            what there is
  ./scripts/lab --shell [SCENARIO]  a shell on the host, broken by the scenario as it is before its first --apply
  ./scripts/lab --mutant NAME     with a planted bug (or all that are planted for a scenario): passes where the scenario fails; --mutants: all of them
  ./scripts/lab --build           only make the disks; with --mutants only those programs
  --record                        keep captures of the broken and the cured hosts in test/captures and samples
  --retry                         what fails is run once more, alone on a fresh host, and is said to have failed once
  --workers N (hosts at a time)   --summary FILE (counts as JSON)   --program FILE (instead of dist/fix.js)

FLINTLOCKD_BIN=PATH a real flintlockd, CONTAINERD_BIN=FOLDER another containerd and ctr, PROVISION_SCRIPT=PATH a provision.sh,
SUITE=trixie Debian 13 instead of 12. What failed lies in .lab/failed/SCENARIO. Exit status 69: this machine cannot run it.
`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "boolean" },
    shell: { type: "boolean" },
    help: { type: "boolean" },
    build: { type: "boolean" },
    mutant: { type: "string" },
    mutants: { type: "boolean" },
    workers: { type: "string" },
    summary: { type: "string" },
    program: { type: "string" },
    record: { type: "boolean" },
    retry: { type: "boolean" },
  },
});
/** Hosts wait more than they work: two to a processor, where there is memory for them. */
const workersHere = () => Math.max(1, Math.min(2 * availableParallelism(), Math.floor(freemem() / 1.2e9), 4));
const say = (text) => process.stdout.write(`${text}\n`);
const spent = ({ fix, runs, waiting, restore, cpu }) =>
  fix === undefined ? "" : `  (${runs} x fix ${took(fix)}, waiting ${took(waiting)}, put back ${took(restore)}, processor ${took(cpu)})`;
const took = (ms) => `${(ms / 1000).toFixed(0)} s`;

/** Runs jobs, each a scenario and what is special about it: `mutant`, with a planted bug. `onEnd` is told each result. */
async function runJobs(jobs, program, onEnd) {
  const lab = {
    root,
    out,
    image: imageOf(root, out),
    real: Boolean(process.env.FLINTLOCKD_BIN),
    record: values.record === true,
    badReports: reportCheck(root),
    processors: processors(),
  };
  lab.tools = toolsFolder(root, out, program, process.env);
  const tidy = () => rmSync(lab.tools, { recursive: true, force: true });
  process.once("exit", tidy);
  lab.ready = await readyDisk(root, out, lab.image, lab.tools, say);
  for (const { mutant } of jobs) if (mutant) copyFileSync(mutantProgram(root, out, mutant), join(lab.tools, `${mutant.name}.js`));
  const results = [];
  const report = (result) => {
    if (!result.note) results.push(result);
    onEnd(result);
  };
  const queue = [...jobs];
  const count = Math.min(Number(values.workers ?? workersHere()), queue.length);
  await Promise.all(Array.from({ length: count }, (_, i) => new Worker(lab, i, report).work(queue)));
  tidy();
  return results;
}

function told({ name, ok, ms, error, evidence, sums, note }) {
  if (note) return say(`      ${note}`);
  say(`${ok ? "pass" : "FAIL"}  ${name.padEnd(36)} ${took(ms).padStart(6)}${spent(sums)}`);
  return ok || say(`      ${error.split("\n").slice(0, 30).join("\n      ")}\n      see ${evidence}`);
}

/** Those whose `needs` names a variable that is not set are left out. */
const runnable = ({ needs }) => needs === null || Boolean(process.env[needs]);

const runAll = async (words, program) => runJobs(chosen(await scenarios(root), words).filter(runnable), program, told);

async function main() {
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  if (values.help) {
    say(help);
    return 0;
  }
  if (values.list) {
    for (const { name, about, boots } of (await scenarios(root)).sort((x, y) => x.name.localeCompare(y.name)))
      say(`${name.padEnd(36)} ${about}${boots ? ` (${boots.length} ${boots.length === 1 ? "boot" : "boots"} of its own)` : ""}`);
    return 0;
  }
  mkdirSync(out, { recursive: true });
  // Left by runs that were killed.
  for (const name of readdirSync(out)) {
    const pid = /^(?:run|setup)-(\d+)/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(out, name), { recursive: true, force: true });
  }
  const program = values.program ?? join(root, "dist/fix.js");
  if (values.shell) return shellIn({ root, out, program, scenario: positionals[0] ?? null, say });
  if (values.build && !values.mutants) {
    const image = imageOf(root, out);
    const tools = toolsFolder(root, out, program, process.env);
    try {
      await readyDisk(root, out, image, tools, say);
    } finally {
      rmSync(tools, { recursive: true, force: true });
    }
    return 0;
  }
  if (values.mutant || values.mutants) return tryMutants(program);
  const begun = Date.now();
  const left = chosen(await scenarios(root), positionals).filter((scenario) => !runnable(scenario));
  const results = await runAll(positionals, program);
  const again = values.retry ? results.filter(({ ok }) => !ok).map(({ name }) => name) : [];
  if (again.length > 0) {
    say(`failed once, and run again: ${again.join(", ")}`);
    for (const name of again) {
      const [second] = await runAll([name], program);
      if (second) results[results.findIndex((result) => result.name === name)] = second;
    }
  }
  const failed = results.filter(({ ok }) => !ok);
  if (values.summary) {
    mkdirSync(dirname(values.summary), { recursive: true });
    writeFileSync(values.summary, JSON.stringify({ passed: results.length - failed.length, failed: failed.length, skipped: left.length }));
  }
  if (failed.length > 0) say(`failed: ${failed.map(({ name }) => name).join(", ")}; each alone: ./scripts/lab SCENARIO`);
  for (const { name, needs } of left) say(`left out: ${name}: set ${needs}`);
  say(`${results.length - failed.length} passed, ${failed.length} failed, ${left.length} skipped (${took(Date.now() - begun)})`);
  return failed.length > 0 ? 1 : 0;
}

/** A scenario that does not fail with the bug that is planted for it is a defect. */
async function tryMutants(program) {
  const all = mutants(root);
  const list = all.filter(({ name, scenario }) => values.mutants || name === values.mutant || scenario === values.mutant);
  if (values.build) {
    for (const mutant of list) mutantProgram(root, out, mutant);
    return 0;
  }
  if (list.length === 0) throw new Error(`no such mutant: ${values.mutant}; there are: ${all.map(({ name }) => name).join(", ")}`);
  const known = (await scenarios(root)).filter(runnable);
  const jobs = list.map((mutant) => {
    const scenario = known.find(({ name }) => name === mutant.scenario);
    if (!scenario) throw new Error(`mutant ${mutant.name}: no such scenario: ${mutant.scenario}`);
    return { ...scenario, mutant };
  });
  let survived = 0;
  await runJobs(jobs, program, ({ mutant, ok, lost, error, ms, note }) => {
    if (note) return;
    survived += ok || lost ? 1 : 0;
    const { name, scenario, why } = mutant;
    const verdict = ok
      ? `NOT noticed by ${scenario} (${why})`
      : `${lost ? "could not be tried" : "noticed"} by ${scenario}: ${error.split("\n")[0].slice(0, 160)}`;
    say(`${ok || lost ? "FAIL" : "pass"}  ${name.padEnd(36)} ${took(ms).padStart(6)}  ${verdict}`);
  });
  const without = known.filter(({ name }) => values.mutants && !all.some(({ scenario }) => scenario === name)).map(({ name }) => name);
  if (without.length > 0) say(`no bug is planted for: ${without.join(", ")}`);
  say(`${jobs.length - survived} passed, ${survived + without.length} failed`);
  return survived + without.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof CannotRun ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = error instanceof CannotRun ? 69 : 1;
}

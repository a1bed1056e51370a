// Runs the lab. ./scripts/lab --help says how.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutants, mutantProgram } from "./host/mutants.mjs";
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
  ./scripts/lab --mutant NAME     with a planted bug: passes where its scenario fails; --mutants: all of them
  ./scripts/lab --build           only make the disks
  --record                        keep captures of the broken and the cured hosts in test/captures and samples
  --retry                         what fails is run once more, alone on a fresh host, and is said to have failed once
  --workers N (default 2)   --summary FILE (counts as JSON)   --program FILE (instead of dist/fix.js)

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
const say = (text) => process.stdout.write(`${text}\n`);
const took = (ms) => `${(ms / 1000).toFixed(0)} s`;

async function runAll(names, program, { quiet = false } = {}) {
  const all = chosen(await scenarios(root), names);
  const lab = {
    root,
    out,
    image: imageOf(root, out),
    real: Boolean(process.env.FLINTLOCKD_BIN),
    record: values.record === true,
    badReports: reportCheck(root),
  };
  lab.tools = toolsFolder(root, out, program, process.env);
  const results = [];
  const onEnd = () => rmSync(lab.tools, { recursive: true, force: true });
  process.once("exit", onEnd);
  lab.ready = await readyDisk(root, out, lab.image, lab.tools, say);
  const queue = all.filter(({ needs }) => needs === null || process.env[needs]);
  const left = all.length - queue.length;
  const report = (result) => {
    if (result.note) return quiet || say(`      ${result.note}`);
    results.push(result);
    if (quiet) return undefined;
    say(`${result.ok ? "pass" : "FAIL"}  ${result.name.padEnd(36)} ${took(result.ms).padStart(6)}`);
    if (!result.ok) say(`      ${result.error.split("\n").slice(0, 30).join("\n      ")}\n      see ${result.evidence}`);
    return undefined;
  };
  const count = Math.min(Number(values.workers ?? Math.min(2, availableParallelism())), queue.length);
  await Promise.all(Array.from({ length: count }, (_, i) => new Worker(lab, `w${i + 1}`, report).work(queue)));
  onEnd();
  return { results, left };
}

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
  if (values.build) {
    const image = imageOf(root, out);
    const tools = toolsFolder(root, out, program, process.env);
    try {
      await readyDisk(root, out, image, tools, say);
    } finally {
      rmSync(tools, { recursive: true, force: true });
    }
    return 0;
  }
  if (values.mutant || values.mutants) return tryMutants();
  const begun = Date.now();
  const { results, left } = await runAll(positionals, program);
  const again = values.retry ? results.filter(({ ok }) => !ok).map(({ name }) => name) : [];
  if (again.length > 0) {
    say(`failed once, and run again: ${again.join(", ")}`);
    for (const name of again) {
      const [second] = (await runAll([name], program)).results;
      if (second) results[results.findIndex((result) => result.name === name)] = second;
    }
  }
  const failed = results.filter(({ ok }) => !ok);
  if (values.summary) writeFileSync(values.summary, JSON.stringify({ passed: results.length - failed.length, failed: failed.length, skipped: left }));
  if (failed.length > 0) say(`failed: ${failed.map(({ name }) => name).join(", ")}; each alone: ./scripts/lab SCENARIO`);
  say(`${results.length - failed.length} passed, ${failed.length} failed${left > 0 ? `, ${left} skipped` : ""} (${took(Date.now() - begun)})`);
  return failed.length > 0 ? 1 : 0;
}

/** A scenario that does not fail with the bug that is planted for it is a defect. */
async function tryMutants() {
  const list = mutants(root).filter(({ name }) => values.mutants || name === values.mutant);
  if (list.length === 0)
    throw new Error(
      `no such mutant: ${values.mutant}; there are: ${mutants(root)
        .map(({ name }) => name)
        .join(", ")}`,
    );
  let survived = 0;
  for (const mutant of list) {
    const { results } = await runAll([mutant.scenario], mutantProgram(root, out, mutant), { quiet: true });
    const caught = results.some(({ ok }) => !ok);
    if (!caught) survived += 1;
    say(
      `${caught ? "pass" : "FAIL"}  ${mutant.name.padEnd(36)} ${caught ? `noticed by ${mutant.scenario}: ${results[0].error.split("\n")[0].slice(0, 160)}` : `NOT noticed by ${mutant.scenario} (${mutant.why})`}`,
    );
  }
  say(`${list.length - survived} passed, ${survived} failed`);
  return survived > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof CannotRun ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = error instanceof CannotRun ? 69 : 1;
}

/* global performance, setInterval, clearInterval */
// Fuzzes every reader of text from outside, guided by coverage, for a time that is given. ./scripts/fuzz --help

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { bundleTargets } from "./bundle.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = `${root}.fuzz`;
const help = `Feeds mutations of recorded hosts, logs, specs and plans to every reader of text from outside, guided by coverage.

  ./scripts/fuzz [TARGET...]     --list   --seconds N (default 600, shared by the targets)   --seed N (default: the day)
  ./scripts/fuzz TARGET --replay FILE    one input, once

Checked: nothing is thrown but a FixError where one is an answer, time grows no more than linearly, nothing raw is said, no planted
secret is left. What fails lies in .fuzz/TARGET-HASH; moved to test/fuzz/seeds/TARGET/ it is a test. Exit status 1: something failed.
`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean" }, list: { type: "boolean" }, seconds: { type: "string" }, seed: { type: "string" }, replay: { type: "string" } },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
mkdirSync(out, { recursive: true });
const bundle = `${out}/targets.mjs`;
await bundleTargets(bundle);
const { targets } = await import(bundle);
const names = positionals.length > 0 ? positionals : targets.map(({ name }) => name);
if (values.list) {
  process.stdout.write(`${targets.map(({ name }) => name).join("\n")}\n`);
  process.exit(0);
}
const unknown = names.find((name) => !targets.some((target) => target.name === name));
if (unknown !== undefined) {
  process.stderr.write(`there is no target ${unknown}: ${targets.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}
if (values.replay !== undefined) {
  for (const text of (await targets.find(({ name }) => name === names[0]).run(readFileSync(values.replay))) ?? [])
    process.stdout.write(`${JSON.stringify(text)}\n`);
  process.exit(0);
}

/** An input that takes longer has hung. */
const hangMs = 60_000;
const seconds = Number(values.seconds ?? 600) / names.length;
const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));
let failures = 0;

function fail(name, wrong, input) {
  failures += 1;
  const file = `${out}/${name}-${createHash("sha256").update(input).digest("hex").slice(0, 12)}`;
  writeFileSync(file, input);
  process.stdout.write(`FAIL  ${name}: ${wrong}\n      ${file} (${input.length} bytes)\n`);
}

/** Runs the target until its time is over; a thread that hangs is ended, and another goes on for the time that is left. */
async function fuzz(name) {
  const begun = performance.now();
  const known = [];
  for (let round = 0; ; round += 1) {
    const left = seconds - (performance.now() - begun) / 1000;
    if (left <= 0 || round > 5) return;
    const shared = new SharedArrayBuffer(8 + 1024 * 1024);
    const head = new Int32Array(shared, 0, 2);
    const input = () => Buffer.from(Buffer.from(shared).subarray(8, 8 + head[0]));
    const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { bundle, name, seconds: left, seed: seed + round, root, shared, known } });
    const ended = await new Promise((resolve) => {
      let last = 0;
      let since = performance.now();
      const watch = setInterval(() => {
        if (head[1] !== last) [last, since] = [head[1], performance.now()];
        else if (performance.now() - since > hangMs) {
          fail(name, `no answer within ${hangMs / 1000} s`, input());
          worker.terminate();
          resolve(false);
        }
      }, 1_000);
      worker.on("message", (message) => {
        if (message.is === "failure") {
          known.push(message.about);
          fail(name, message.wrong, message.input);
        } else
          process.stdout.write(
            `${name}: ${message.runs} runs, ${message.corpus} inputs kept, ${message.reached} of ${message.arms} branches reached (${message.given} by what it was given)\n`,
          );
      });
      worker.on("error", (error) => {
        fail(name, `the thread ended: ${error.message}`, input());
        resolve(false);
      });
      worker.on("exit", () => {
        clearInterval(watch);
        resolve(true);
      });
    });
    if (ended) return;
  }
}

for (const name of names) await fuzz(name);
process.stdout.write(`seed ${seed}: ${failures} failures\n`);
process.exit(failures > 0 ? 1 : 0);

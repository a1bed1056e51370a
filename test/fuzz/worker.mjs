/* global performance */
// One target in a thread of its own: feeds it, keeps what reaches something new, and tells what went wrong. The input under way
// stands in shared memory, so that one that never comes back is known too.

import { parentPort, workerData } from "node:worker_threads";
import { Mutator } from "./mutate.mjs";

const { bundle, name, seconds, seed, root, shared, known } = workerData;
const { targets, seedsOf } = await import(bundle);
const target = targets.find((each) => each.name === name);
const now = () => performance.now();
const current = new Uint8Array(shared, 8);
/** How long the input under way is, and the how manieth run it is in. */
const head = new Int32Array(shared, 0, 2);
/** Milliseconds of the processor: another program's do not count. */
const worked = () => process.cpuUsage().user / 1000;

/** Every counter of a branch and a function, and which of AFL's buckets of counts were seen. */
const arms = Object.values(globalThis.__coverage__ ?? {}).flatMap(({ b, f }) => [...Object.values(b), f]);
const sizes = arms.map((arm) => Object.keys(arm).length);
const seen = arms.map((_, index) => new Uint8Array(sizes[index]));
const bucket = (count) => (count < 4 ? 1 << (count - 1) : count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128);

function anythingNew() {
  let fresh = false;
  for (let index = 0; index < arms.length; index += 1) {
    const arm = arms[index];
    for (let at = 0; at < sizes[index]; at += 1) {
      const count = arm[at];
      if (!(count > 0)) continue;
      arm[at] = 0;
      const bit = bucket(count);
      if (seen[index][at] & bit) continue;
      seen[index][at] |= bit;
      fresh = true;
    }
  }
  return fresh;
}

const reached = () => seen.reduce((sum, arm) => sum + arm.filter((bits) => bits !== 0).length, 0);
/** What moves a cursor, hides or reorders text; a line feed stays. */
// eslint-disable-next-line no-control-regex
const raw = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

async function once(bytes) {
  head[0] = Math.min(bytes.length, current.length);
  head[1] += 1;
  current.set(bytes.subarray(0, current.length));
  const begun = worked();
  let wrong = null;
  try {
    const said = await target.run(bytes);
    const bad = said?.find((text) => raw.test(text));
    if (bad !== undefined)
      wrong = `raw in the output: ${JSON.stringify(raw.exec(bad)[0])} in ${JSON.stringify(bad.slice(Math.max(0, raw.exec(bad).index - 60), raw.exec(bad).index + 60))}`;
  } catch (error) {
    if (!(target.mayRefuse && error?.constructor?.name?.includes("FixError")))
      wrong = String(error?.stack ?? error)
        .split("\n")
        .slice(0, 4)
        .join(" | ");
  }
  return { ms: worked() - begun, wrong };
}

async function quickest(bytes) {
  let ms = Infinity;
  for (let times = 0; times < 3; times += 1) ms = Math.min(ms, (await once(bytes)).ms);
  return ms;
}

/** Four times the same piece, four times the time: twice that, twice in a row, is no accident of a busy machine. */
async function grows(bytes, mutator) {
  const at = mutator.below(Math.max(1, bytes.length));
  const piece = 1 + mutator.below(40);
  const pumped = (size) => mutator.pump(bytes, at, piece, Math.ceil(size / piece));
  const inputs = [8_192, 32_768, 131_072].map(pumped);
  const [small, middle, large] = inputs;
  if (large.length < 2 * middle.length || middle.length < 2 * small.length) return null;
  // Most are far too quick to be of interest: one run tells.
  if ((await once(middle)).ms < 20) return null;
  const middleMs = await quickest(middle);
  const smallMs = await quickest(small);
  if (middleMs / smallMs < 2 * (middle.length / small.length)) return null;
  const largeMs = await quickest(large);
  if (largeMs / middleMs < 2 * (large.length / middle.length)) return null;
  const figures = [smallMs, middleMs, largeMs].map((ms, index) => `${ms.toFixed(1)} ms for ${inputs[index].length} bytes`);
  return { input: middle, wrong: `more than linear: ${figures.join(", ")}` };
}

const mutator = new Mutator(seed);
const corpus = [];
const told = new Set(known);
let runs = 0;

function report(input, wrong) {
  // The same fault by another input is the same fault.
  const about = wrong.replaceAll(/"[^"]*"|\d+(?:\.\d+)?/g, "…").slice(0, 160);
  if (told.has(about)) return;
  told.add(about);
  parentPort.postMessage({ is: "failure", name, wrong, about, input });
}

async function feed(bytes) {
  runs += 1;
  const { ms, wrong } = await once(bytes);
  const fresh = anythingNew();
  if (wrong !== null) report(bytes, wrong);
  else if (fresh) corpus.push(bytes);
  if (mutator.random() < (fresh ? 0.2 : ms > 20 ? 0.05 : 0.002)) {
    const slow = await grows(bytes, mutator);
    if (slow) report(slow.input, slow.wrong);
    anythingNew();
  }
}

const end = now() + seconds * 1000;
for (const bytes of [new Uint8Array(), ...seedsOf(target, root)]) if (now() < end) await feed(bytes);
const given = reached();
while (now() < end) {
  // The newest finds are the likeliest to lead on.
  const pick = () =>
    (mutator.random() < 0.3 ? corpus[corpus.length - 1 - mutator.below(Math.min(20, corpus.length))] : mutator.one(corpus)) ?? new Uint8Array();
  await feed(mutator.mutate(pick(), pick()).slice(0, target.most));
}
parentPort.postMessage({ is: "end", name, runs, corpus: corpus.length, given, reached: reached(), arms: sizes.reduce((sum, size) => sum + size, 0) });

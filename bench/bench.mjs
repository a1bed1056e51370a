// Prints every ratio, side by side, and writes bench/results.json. Ratios of medians of pairs in one run: no figure here depends
// on how fast the machine is. What needs a flintlock host is measured on this one (--live), or on the lab's (--lab).
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { linesAgainst } from "./lines.mjs";
import { captureOf } from "./microvms.mjs";
import { pair, pairPeak } from "./pair.mjs";
import { hostBelow } from "./state-folder.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const said = (word) => process.argv.includes(word);
const runs = Number(process.env.BENCH_RUNS ?? (said("--quick") ? 5 : 15));
const fix = ["node", join(root, "dist/fix.js")];
const empty = { argv: ["node", "-e", "0"] };
const rebooted = join(root, "samples/rebooted-dev-host");
const healthy = join(root, "samples/healthy-dev-host");
const target = join(root, "bench/results.json");
const before = existsSync(target) ? JSON.parse(readFileSync(target, "utf8")).results : [];
const folder = mkdtempSync(join(tmpdir(), "fix-bench-"));
const results = [];

function measure(name, against, bar, make) {
  try {
    keep({ name, against, bar, ...make() });
  } catch (error) {
    skip(name, against, bar, String(error.message).split("\n")[0]);
  }
}

/** With what was measured before, as a ratio of ratios: above 1 it has become slower. */
function keep({ name, against, bar, ratio, cpu, a, b, unit, runs: count, where }) {
  const met = ratio <= bar;
  const shown = (number) => Number(number.toFixed(1));
  results.push({
    name,
    against,
    ratio: Number(ratio.toFixed(3)),
    ...(cpu && { cpu: Number(cpu.toFixed(3)) }),
    bar,
    met,
    a: shown(a),
    b: shown(b),
    unit,
    runs: count,
    ...(where && { where }),
  });
  const old = before.find((entry) => entry.name === name && entry.against === against)?.ratio;
  const change = old ? `; ${(ratio / old).toFixed(2)} times bench/results.json` : "";
  console.log(
    `${met ? "ok  " : "MISS"}  ${name} : ${against} = ${ratio.toFixed(3)} (bar ${bar}${cpu ? `; of processor time ${cpu.toFixed(3)}` : ""}; medians ${shown(a)} and ${shown(b)} ${unit}${change})`,
  );
}

function skip(name, against, bar, why) {
  results.push({ name, against, bar, skipped: why });
  console.log(`-     ${name} : ${against}: ${why}`);
}

const from = (capture, statuses) => ({ argv: [...fix, "--dry-run", "--json", "--from", capture], statuses });

function need(path) {
  if (!existsSync(path)) throw new Error(`${path} is not there`);
  return path;
}

const here = !said("--only");
if (here) {
  measure("fix --version", "node -e 0", 1.15, () => pair({ argv: [...fix, "--version"] }, empty, runs));
  measure("dry run of the rebooted sample", "node -e 0", 1.5, () => pair(from(need(rebooted), [2]), empty, runs));
  measure("dry run of a healthy capture", "node -e 0", 1.5, () => pair(from(need(healthy), [0]), empty, runs));
  measure("peak memory of a dry run", "node -e 0", 1.6, () => {
    need("/usr/bin/time");
    return pairPeak(from(need(rebooted), [2]), empty, 5);
  });
}
if (here && !said("--quick")) {
  for (const row of linesAgainst(fix, folder)) measure(row.name, row.against, row.bar, row.make);
  // The first of a capture never fails, nor does the one that is a macvtap: one more than the round number has a tenth of it failing.
  const counts = [10_001, 11];
  const captures = counts.map((count) => {
    const path = join(folder, `${count}.json`);
    writeFileSync(path, captureOf(healthy, count));
    return path;
  });
  const [many, few] = captures.map((path) => from(path, [0, 2, 4]));
  measure("a capture of 10000 MicroVMs, 1000 failing", "of 10, 1 failing", 2, () => pair(many, few, 5));
  measure("peak memory, a capture of 10000 MicroVMs", "of 10", 1.5, () => pairPeak(many, few, 3));
  let made;
  const hosts = () =>
    (made ??= captures.map((path, index) => ({
      argv: [...hostBelow(join(folder, `host-${counts[index]}`), readFileSync(path, "utf8"), fix[1]), "--dry-run", "--json"],
      statuses: [0, 2, 4],
    })));
  measure("a host with 10000 MicroVMs in its state folder, 1000 failing", "with 10, 1 failing", 2, () => pair(...hosts(), 5));
  measure("peak memory, a host with 10000 MicroVMs", "with 10", 1.5, () => pairPeak(...hosts(), 3));
}

if (said("--live")) {
  measure("live dry run", "the runbook's own look-ups in a shell script", 1.3, () =>
    pair({ argv: [...fix, "--dry-run", "--json"], statuses: [0, 2, 4] }, { argv: ["sh", join(root, "bench/look-ups.sh")] }, runs),
  );
  measure("live dry run", "the same look-ups by ansible-playbook --check", 1 / 3, () => {
    if (spawnSync("ansible-playbook", ["--version"]).error) throw new Error("ansible-playbook is not installed (package ansible-core)");
    return pair({ argv: [...fix, "--dry-run", "--json"] }, { argv: ["ansible-playbook", "--check", join(root, "bench/look-ups.yaml")] }, 3);
  });
}

if (said("--lab")) {
  const left = join(root, ".lab/left/bench.json");
  rmSync(left, { force: true });
  const { status } = spawnSync(join(root, "scripts/lab"), ["bench"], {
    stdio: "inherit",
    env: { ...process.env, LAB_BENCH: "1", LAB_PACKAGES: "ansible-core" },
  });
  if (status !== 0) console.log(`-     the lab's bench ended with status ${status}`);
  for (const row of existsSync(left) ? JSON.parse(readFileSync(left, "utf8")) : []) keep({ ...row, where: "lab" });
}

// What was not measured this time stays as it was.
const same = (one) => (other) => one.name === other.name && one.against === other.against;
const now = results.map((row) => (row.skipped ? (before.find(same(row)) ?? row) : row));
const kept = before.filter((old) => !results.some(same(old)));
if (!said("--compare") && !said("--quick")) writeFileSync(target, `${JSON.stringify({ node: process.version, results: [...now, ...kept] }, null, 2)}\n`);
rmSync(folder, { recursive: true });

// Prints every ratio that can be measured on any machine, side by side, and writes bench/results.json. Ratios of medians of
// pairs in one run: no figure here depends on how fast the machine is. What needs a flintlock host is measured there: --live.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pair, pairPeak } from "./pair.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const runs = Number(process.env.BENCH_RUNS ?? 15);
const live = process.argv.includes("--live");
const fix = ["node", join(root, "dist/fix.js")];
const empty = { argv: ["node", "-e", "0"] };
const rebooted = join(root, "samples/rebooted-dev-host");
const healthy = join(root, "samples/healthy-dev-host");
const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "fix-bench-"));
const results = [];

function measure(name, against, bar, make) {
  try {
    const { a, b, ratio, unit, runs: count } = make();
    const met = ratio <= bar;
    results.push({ name, against, ratio: Number(ratio.toFixed(3)), bar, met, a: Number(a.toFixed(1)), b: Number(b.toFixed(1)), unit, runs: count });
  } catch (error) {
    results.push({ name, against, bar, skipped: String(error.message).split("\n")[0] });
  }
  const { ratio, a, b, unit, met, skipped } = results.at(-1);
  console.log(skipped ? `-     ${name}: ${skipped}` : `${met ? "ok  " : "MISS"}  ${name} : ${against} = ${ratio} (bar ${bar}; medians ${a} and ${b} ${unit})`);
}

const from = (capture, statuses) => ({ argv: [...fix, "--dry-run", "--json", "--from", capture], statuses });

function need(path) {
  if (!existsSync(path)) throw new Error(`${path} is not there`);
  return path;
}

measure("fix --version", "node -e 0", 1.15, () => pair({ argv: [...fix, "--version"] }, empty, runs));
measure("dry run of the rebooted sample", "node -e 0", 1.5, () => pair(from(need(rebooted), [2]), empty, runs));
measure("dry run of a healthy capture", "node -e 0", 1.5, () => pair(from(need(healthy), [0]), empty, runs));
measure("peak memory of a dry run", "node -e 0", 1.6, () => {
  need("/usr/bin/time");
  return pairPeak(from(need(rebooted), [2]), empty, 5);
});

// A million lines of journal text, one in a thousand a fault, against tools that match the same patterns.
const lines = Number(process.env.BENCH_LINES ?? 1_000_000);
const log = join(folder, "journal.log");
const patterns = JSON.parse(execFileSync(fix[0], [fix[1], "explain", "--json"], { encoding: "utf8" })).flatMap(({ signatures }) =>
  signatures.map(({ pattern }) => pattern),
);
writeFileSync(log, journalText(lines));
measure(`all signatures over ${lines} lines`, "fail2ban-regex (a 50th of the lines, times 50)", 1 / 50, () => {
  if (!has("fail2ban-regex")) throw new Error("fail2ban-regex is not installed (package fail2ban)");
  const part = join(folder, "part.log");
  writeFileSync(part, journalText(lines / 50));
  const filter = join(folder, "filter.conf");
  writeFileSync(filter, `[Definition]\nfailregex = ${patterns.map((pattern) => `^.*(?i:${pattern.replaceAll("%", "%%")}).*<HOST>?`).join("\n            ")}\n`);
  const { a, b, ...rest } = pair({ argv: [...fix, "explain", "--test", log, "--json"] }, { argv: ["fail2ban-regex", part, filter], statuses: [0, 1] }, 3);
  return { ...rest, a, b: b * 50, ratio: a / (b * 50) };
});
measure(`all signatures over ${lines} lines`, "ripgrep, the same patterns", 2, () => {
  if (!has("rg")) throw new Error("rg is not installed (package ripgrep)");
  return pair(
    { argv: [...fix, "explain", "--test", log, "--json"] },
    { argv: ["rg", "--pcre2", "--count", "--ignore-case", ...patterns.flatMap((pattern) => ["-e", pattern]), log] },
    5,
  );
});

if (live) {
  measure("live dry run", "the runbook's own look-ups in a shell script", 1.3, () =>
    pair({ argv: [...fix, "--dry-run", "--json"] }, { argv: ["sh", join(root, "bench/look-ups.sh")] }, runs),
  );
  measure("live dry run", "the same look-ups by ansible-playbook --check", 1 / 3, () => {
    if (!has("ansible-playbook")) throw new Error("ansible-playbook is not installed (package ansible-core)");
    return pair({ argv: [...fix, "--dry-run", "--json"] }, { argv: ["ansible-playbook", "--check", join(root, "bench/look-ups.yaml")] }, 3);
  });
}

const target = join(root, "bench/results.json");
if (existsSync(target)) regressions(JSON.parse(readFileSync(target, "utf8")).results);
if (!process.argv.includes("--compare")) writeFileSync(target, `${JSON.stringify({ node: process.version, results }, null, 2)}\n`);
rmSync(folder, { recursive: true });

/** What was measured before, as a ratio of ratios: above 1 it has become slower. */
function regressions(before) {
  for (const { name, against, ratio } of results) {
    const old = before.find((entry) => entry.name === name && entry.against === against);
    if (ratio && old?.ratio) console.log(`      against bench/results.json: ${(ratio / old.ratio).toFixed(2)} times  (${name})`);
  }
}

function journalText(count) {
  const at = 'Nov 24 21:19:12 flhost flintlockd[812]: time="2026-11-24T21:19:12Z" level=';
  const usual = `${at}info msg="Starting reconciliation" action=microvm_create_update component=app controller=microvm vmid=ns1/a/01M87PFJXRRW02WDHE4H45FEA6`;
  const fault = `${at}error msg="failed to reconcile vmid ns1/a/01M87PFJXRRW02WDHE4H45FEA6: executing plan: executing plan steps: executing steps: executing step runtime_volume_mount: mount images localhost:5000/k:1 for volume use: checking if image localhost:5000/k:1 has been unpacked with snapshotter devmapper: snapshotter not loaded: devmapper: invalid argument" component=app controller=microvm`;
  return `${Array.from({ length: count }, (_, index) => (index % 1000 === 0 ? fault : usual)).join("\n")}\n`;
}

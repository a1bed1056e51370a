// The program under test: dist/fix.js alone, started as cron would, its report kept for the schema check.

import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { kill, sh, slow } from "./sh.mjs";
import { ranFix } from "./times.mjs";

export const program = "/opt/fix.js";

/** cron's PATH, and nothing else of a login. */
const bare = { PATH: "/usr/bin:/bin", HOME: "/root", LC_ALL: "C" };

const kept = { scenario: "none", count: 0, last: null };

/** Goes on after those of the scenario's earlier boots. */
export const beginReports = (scenario) => Object.assign(kept, { scenario, count: earlier(scenario), last: null });

function earlier(scenario) {
  mkdirSync("/lab/reports", { recursive: true });
  return readdirSync("/lab/reports").filter((file) => file.startsWith(`${scenario}.`)).length;
}

export const lastReport = () => kept.last;

export const argvOf = (words) => ["/usr/local/bin/node", program, ...words];

/** Runs fix with --json: { status, report, stdout, stderr, ms }. A report that is no JSON is null. */
export async function fix(words = [], { env = {}, timeoutMs = 300_000 * slow(), under = [] } = {}) {
  const result = await sh([...under, ...argvOf(["--json", ...words])], { env: { ...bare, ...env }, timeoutMs, cwd: "/" });
  ranFix(result.ms);
  const report = keep(words, result);
  return { ...result, report };
}

/** Runs fix as it is said, without --json. */
export const fixText = (words, { env = {}, timeoutMs = 300_000 * slow() } = {}) => sh(argvOf(words), { env: { ...bare, ...env }, timeoutMs, cwd: "/" });

/** Starts fix --json and returns at once: { pid, done, killGroup }. */
export function startFix(words, { env = {} } = {}) {
  const [command, ...args] = argvOf(["--json", ...words]);
  const child = spawn(command, args, { cwd: "/", env: { ...bare, ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (out.stdout += chunk));
  child.stderr.on("data", (chunk) => (out.stderr += chunk));
  const done = new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, ...out, report: parsed(out.stdout) })));
  return { pid: child.pid, done, killGroup: () => kill(-child.pid, "SIGKILL") };
}

function parsed(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

function keep(words, { status, stdout, stderr }) {
  const report = parsed(stdout);
  kept.count += 1;
  kept.last = { words, status, stderr, report: report ?? stdout.slice(0, 10_000) };
  writeFileSync(`/lab/reports/${kept.scenario}.${String(kept.count).padStart(2, "0")}.json`, JSON.stringify(kept.last));
  return report;
}

/** The last run of each trigger, for `fix status` and the metrics: STATE/last-run.json. Losing it loses nothing that counts. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Trigger } from "../policy.ts";
import type { FindingStatus, Report } from "../report.ts";

export interface LastRun {
  trigger: Trigger;
  run: string;
  /** ISO 8601, UTC. */
  at: string;
  durationMs: number;
  exitCode: number;
  verdict: string;
  steps: number;
  findings: { id: string; status: FindingStatus }[];
  waiting: number;
}

export function lastRunOf(report: Report, trigger: Trigger, run: string): LastRun {
  return {
    trigger,
    run,
    at: report.startedAt,
    durationMs: report.durationMs,
    exitCode: report.exitCode,
    verdict: report.verdict,
    steps: report.plan.length,
    findings: report.findings.map(({ id, status, after }) => ({ id, status: after ?? status })),
    waiting: report.microvms.filter(({ state }) => state === "waiting").length,
  };
}

/** Newest first; empty where nothing can be read. */
export function parseLastRuns(text: string): LastRun[] {
  try {
    const value: unknown = JSON.parse(text);
    const runs: unknown[] = typeof value === "object" && value !== null ? Object.values(value) : [];
    return runs.filter(isLastRun).sort((a, b) => b.at.localeCompare(a.at));
  } catch {
    return [];
  }
}

function isLastRun(value: unknown): value is LastRun {
  if (typeof value !== "object" || value === null) return false;
  const { trigger, run, at, durationMs, exitCode, verdict, steps, findings, waiting } = value as Record<string, unknown>;
  const words = [trigger, run, at, verdict].every((word) => typeof word === "string");
  const numbers = [durationMs, exitCode, steps, waiting].every((number) => typeof number === "number");
  const isFinding = (item: unknown): boolean =>
    typeof item === "object" && item !== null && "id" in item && typeof item.id === "string" && "status" in item && typeof item.status === "string";
  return words && numbers && Array.isArray(findings) && findings.every(isFinding);
}

const fileName = "last-run.json";

export function readLastRuns(stateDir: string): LastRun[] {
  try {
    return parseLastRuns(readFileSync(join(stateDir, fileName), "utf8"));
  } catch {
    return [];
  }
}

/** Not synced: it is written at each run, and a disk is not to be woken each minute. */
export function keepLastRun(stateDir: string, last: LastRun): void {
  try {
    const runs = Object.fromEntries([...readLastRuns(stateDir), last].map((run) => [run.trigger, run]));
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const path = join(stateDir, fileName);
    writeFileSync(`${path}.new`, `${JSON.stringify(runs)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // The brakes say what is wrong with the state folder.
  }
}

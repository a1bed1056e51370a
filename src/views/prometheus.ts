/** The report and how automation stands, in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */

import type { PoolUse } from "../detector.ts";
import { pauseAfter } from "../heal/budget.ts";
import type { Standing } from "../heal/standing.ts";
import type { Brakes } from "../policy.ts";
import type { MicrovmState, Report } from "../report.ts";

export interface Measured {
  report: Report;
  pool: PoolUse | null;
  /** Null where a captured host was looked at. */
  standing: Standing | null;
  brakes: Brakes;
  version: string;
}

type Sample = [labels: Record<string, string>, value: number];

export function prometheus(measured: Measured): string {
  return families(measured)
    .filter(([, , samples]) => samples.length > 0)
    .map(
      ([name, help, samples]) =>
        `# HELP flintlock_fix_${name} ${help}\n# TYPE flintlock_fix_${name} gauge\n${samples.map((sample) => line(name, sample)).join("")}`,
    )
    .join("");
}

function families({ report, pool, standing, brakes, version }: Measured): [name: string, help: string, samples: Sample[]][] {
  const statuses = ["healthy", "problem", "unknown"] as const;
  const states: readonly MicrovmState[] = ["running", "waiting", "gave-up", "unknown"];
  const now = report.findings.map(({ id, status, after }) => ({ finding: id, now: after ?? status }));
  return [
    ["info", "Version of flintlock-fix and profile of the host.", [[{ version, profile: report.host.profile }, 1]]],
    [
      "finding",
      "State of each check: 1 for the status that it has.",
      now.flatMap(({ finding, now: is }) => statuses.map((status): Sample => [{ finding, status }, is === status ? 1 : 0])),
    ],
    ["look_timestamp_seconds", "When the host was looked at.", [[{}, Date.parse(report.startedAt) / 1000]]],
    ["look_duration_seconds", "How long that run took.", [[{}, report.durationMs / 1000]]],
    ["exit_status", "Exit status of that run.", [[{}, report.exitCode]]],
    [
      "microvms",
      "MicroVMs that a finding touches, and all that wait, by state.",
      states.map((state): Sample => [{ state }, report.microvms.filter((microvm) => microvm.state === state).length]),
    ],
    ...poolFamilies(pool),
    ...(standing ? standingFamilies(standing, brakes) : []),
  ];
}

function poolFamilies(pool: PoolUse | null): [string, string, Sample[]][] {
  const ratio = (of: "data" | "metadata"): Sample[] => (pool ? [[{ pool: pool.name }, pool[of].used / Math.max(pool[of].total, 1)]] : []);
  return [
    ["pool_data_used_ratio", "Used part of the thin pool's data, 0 to 1.", ratio("data")],
    ["pool_metadata_used_ratio", "Used part of the thin pool's metadata, 0 to 1.", ratio("metadata")],
  ];
}

function standingFamilies({ pause, breaker, problem, budgets, lastRuns }: Standing, brakes: Brakes): [string, string, Sample[]][] {
  const runs = (value: (run: Standing["lastRuns"][number]) => number): Sample[] => lastRuns.map((run): Sample => [{ trigger: run.trigger }, value(run)]);
  return [
    ["last_run_timestamp_seconds", "Begin of the last apply, by what began it.", runs(({ at }) => Date.parse(at) / 1000)],
    ["last_run_duration_seconds", "How long it took.", runs(({ durationMs }) => durationMs / 1000)],
    ["last_run_exit_status", "Its exit status.", runs(({ exitCode }) => exitCode)],
    ["attempts", "Attempts at a finding that count against its budget.", budgets.map(({ finding, used }): Sample => [{ finding }, used])],
    ["attempts_allowed", "Attempts at one finding within the window.", [[{}, brakes.attempts]]],
    [
      "attempt_pause_seconds",
      "Pause that follows the attempts so far.",
      budgets.map(({ finding, used }): Sample => [{ finding }, pauseAfter(used, brakes) / 1000]),
    ],
    ["breaker_open", "1: automation stopped itself and only reports.", [[{}, breaker ? 1 : 0]]],
    ["paused", "1: automatic runs are paused by a person.", [[{}, pause.is === "paused" || pause.is === "unreadable" ? 1 : 0]]],
    ["state_usable", "0: the state of the brakes cannot be relied on, so no unattended run acts.", [[{}, problem === null ? 1 : 0]]],
  ];
}

function line(name: string, [labels, value]: Sample): string {
  const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `flintlock_fix_${name}${shown.length === 0 ? "" : `{${shown.join(",")}}`} ${value}\n`;
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** The report for Nagios and what follows its plugin protocol: one line, performance data, status 0 to 3 (Monitoring Plugins Development Guidelines). */

import type { PoolUse } from "../detector.ts";
import { printable } from "../evidence.ts";
import type { Report } from "../report.ts";

export type NagiosStatus = 0 | 1 | 2 | 3;
const words = { 0: "OK", 1: "WARNING", 2: "CRITICAL", 3: "UNKNOWN" } as const;

/** What a plugin may print at most (Nagios Core: MAX_PLUGIN_OUTPUT_LENGTH is 8 KiB; older ones cut at 4 KiB). */
const maxLine = 3_500;

/** `unobservable`: why nothing could be told; null where something could. */
export function nagios(report: Report, pool: PoolUse | null, unobservable: string | null = null): { line: string; status: NagiosStatus } {
  const now = report.findings.map(({ id, status, after, summary }) => ({ id, status: after ?? status, summary }));
  const sick = now.filter(({ status }) => status === "problem");
  const unknown = now.filter(({ status }) => status === "unknown");
  const waiting = report.microvms.filter(({ state }) => state === "waiting").length;
  const status = statusOf(report, { sick: sick.length, unknown: unknown.length, waiting });
  const [first] = sick;
  const why = [
    ...(first ? [`${sick.map(({ id }) => id).join(", ")}: ${first.summary}`] : []),
    ...(unknown.length > 0 ? [`cannot be told: ${unknown.map(({ id }) => id).join(", ")}`] : []),
    ...(waiting > 0 ? [`${waiting} MicroVM${waiting === 1 ? " waits" : "s wait"} for the next try`] : []),
    ...(first ? [] : report.refusals.slice(0, 1).map(({ message }) => message)),
  ];
  const well = report.verdict === "fixed" ? "fixed, and the second look proves it" : report.exitCode === 3 ? "a step failed" : "healthy";
  const what = unobservable ?? (why.length > 0 ? why.join("; ") : well);
  const host = report.host.name === "" ? "" : `${report.host.name}: `;
  return { line: nagiosLine(status, `${host}${what}`, perfdata(report, pool, { sick: sick.length, unknown: unknown.length, waiting })), status };
}

/** `|` parts the text from the performance data, so none may stand in the text. */
export function nagiosLine(status: NagiosStatus, text: string, data = ""): string {
  const safe = printable(text, maxLine).replaceAll("\n", " ").replaceAll("|", "/");
  return `FLINTLOCK ${words[status]} - ${safe}${data === "" ? "" : ` | ${data}`}\n`;
}

interface Counts {
  sick: number;
  unknown: number;
  waiting: number;
}

function statusOf({ exitCode }: Report, { sick, unknown, waiting }: Counts): NagiosStatus {
  if (sick > 0) return 2;
  if (unknown > 0 || exitCode === 1 || exitCode === 5 || exitCode === 6) return 3;
  return waiting > 0 || exitCode !== 0 ? 1 : 0;
}

/** label=value[UOM];warn;crit;min;max: thresholds are those that the status follows. */
function perfdata({ durationMs }: Report, pool: PoolUse | null, { sick, unknown, waiting }: Counts): string {
  const percent = ({ used, total }: { used: number; total: number }): string => `${((used / Math.max(total, 1)) * 100).toFixed(1)}%;;;0;100`;
  return [
    `problems=${sick};;0;0`,
    `unknown=${unknown};;;0`,
    `waiting=${waiting};0;;0`,
    `time=${(durationMs / 1000).toFixed(3)}s;;;0`,
    ...(pool ? [`pool_data=${percent(pool.data)}`, `pool_metadata=${percent(pool.metadata)}`] : []),
  ].join(" ");
}

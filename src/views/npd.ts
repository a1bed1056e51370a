/**
 * The report for node-problem-detector's custom plugin monitor: exit 0 OK, 1 NonOK, 2 Unknown, and a message on stdout that
 * is trimmed and then cut at 80 bytes by default (docs/custom_plugin_monitor.md; pkg/custompluginmonitor/types: defaultMaxOutputLength).
 */

import type { Report } from "../report.ts";

export type NpdStatus = 0 | 1 | 2;

const maxBytes = 80;

export function npd(report: Report): { line: string; status: NpdStatus } {
  const now = report.findings.map(({ id, status, after }) => ({ id, status: after ?? status }));
  const sick = now.filter(({ status }) => status === "problem").map(({ id }) => id);
  if (sick.length > 0) return { line: npdLine(listed(sick)), status: 1 };
  const unknown = now.filter(({ status }) => status === "unknown").map(({ id }) => id);
  if (unknown.length > 0) return { line: npdLine(listed(["unknown:", ...unknown])), status: 2 };
  if (report.exitCode === 1 || report.exitCode === 5 || report.exitCode === 6)
    return { line: npdLine(report.refusals[0]?.message ?? "could not be looked at"), status: 2 };
  return { line: npdLine("flintlock host is healthy"), status: 0 };
}

/** The same words for the same state: each new message is an event on the node. As many names as fit, then how many more. */
function listed(names: readonly string[]): string {
  for (let shown = names.length; shown > 0; shown -= 1) {
    const text = `${names.slice(0, shown).join(" ")}${shown === names.length ? "" : ` +${names.length - shown}`}`;
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return names[0] ?? "";
}

/** No line break: it would count among the 80 bytes. Printable ASCII takes one byte a character. */
export function npdLine(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7E]+/g, " ")
    .trim()
    .slice(0, maxBytes);
}

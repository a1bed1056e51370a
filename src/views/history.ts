/** `fix history`: the ledger, run by run, newest first. */

import { printable } from "../evidence.ts";
import type { PastRun } from "../facts/history.ts";
import { table } from "./table.ts";

export function historyText(runs: readonly PastRun[], damaged: number): string {
  const blocks = runs.map(({ at, trigger, verdict, exitCode, durationMs, findings, steps }) => {
    const end = exitCode === null ? "did not come to its end" : `${verdict ?? ""} [${exitCode}]`;
    const took = durationMs === null ? "" : `, ${(durationMs / 1000).toFixed(1)} s`;
    const head = `${at}  by ${printable(trigger)}: ${printable(end)}${took}${findings.length === 0 ? "" : `  ${printable(findings.join(", "))}`}`;
    const rows = steps.map(({ step, outcome, title, error }) => [printable(step), printable(outcome), printable(error ?? title)]);
    return rows.length === 0 ? head : `${head}\n${table(rows)}`;
  });
  const note = damaged === 0 ? [] : [`${damaged} lines of the ledger are damaged and were passed over`];
  return `${[...(blocks.length === 0 ? ["nothing was done here yet"] : blocks), ...note].join("\n")}\n`;
}

export function historyJson(runs: readonly PastRun[], damaged: number): string {
  return `${JSON.stringify({ schema: "flintlock-fix/history/v1", damaged, runs }, null, 2)}\n`;
}

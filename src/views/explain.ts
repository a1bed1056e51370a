/** Pages of `fix explain`. */

import type { Remediation } from "../remediation.ts";

export function index(remediations: readonly Remediation[]): string {
  const width = Math.max(...remediations.map(({ id }) => id.length));
  const lines = remediations.map(({ id, means }) => `${id.padEnd(width)}  ${means}`);
  return `${lines.join("\n")}\n\nMore of one: fix explain ID. Which lines of a log mean what: fix explain --test FILE\n`;
}

export function page({ id, means, told, cure, harm, runbook, signatures }: Remediation): string {
  const log = signatures.map(({ unit, pattern }) => `    ${unit}: ${pattern.source}`);
  const parts: [string, string][] = [
    ["What it means", means],
    ["How it is told", told],
    ["What is done", cure],
    ["What that can harm", harm],
    ...(runbook === undefined ? [] : ([["In flintlock's runbook", runbook]] as [string, string][])),
  ];
  const body = parts.map(([heading, text]) => `${heading}\n${wrapped(text, 92)}`).join("\n\n");
  return `${id}\n\n${body}\n${log.length === 0 ? "" : `\nIts lines in the journal\n${log.join("\n")}\n`}`;
}

export function pageData({ id, means, told, cure, harm, runbook, signatures }: Remediation): Record<string, unknown> {
  return {
    id,
    means,
    told,
    cure,
    harm,
    runbook: runbook ?? null,
    signatures: signatures.map(({ name, unit, pattern }) => ({ name, unit, pattern: pattern.source })),
  };
}

export function wrapped(text: string, width: number, indent = "    "): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join("\n");
}

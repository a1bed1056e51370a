/** `fix explain --test FILE|-`: which lines of a log match which finding. */

import { readFileSync } from "node:fs";
import { catalogue } from "../catalogue.generated.ts";
import { FixError, reasonOf } from "../errors.ts";
import { testLog, type Tested } from "../log-test.ts";
import type { ExitStatus } from "../report.ts";
import { signaturesOf } from "../run.ts";
import { oneLine } from "../evidence.ts";
import { print } from "./print.ts";

export function explainTest(path: string, json: boolean): ExitStatus {
  const tested = testLog(read(path), signaturesOf(catalogue), path);
  print(json ? `${JSON.stringify(tested, null, 2)}\n` : textOf(tested));
  return 0;
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    throw new FixError("UNREADABLE", `explain --test ${path}: ${reasonOf(error)}`, "name a file that can be read, or - for standard input", 1, {
      cause: error,
    });
  }
}

const mostShown = 200;

function textOf({ lines, matches, nearMisses }: Tested): string {
  const shown = matches.slice(0, mostShown);
  const width = Math.max(0, ...shown.map(({ finding }) => finding.length));
  const found = shown.map(
    ({ line, finding, microvm }) => `${String(line).padStart(8)}  ${finding.padEnd(width)}${microvm === null ? "" : `  ${oneLine(microvm, 200)}`}`,
  );
  const missed = nearMisses
    .slice(0, mostShown)
    .map(({ line, finding, why }) => `${String(line).padStart(8)}  ${finding === null ? "" : `not ${finding}: `}${why}`);
  const counts = new Map<string, number>();
  for (const { finding } of matches) counts.set(finding, (counts.get(finding) ?? 0) + 1);
  const sums = [...counts].map(([finding, count]) => `${String(count).padStart(8)}  ${finding}`);
  return [
    ...section(`Lines that match (${matches.length})`, found, matches.length),
    ...section(`Near misses (${nearMisses.length})`, missed, nearMisses.length),
    ...section("Findings", sums, sums.length),
    `${lines} lines, ${matches.length} matches`,
    "",
  ].join("\n");
}

function section(title: string, shown: readonly string[], count: number): string[] {
  if (count === 0) return [];
  return [title, ...shown, ...(count > shown.length ? [`          and ${count - shown.length} more (--json has them all)`] : []), ""];
}

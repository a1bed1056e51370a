/**
 * flintlockd's own log file, where `log-output` names one (flintlock: pkg/log/log.go). flintlockd makes its name lower case,
 * and opens it without the right to write: main of July 2026 leaves it empty and complains of that on stderr for each line.
 */

import { sinceBootUs } from "../facts/freshness.ts";
import type { SpokenLine } from "../facts/log-evidence.ts";
import type { Unit } from "../facts/unit.ts";
import { valueOf, type Clock } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface LogFile {
  /** Null where the log goes to the journal. */
  path: string | null;
  lines: SpokenLine[];
  caveats: string[];
}

const tailBytes = 1024 * 1024;

export async function logFile(survey: Survey, clock: Clock, flintlockd: Unit): Promise<LogFile> {
  const output = (valueOf(await survey.settings())?.of("log-output").value ?? "stderr").toLowerCase();
  if (output === "stderr" || output === "stdout" || output === "") return { path: null, lines: [], caveats: [] };
  const path = output.startsWith("/") ? output : `/${output}`;
  const file = await survey.host.ask({ ask: "file", path, tailBytes });
  if (file.kind !== "known") return { path, lines: [], caveats: [`log-output sends flintlockd's log to ${path}, which cannot be read: ${file.why}`] };
  if (file.value.size === 0)
    return {
      path,
      lines: [],
      caveats: [
        `log-output sends flintlockd's log to ${path}, and nothing is in it: flintlockd opens it without the right to write; log-output: stderr brings it into the journal`,
      ],
    };
  const lines = file.value.text.split("\n").slice(file.value.size > tailBytes ? 1 : 0);
  return {
    path,
    caveats: [`flintlockd's log is in ${path}, whose times are its own and follow the clock`],
    lines: lines.flatMap((message) => {
      const at = timeIn(message);
      const monotonicUs = at === null ? null : sinceBootUs(at, clock);
      return monotonicUs === null || at === null
        ? []
        : [{ unit: "flintlockd" as const, unitName: flintlockd.name, monotonicUs, at: new Date(at).toISOString(), message }];
    }),
  };
}

/** `time="2026-11-24T21:18:52Z"`, or the same in JSON. */
function timeIn(line: string): number | null {
  const text = /^(?:time="|\{.{0,4000}?"time":")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))"/.exec(line)?.[1];
  const ms = text === undefined ? NaN : Date.parse(text);
  // To the second: a line of the very second of a start is from after it.
  return Number.isNaN(ms) ? null : ms + 999;
}

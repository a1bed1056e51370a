/** Failures of the tool itself: each names the thing, the reason and the way out. */

import type { ExitStatus } from "./report.ts";

export class FixError extends Error {
  constructor(
    /** Stable, upper case: `USAGE`, `LOCKED`, `BAD_CAPTURE`, … */
    readonly code: string,
    message: string,
    /** What the reader can do about it. */
    readonly hint: string,
    readonly exitCode: ExitStatus = 1,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = "FixError";
  }
}

/** The message of anything that was thrown, for a report line. */
export function reasonOf(thrown: unknown): string {
  return typeof thrown === "object" && thrown !== null && "message" in thrown ? String(thrown.message) : String(thrown);
}

/** `ENOENT`, `EACCES`, … of an error of Node's; empty where it has none. */
export function codeOf(thrown: unknown): string {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
}

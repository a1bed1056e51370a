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
  return thrown instanceof Error ? thrown.message : String(thrown);
}

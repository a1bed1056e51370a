/**
 * What the user asked to see goes to stdout, and this is the one way there. Written straight to the file descriptor:
 * `process.stdout` would load Node's streams first, which costs more than everything else that a report needs.
 */

import { writeSync } from "node:fs";
import { codeOf, FixError, reasonOf } from "../errors.ts";

const stdout = 1;
let underWay = false;

/** Nothing that was printed still waits for its reader. */
export const isWritten = (): boolean => !underWay;

export function print(text: string): void {
  const bytes = Buffer.from(text, "utf8");
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(stdout, bytes, written);
    } catch (error) {
      // A closed pipe (`fix | head`) is the reader's choice, not our failure.
      if (codeOf(error) === "EPIPE") return;
      // A pipe that does not block, and is full: Node's stream waits for its reader.
      if (codeOf(error) !== "EAGAIN")
        throw new FixError("UNWRITTEN", `the output could not be written: ${reasonOf(error)}`, "what was done, if anything, is in: fix history");
      underWay = true;
      process.stdout.write(bytes.subarray(written));
      return;
    }
  }
}

/** From parsed words to the command that does it; failures of the tool itself end here. */

import { FixError, reasonOf } from "../errors.ts";
import type { ExitStatus } from "../report.ts";
import { parseArguments, type Parsed } from "./arguments.ts";

export async function dispatch(argv: readonly string[]): Promise<ExitStatus> {
  try {
    return await run(parseArguments(argv));
  } catch (error) {
    return fail(error);
  }
}

async function run(parsed: Parsed): Promise<ExitStatus> {
  switch (parsed.command) {
    case "shown":
      return parsed.status;
    case "fix":
      return (await import("./fix.ts")).fix(parsed.options);
    case "capture":
      return (await import("./capture.ts")).capture(parsed.options);
    case "explain":
      return (await import("./explain.ts")).explain(parsed.options);
    case "spec":
      return (await import("./spec.ts")).spec(parsed.options);
  }
}

function fail(error: unknown): ExitStatus {
  if (error instanceof FixError) {
    process.stderr.write(`fix: ${error.message}\n${error.hint === "" ? "" : `     ${error.hint}\n`}`);
    return error.exitCode;
  }
  process.stderr.write(`fix: this is a defect of fix itself: ${reasonOf(error)}\n${error instanceof Error ? (error.stack ?? "") : ""}\n`);
  return 1;
}

/** From parsed words to the command that does it; failures of the tool itself end here. */

import { FixError, reasonOf } from "../errors.ts";
import type { ExitStatus } from "../report.ts";
import { parseArguments, type Parsed } from "./arguments.ts";
import { fix } from "./fix.ts";
import { plainArguments } from "./plain-arguments.ts";
import { print } from "./print.ts";

export async function dispatch(argv: readonly string[]): Promise<number> {
  try {
    const parsed = plainArguments(argv) ?? parseArguments(argv);
    const status = await run(parsed);
    return parsed.command === "shown" && status !== 0 ? await inProtocol(argv, "called wrongly: see fix --help", status) : status;
  } catch (error) {
    return inProtocol(argv, reasonOf(error), await fail(error));
  }
}

/** A check that could not even be called is UNKNOWN to Nagios and Unknown to node-problem-detector, said on stdout. */
async function inProtocol(argv: readonly string[], message: string, status: number): Promise<number> {
  const format = argv[argv.indexOf("--format") + 1];
  const named = (name: string): boolean => (argv.includes("--format") && format === name) || argv.includes(`--format=${name}`);
  if (named("nagios")) {
    const { nagiosLine } = await import("../views/nagios.ts");
    print(nagiosLine(3, message));
    return 3;
  }
  if (!named("npd")) return status;
  const { npdLine } = await import("../views/npd.ts");
  print(npdLine(message));
  return 2;
}

async function run(parsed: Parsed): Promise<number> {
  switch (parsed.command) {
    case "shown":
      return parsed.status;
    case "fix":
      return fix(parsed.options);
    case "capture":
      return (await import("./capture.ts")).capture(parsed.options);
    case "explain":
      return (await import("./explain.ts")).explain(parsed.options);
    case "status":
      return (await import("./status.ts")).status(parsed.options);
    case "history":
      return (await import("./history.ts")).history(parsed.options);
    case "pause":
      return (await import("./pause.ts")).pause(parsed.options);
    case "resume":
      return (await import("./pause.ts")).resume();
    case "install":
      return (await import("./install.ts")).install(parsed.options);
    case "uninstall":
      return (await import("./install.ts")).uninstall(parsed.options);
    case "watch":
      return (await import("./watch.ts")).watch(parsed.options);
    case "spec":
      return (await import("./spec.ts")).spec(parsed.options);
  }
}

/** A message may quote what a file holds. */
async function fail(error: unknown): Promise<ExitStatus> {
  const { maskSecrets, printable } = await import("../evidence.ts");
  if (error instanceof FixError) {
    process.stderr.write(`fix: ${printable(maskSecrets(error.message))}\n${error.hint === "" ? "" : `     ${error.hint}\n`}`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  process.stderr.write(`fix: this is a defect of fix itself: ${printable(maskSecrets(`${reasonOf(error)}\n${stack}`))}\n`);
  return 1;
}

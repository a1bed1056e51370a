/** The command line: what may be said, and what contradicts itself. The one importer of commander. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { milliseconds } from "../duration.ts";
import { FixError } from "../errors.ts";
import type { ExitStatus } from "../report.ts";
import { version } from "../version.ts";
import { fixOptions, type FixOptions } from "./fix-options.ts";
import { mainOptions as mainOptionTable } from "./main-options.ts";
import { specCommands, type SpecParsed } from "./spec-arguments.ts";
import { didYouMean } from "./nearest.ts";
import { healCommands, type HealParsed } from "./heal-arguments.ts";

export { type Command, Option } from "commander";
export type { FixOptions } from "./fix-options.ts";

export interface CaptureOptions {
  output: string;
  config: string | null;
  timeout?: number;
}

export interface ExplainOptions {
  id: string | null;
  test: string | null;
  policy: boolean;
  json: boolean;
  config: string | null;
}

export type Parsed =
  /** Help or the version was printed, or a usage error was. */
  | { command: "shown"; status: ExitStatus }
  | { command: "fix"; options: FixOptions }
  | { command: "capture"; options: CaptureOptions }
  | { command: "explain"; options: ExplainOptions }
  | SpecParsed
  | HealParsed;

/** In milliseconds. */
export function duration(text: string): number {
  const ms = milliseconds(text);
  if (ms === null) throw new InvalidArgumentError("A duration is a number and a unit, ten years at most: 90s, 5m, 2h.");
  return ms;
}

/** Takes `--only a b`, `--only a,b` and `--only a --only b`. */
function list(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(",").filter((item) => item !== "")];
}

export function parseArguments(argv: readonly string[]): Parsed {
  let parsed: Parsed = { command: "shown", status: 0 };
  const program = build((result) => {
    parsed = result;
  });
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { command: "shown", status: error.exitCode === 0 ? 0 : 1 };
    throw error;
  }
  return parsed;
}

function build(done: (parsed: Parsed) => void): Command {
  const program = new Command("fix")
    .usage("[options] [command]")
    .description("Finds, explains and repairs the known faults of a flintlock host. Without --apply nothing is changed.")
    .version(version, "-V, --version")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(fix --help tells all words)")
    .allowExcessArguments(false)
    .enablePositionalOptions();
  mainOptions(program);
  program.hook("preSubcommand", (main, command) => {
    const said = main.options.find((option) => main.getOptionValueSource(option.attributeName()) === "cli");
    if (said === undefined) return;
    const own = command.options.some(({ long }) => long === said.long);
    const flag = said.long ?? said.flags;
    throw usage(
      `${flag} stands before ${command.name()}, where it says nothing to it`,
      own ? `say it after: fix ${command.name()} ${flag}` : `leave it out: fix ${command.name()} takes no ${flag}`,
    );
  });
  // Whatever is no command lands here, and is told which one was meant.
  program.argument("[command]");
  program.action((word: string | undefined, options: Record<string, unknown>) => {
    if (word !== undefined)
      throw usage(
        `${JSON.stringify(word)} is no command`,
        `${didYouMean(
          word,
          program.commands.map((command) => command.name()),
        )}All commands: fix --help`,
      );
    done({ command: "fix", options: fixOptions(options) });
  });

  program
    .command("capture")
    .description("save everything that a look reads, secrets masked, for --from and for a bug report")
    .requiredOption("-o, --output <file>", "the capture to write")
    .option("--config <file>", "policy file")
    .addOption(new Option("--timeout <duration>", "bound of the whole look").argParser(duration))
    .action((options: { output: string; config?: string; timeout?: number }) => done({ command: "capture", options: { config: null, ...options } }));

  program
    .command("explain")
    .description("what each fault means, how it is told, what is done about it and what that can harm")
    .argument("[id]", "a finding")
    .option("--test <file>", "which lines of a log match which finding; - for standard input")
    .option("--policy", "the policy in force, and where each value comes from")
    .option("--json", "as JSON")
    .option("--config <file>", "policy file")
    .action((id: string | undefined, options: { test?: string; policy?: boolean; json?: boolean; config?: string }) => {
      if ([id, options.test, options.policy].filter((word) => word !== undefined).length > 1)
        throw usage("explain takes one of: an ID, --test FILE, --policy", "say which one");
      done({
        command: "explain",
        options: { id: id ?? null, test: options.test ?? null, policy: options.policy ?? false, json: options.json ?? false, config: options.config ?? null },
      });
    });
  specCommands(program, done);
  healCommands(program, done);
  return program;
}

function mainOptions(program: Command): void {
  for (const { flags, about, takes, preset } of mainOptionTable) {
    const option = new Option(flags, about);
    if (takes === "list") option.argParser(list);
    else if (takes === "duration") option.argParser(duration);
    else if (typeof takes !== "string") option.choices(takes);
    if (preset !== undefined) option.preset(preset);
    program.addOption(option);
  }
}

const usage = (message: string, hint: string): FixError => new FixError("USAGE", message, hint);

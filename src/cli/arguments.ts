/** The command line: what may be said, and what contradicts itself. The one importer of commander. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { FixError } from "../errors.ts";
import type { Trigger } from "../policy.ts";
import type { ExitStatus } from "../report.ts";
import { version } from "../version.ts";
import { specCommands, type SpecParsed } from "./spec-arguments.ts";
import { nearest } from "./nearest.ts";
import { healCommands, type HealParsed } from "./heal-arguments.ts";

export { type Command, Option } from "commander";

export interface FixOptions {
  apply: boolean;
  json: boolean;
  format: "text" | "json" | "nagios" | "npd" | "prometheus";
  from: string | null;
  plan: string | null;
  savePlan: string | null;
  evenIfPaused: boolean;
  /** Nobody attends: policy and brakes decide what may be done. Null: run by a person. */
  unattended: Exclude<Trigger, "hand"> | null;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  config: string | null;
  /** Of these only what was said: the rest comes from the policy file or its defaults. */
  only?: string[];
  skip?: string[];
  profile?: "auto" | "dev" | "prod";
  bridgeName?: string;
  parentIface?: string;
  disk?: string;
  allow?: string[];
  provisioner?: "native" | "script";
  provisionScript?: string;
  /** Milliseconds. */
  timeout?: number;
  wait?: number;
}

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

const triggers = ["boot", "timer", "cron", "watch"] as const;

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `2h` as milliseconds. */
export function duration(text: string): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(digits) * (units[unit ?? ""] ?? NaN);
  if (!Number.isFinite(ms) || ms <= 0) throw new InvalidArgumentError("A duration is a number and a unit: 90s, 5m, 2h.");
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
    .description("Finds, explains and repairs the known faults of a flintlock host. Without --apply nothing is changed.")
    .version(version, "-V, --version")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(fix --help tells all words)")
    .allowExcessArguments(false)
    .enablePositionalOptions();
  mainOptions(program);
  // Whatever is no command lands here, and is told which one was meant.
  program.argument("[command]");
  program.action((word: string | undefined, options: Record<string, unknown>) => {
    if (word !== undefined)
      throw usage(
        `${JSON.stringify(word)} is no command`,
        `did you mean ${nearest(
          word,
          program.commands.map((command) => command.name()),
        )}? All commands: fix --help`,
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
  const choice = (flags: string, about: string, choices: string[]): Option => new Option(flags, about).choices(choices);
  program
    .option("--dry-run", "look and plan, change nothing (the default)")
    .option("--apply", "carry the plan out, then look again")
    .option("--json", "the report as one JSON document (--format json)")
    .addOption(choice("--format <format>", "how the report is printed", ["text", "json", "nagios", "npd", "prometheus"]))
    .option("--from <capture>", "look at a captured host instead of this one")
    .option("--save-plan <file>", "dry run: save the plan for --apply --plan")
    .option("--plan <file>", "apply: carry out exactly this saved plan, or refuse")
    .addOption(new Option("--only <id...>", "only these checks").argParser(list))
    .addOption(new Option("--skip <id...>", "not these checks").argParser(list))
    .addOption(choice("--profile <profile>", "what kind of host this is", ["auto", "dev", "prod"]))
    .option("--bridge-name <name>", "bridge to use where the host does not work as it is")
    .option("--parent-iface <name>", "parent interface to use where the host does not work as it is")
    .option("--disk <path>", "disk for provision-direct-lvm")
    .addOption(new Option("--allow <what...>", "consent: destructive, packages").argParser(list))
    .addOption(choice("--provisioner <which>", "make the pool natively or with a provision.sh", ["native", "script"]))
    .option("--provision-script <path>", "the provision.sh for --provisioner script")
    .option("--config <file>", "policy file (default /etc/flintlock-fix/policy.yaml)")
    .addOption(new Option("--timeout <duration>", "bound of each whole look (default 90s)").argParser(duration))
    .addOption(new Option("--wait <duration>", "stay until every waiting MicroVM was tried again").argParser(duration))
    .option("--even-if-paused", "apply although automatic runs are paused")
    .addOption(choice("--unattended [trigger]", "apply as automation does: within its policy and brakes", [...triggers]).preset("timer"))
    .option("--quiet", "print nothing when all is well")
    .option("--verbose", "healthy checks, all evidence and the log too")
    .option("--no-color", "no colour");
}

type Raw = Partial<Omit<FixOptions, "from" | "plan" | "savePlan" | "config">> & {
  dryRun?: boolean;
  from?: string;
  plan?: string;
  savePlan?: string;
  config?: string;
};

function fixOptions(options: Record<string, unknown>): FixOptions {
  const { dryRun, ...said } = options as Raw;
  contradictions({ ...said, ...(dryRun === undefined ? {} : { dryRun }) });
  const format = said.json === true ? "json" : (said.format ?? "text");
  return {
    ...said,
    apply: said.apply ?? false,
    json: format === "json",
    format,
    from: said.from ?? null,
    plan: said.plan ?? null,
    savePlan: said.savePlan ?? null,
    evenIfPaused: said.evenIfPaused ?? false,
    unattended: said.unattended ?? null,
    quiet: said.quiet ?? false,
    verbose: said.verbose ?? false,
    color: said.color ?? true,
    config: said.config ?? null,
  };
}

const usage = (message: string, hint: string): FixError => new FixError("USAGE", message, hint);

/** Words that cannot both be meant, and words that are none. */
function contradictions(said: Raw): void {
  if (said.apply === true && said.dryRun === true) throw usage("--apply and --dry-run contradict each other", "leave one out");
  if (said.apply === true && said.from !== undefined)
    throw usage("--apply cannot act on a capture (--from)", "leave --apply out, or run it on the host itself");
  if (said.plan !== undefined && said.apply !== true)
    throw usage("--plan is carried out only by --apply", "fix --apply --plan FILE; a dry run saves one with --save-plan FILE");
  if (said.savePlan !== undefined && said.apply === true)
    throw usage("--save-plan belongs to a dry run", "fix --dry-run --save-plan FILE, then fix --apply --plan FILE");
  if (said.savePlan !== undefined && said.from !== undefined)
    throw usage("--save-plan cannot save a plan for a captured host", "make the plan on the host itself");
  if (said.json === true && said.format !== undefined && said.format !== "json")
    throw usage(`--json and --format ${said.format} contradict each other`, "leave one out");
  if (said.unattended && said.apply !== true) throw usage("--unattended is about an apply", "fix --apply --unattended, or leave it out");
  if (said.unattended && (said.evenIfPaused === true || said.plan !== undefined || said.allow?.includes("destructive") === true))
    throw usage("--unattended takes no consent: not with --even-if-paused, --plan or --allow destructive", "leave --unattended out to act by hand");
  if (said.quiet === true && said.verbose === true) throw usage("--quiet and --verbose contradict each other", "leave one out");
  const both = said.only?.find((id) => said.skip?.includes(id));
  if (both !== undefined) throw usage(`${both} is both in --only and in --skip`, "leave one out");
  const odd = said.allow?.find((what) => what !== "destructive" && what !== "packages");
  if (odd !== undefined) throw usage(`--allow ${odd} is unknown`, "--allow destructive, --allow packages");
  if (said.provisioner === "script" && said.provisionScript === undefined)
    throw usage("--provisioner script needs the script", "add --provision-script /absolute/path/provision.sh");
  if (said.provisionScript !== undefined && said.provisioner !== "script")
    throw usage("--provision-script is used only with --provisioner script", "add --provisioner script");
  for (const [flag, path] of [
    ["--provision-script", said.provisionScript],
    ["--disk", said.disk],
  ] as const) {
    if (path !== undefined && !path.startsWith("/")) throw usage(`${flag} ${path} is not an absolute path`, `${flag} /…`);
  }
}

/** The words of `fix spec check` and `fix spec patch`. */

import { Option, type Command } from "./arguments.ts";
import { FixError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import type { SpecArguments } from "./spec.ts";

export interface SpecParsed {
  command: "spec";
  options: SpecArguments;
}

/** For `--help`: the exit status of both commands (src/spec/status.ts). */
const specHelp = `
Without --type and --bridge, patch changes what the host cannot serve to what it can, where that is one thing.

Exit status:
  0  nothing is wrong (or, after --write, nothing is any more)
  1  wrong call, or a file that cannot be read or does not parse; nothing is written then
  2  something is wrong and patch can mend it, or there is something to write with --write
  3  written, and at least one fault is still there
  4  something is wrong that needs a decision: several ways, none, or a value that cannot be guessed
  6  the host could not be looked at well enough (no flintlock host at all is no obstacle)`;

interface Raw {
  type?: "macvtap" | "tap";
  bridge?: string;
  interface?: string[];
  write?: boolean;
  fixTabs?: boolean;
  rename?: string;
  format?: "text" | "json" | "sarif" | "github";
  json?: boolean;
  from?: string;
  config?: string;
  color?: boolean;
}

export function specCommands(program: Command, done: (parsed: SpecParsed) => void): void {
  const spec = program
    .command("spec")
    .description("MicroVM specs (flintlock JSON, CAPMVM YAML) against what a host can serve")
    .argument("[command]")
    .allowExcessArguments(true);
  spec.action((word: string | undefined) => {
    const which = word === undefined ? "check or patch? " : didYouMean(word, ["check", "patch"]);
    throw new FixError(
      "USAGE",
      word === undefined ? "fix spec: a command is missing" : `fix spec ${word}: no such command`,
      `${which}fix spec check FILE…, fix spec patch FILE…`,
    );
  });
  const check = spec.command("check").description("what this host, the policy or a capture cannot serve, by file, line and column");
  const patch = spec.command("patch").description("the change as a diff; with --write it is made");
  // Taken by both, so that check can say whose words these are.
  for (const option of patchOptions()) patch.addOption(option);
  for (const option of patchOptions()) check.addOption(option.hideHelp());
  looked(check, "check", done);
  looked(patch, "patch", done);
}

const patchOptions = (): Option[] => [
  new Option("--type <type>", "set this type, by interface name, all but eth0").choices(["macvtap", "tap"]),
  new Option("--bridge <name>", "set this bridge on tap interfaces"),
  // Not variadic: what follows it may be a file.
  new Option("--interface <name>", "only this interface; several by commas, or by saying it again").argParser(names),
  new Option("--write", "edit the files"),
  new Option("--fix-tabs", "spaces for the tabs in YAML's indentation"),
  new Option("--rename <name>", "a new name for each MicrovmMachineTemplate that is changed; * is the old one"),
];

const names = (value: string, before: string[] | undefined): string[] => [...(before ?? []), ...value.split(",").filter((name) => name !== "")];

function looked(command: Command, action: SpecArguments["action"], done: (parsed: SpecParsed) => void): void {
  command
    .argument("<files...>", "files, folders, globs; - for standard input")
    .addOption(new Option("--format <format>", "how it is printed").choices(["text", "json", "sarif", "github"]))
    .option("--json", "as JSON")
    .option("--from <capture>", "against a captured host instead of this one")
    .option("--config <file>", "policy file")
    .option("--no-color", "no colour")
    .addHelpText("after", specHelp)
    .action((files: string[], raw: Raw) => done({ command: "spec", options: specArguments(action, files, raw) }));
}

function specArguments(action: SpecArguments["action"], files: string[], raw: Raw): SpecArguments {
  if (raw.json === true && raw.format !== undefined && raw.format !== "json")
    throw new FixError("USAGE", `--json and --format ${raw.format} contradict each other`, "leave one out");
  return {
    action,
    files,
    type: raw.type ?? null,
    bridge: raw.bridge ?? null,
    interfaces: raw.interface ?? [],
    write: raw.write ?? false,
    fixTabs: raw.fixTabs ?? false,
    rename: raw.rename ?? null,
    format: raw.json === true ? "json" : (raw.format ?? "text"),
    from: raw.from ?? null,
    config: raw.config ?? null,
    color: raw.color ?? true,
  };
}

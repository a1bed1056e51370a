/** `fix spec check FILE…` and `fix spec patch FILE…`: MicroVM specs against what a host can serve. */

import { fstatSync } from "node:fs";
import { catalogue } from "../catalogue.generated.ts";
import { FixError, reasonOf } from "../errors.ts";
import { LinuxHost } from "../host/linux.ts";
import type { ExitStatus } from "../report.ts";
import { assemble, type Assembled, type Asked } from "../spec/assemble.ts";
import { hostAbility, type HostAbility } from "../spec/host-ability.ts";
import type { SpecReport } from "../spec/report.ts";
import { readSource, type Source } from "../spec/source.ts";
import { judgeSpecs } from "../spec/status.ts";
import { oneLine, printable } from "../evidence.ts";
import { Survey } from "../survey/survey.ts";
import { version } from "../version.ts";
import { capturedHost } from "./fix.ts";
import { interfaceName, policyInForce } from "./policy-of.ts";
import { print } from "./print.ts";
import { readSpecFiles } from "./spec-files.ts";

export interface SpecArguments {
  action: "check" | "patch";
  /** FILE…: files, folders, globs; `-` is standard input. At least one. */
  files: string[];
  /** --type macvtap|tap: option A of the runbook. */
  type: "macvtap" | "tap" | null;
  /** --bridge NAME: option C; of taps. */
  bridge: string | null;
  /** --interface NAME…: which of them; empty: all but eth0. */
  interfaces: string[];
  /** --write: edit the files; without it a diff is shown. From standard input the patched text goes to standard output. */
  write: boolean;
  /** --fix-tabs: spaces for the tabs in YAML's indentation; alone, that is all that is changed. */
  fixTabs: boolean;
  /** --rename NAME: a new name for each MicrovmMachineTemplate that is changed; `*` is the old one. */
  rename: string | null;
  /** --format text|json|sarif|github; --json is --format json. */
  format: "text" | "json" | "sarif" | "github";
  /** --from CAPTURE: against a captured host. */
  from: string | null;
  /** --config FILE: the policy. */
  config: string | null;
  /** --no-color */
  color?: boolean;
}

/** `out`: where what was asked for goes. */
export async function spec(args: SpecArguments, out: (text: string) => void = print): Promise<ExitStatus> {
  contradictions(args);
  const ability = await abilityFor(args);
  const asked: Asked = {
    mode: args.action,
    ask: { type: args.type, bridge: args.bridge, interfaces: args.interfaces, rename: args.rename },
    fixTabs: args.fixTabs,
  };
  let input = "";
  const assembled = assemble(
    sources(args.files, (text) => {
      input = text;
    }),
    asked,
    ability,
  );
  if (assembled.missing.length > 0)
    throw usage(
      `--interface ${assembled.missing.map((name) => printable(name)).join(" ")}: no spec has such an interface`,
      "fix spec check FILE shows the interfaces",
    );
  const report = args.write && assembled.report.exitCode !== 1 ? await written(assembled) : assembled.report;
  await tell(report, args, out, assembled.edits.find(({ name }) => name === "-")?.after ?? input);
  return report.exitCode;
}

/** `seen`: what standard input held, which a patch prints whether it changes or not. */
function* sources(files: readonly string[], seen: (text: string) => void): Generator<Source> {
  for (const { name, text } of readSpecFiles(files)) {
    if (name === "-") seen(text);
    yield readSource(name, text);
  }
}

const usage = (message: string, hint: string): FixError => new FixError("USAGE", message, hint);

function contradictions({ action, files, type, bridge, interfaces, write, fixTabs, rename, format }: SpecArguments): void {
  if (files.length === 0) throw usage(`fix spec ${action} needs files`, "name files, folders or globs, or - for standard input");
  if (action === "check") {
    const wrong = Object.entries({
      "--type": type !== null,
      "--bridge": bridge !== null,
      "--interface": interfaces.length > 0,
      "--write": write,
      "--fix-tabs": fixTabs,
      "--rename": rename !== null,
    }).find(([, given]) => given);
    if (wrong) throw usage(`${wrong[0]} belongs to patch, and check changes nothing`, "fix spec patch …");
  }
  if (bridge !== null) interfaceName(bridge, "--bridge");
  if (bridge !== null && type === "macvtap")
    throw usage("--bridge and --type macvtap contradict each other: a macvtap has a parent, and no bridge", "--type tap --bridge NAME");
  if (rename !== null && !/^[a-z0-9*](?:[a-z0-9.*-]{0,251}[a-z0-9*])?$/.test(rename))
    throw usage(`--rename ${JSON.stringify(rename)} cannot be the name of a Kubernetes object`, "small letters, digits, - and .; * stands for the old name");
  if (write && files.includes("-") && (format !== "text" || files.length > 1))
    throw usage("--write with - prints the patched text, and nothing else can be printed then", "leave --write out, or name a file");
}

async function abilityFor({ from, config }: SpecArguments): Promise<HostAbility> {
  const { policy } = policyInForce(
    { config },
    catalogue.map(({ id }) => id),
  );
  if (from !== null) return hostAbility(new Survey(capturedHost(from), policy, []), "the captured host");
  return hostAbility(new Survey(LinuxHost.within(policy.timeoutMs), policy, []));
}

async function written({ report, edits, circumstances }: Assembled): Promise<SpecReport> {
  const { writeSpec } = await import("./spec-write.ts");
  const files = report.files.map((file) => ({ ...file }));
  const failed: SpecReport["refusals"] = [];
  for (const { index, name, before, after } of edits) {
    try {
      if (name !== "-") writeSpec(name, before, after);
      const file = files[index];
      if (file) file.written = true;
    } catch (error) {
      failed.push({
        file: name,
        line: 1,
        column: 1,
        code: "WRITE_FAILED",
        interface: null,
        message: `it could not be written: ${reasonOf(error)}`,
        hint: "the file is as it was",
      });
    }
  }
  const [first] = failed;
  if (first && failed.length === edits.length) throw new FixError(first.code, `${first.file}: ${first.message}`, "nothing was written");
  const place = new Map(files.map(({ file }, index) => [file, index]));
  const refusals = [...report.refusals, ...failed].sort((a, b) => (place.get(a.file) ?? 0) - (place.get(b.file) ?? 0));
  const told = { ...report, files, refusals };
  return { ...told, ...judgeSpecs(told, { ...circumstances, wrote: { files: edits.length - failed.length, failed: failed.length } }) };
}

async function tell(report: SpecReport, { write, files, format, color }: SpecArguments, out: (text: string) => void, patched: string): Promise<void> {
  if (report.exitCode === 1) process.stderr.write(problems(report));
  if (write && files.includes("-") && report.exitCode !== 1) {
    out(patched);
    return;
  }
  switch (format) {
    case "json":
      out(`${JSON.stringify(report, null, 2)}\n`);
      return;
    case "sarif":
      out((await import("../spec/sarif.ts")).sarif(report, version));
      return;
    case "github":
      out((await import("../spec/github.ts")).github(report));
      return;
    case "text":
      if (report.exitCode === 1) return;
      out((await import("../spec/text.ts")).specText(report, color !== false && (process.env["NO_COLOR"] ?? "") === "" && isTerminal()));
  }
}

const isTerminal = (): boolean => fstatSync(1).isCharacterDevice() && process.stdout.isTTY;

function problems({ findings }: SpecReport): string {
  return findings
    .filter(({ rule }) => rule === "tab-indentation" || rule === "unparsable")
    .map(
      ({ file, line, column, message, hint }) =>
        `fix: ${oneLine(file)}:${line}:${column}: ${oneLine(message)}\n     ${oneLine(hint.replace("FILE", () => file))}\n`,
    )
    .join("");
}

/** `fix`, `fix --dry-run`, `fix --apply`: the main command. */

import { readFileSync } from "node:fs";
import { catalogue } from "../catalogue.generated.ts";
import { unlooked } from "../assemble.ts";
import { FixError, reasonOf } from "../errors.ts";
import type { Inspector } from "../host/inspector.ts";
import type { ExitStatus, Report } from "../report.ts";
import { dryRun, type Means } from "../run.ts";
import type { FixOptions } from "./arguments.ts";
import { policyInForce } from "./policy-of.ts";

export async function fix(options: FixOptions): Promise<ExitStatus> {
  try {
    return await lookOrApply(options);
  } catch (error) {
    // Only a failure of the tool, or of the call, goes to stderr: what is read by a program gets its document.
    if (!(error instanceof FixError) || error.exitCode === 1 || options.format === "text") throw error;
    await show(unlooked(options.apply ? "apply" : "dry-run", error), options, { unobservable: error.message, log: null });
    return error.exitCode;
  }
}

async function lookOrApply(options: FixOptions): Promise<ExitStatus> {
  const { policy } = await policyInForce(
    options,
    catalogue.map(({ id }) => id),
  );
  if (options.apply) return (await import("./apply.ts")).applyCommand(options, policy);
  const means: Means = { catalogue, policy, host: await hostOf(options) };
  const { report, saved, look } = await dryRun(means);
  if (options.savePlan !== null) (await import("./save.ts")).saveNew(options.savePlan, `${JSON.stringify(saved, null, 1)}\n`, "--save-plan");
  await show(report, options, { unobservable: look.unobservable, log: look.log });
  return report.exitCode;
}

/** What a text view tells beyond the report. */
export interface Aside {
  unobservable: string | null;
  log: { notOurs: { shape: string; count: number; example: string }[]; caveats: string[] } | null;
}

async function hostOf({ from }: FixOptions): Promise<Means["host"]> {
  if (from !== null) {
    const host = await capturedHost(from);
    return () => host;
  }
  const { LinuxHost } = await import("../host/linux.ts");
  return (signal) => new LinuxHost(signal);
}

/** A look at a sick host is rarely 1 MiB; what is longer than this is no capture. */
const maxCaptureBytes = 256 * 1024 * 1024;

export async function capturedHost(path: string): Promise<Inspector> {
  const { CapturedHost, parseCapture } = await import("../host/capture.ts");
  return new CapturedHost(parseCapture(readInput(path, "--from", maxCaptureBytes), path));
}

/** A file named on the command line, or standard input for `-`. */
export function readInput(path: string, option: string, maxBytes: number): string {
  try {
    const bytes = readFileSync(path === "-" ? 0 : path);
    if (bytes.length > maxBytes) throw new Error(`it is longer than ${maxBytes} bytes`);
    return bytes.toString("utf8");
  } catch (error) {
    throw new FixError("UNREADABLE", `${option} ${path}: ${reasonOf(error)}`, "name a file that can be read", 1, { cause: error });
  }
}

export async function show(report: Report, options: FixOptions, aside: Aside): Promise<void> {
  process.stdout.write(await rendered(report, options, aside));
}

async function rendered(report: Report, options: FixOptions, aside: Aside): Promise<string> {
  switch (options.format) {
    case "json":
      return (await import("../views/json.ts")).json(report);
    case "text": {
      const { text } = await import("../views/text.ts");
      if (options.quiet && report.exitCode === 0 && report.plan.length === 0) return "";
      const terminal = process.stdout.isTTY;
      const color = terminal && options.color && (process.env["NO_COLOR"] ?? "") === "";
      return text(report, { color, width: terminal ? process.stdout.columns : 0, verbose: options.verbose, from: options.from, ...aside });
    }
    case "nagios":
    case "npd":
    case "prometheus":
      throw new FixError("USAGE", `--format ${options.format} is not there yet`, "use --json");
  }
}

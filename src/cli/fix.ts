/** `fix`, `fix --dry-run`, `fix --apply`: the main command. */

import { fstatSync, readFileSync, statSync } from "node:fs";
import { catalogue } from "../catalogue.generated.ts";
import { unlooked } from "../assemble.ts";
import { FixError, reasonOf } from "../errors.ts";
import type { Look, PoolUse } from "../detector.ts";
import { CapturedHost, parseCapture } from "../host/capture.ts";
import type { Inspector } from "../host/inspector.ts";
import { LinuxHost } from "../host/linux.ts";
import type { Policy } from "../policy.ts";
import type { Report } from "../report.ts";
import { dryRun, type RunContext } from "../run.ts";
import { json } from "../views/json.ts";
import { text } from "../views/text.ts";
import type { FixOptions } from "./arguments.ts";
import { policyInForce } from "./policy-of.ts";
import { print } from "./print.ts";

export async function fix(options: FixOptions): Promise<number> {
  try {
    return await lookOrApply(options);
  } catch (error) {
    const { format, unattended } = options;
    // Two that act by themselves may meet; the other one does the work.
    if (unattended && error instanceof FixError && error.exitCode === 5 && format === "text") return error.exitCode;
    // Only a failure of the tool, or of the call, goes to stderr: what is read by a program gets its document.
    if (format === "text" || (format !== "nagios" && format !== "npd" && (!(error instanceof FixError) || error.exitCode === 1))) throw error;
    const told = error instanceof FixError ? error : new FixError("DEFECT", `this is a defect of fix itself: ${reasonOf(error)}`, "", 1);
    return show(unlooked(options.apply ? "apply" : "dry-run", told), options, { unobservable: told.message, log: null, pool: null, policy: null });
  }
}

async function lookOrApply(options: FixOptions): Promise<number> {
  const inForce = policyInForce(
    options,
    catalogue.map(({ id }) => id),
  );
  if (options.apply) return (await import("./apply.ts")).applyCommand(options, inForce);
  const { policy } = inForce;
  const context: RunContext = { catalogue, policy, host: hostOf(options), glanceFirst: options.from === null };
  const { report, saved, look } = await dryRun(context);
  if (options.savePlan !== null) (await import("./save.ts")).saveNew(options.savePlan, `${JSON.stringify(saved, null, 1)}\n`, "--save-plan");
  return show(report, options, asideOf(look, policy));
}

/** What a text view tells beyond the report. */
export interface Aside {
  unobservable: string | null;
  log: { notOurs: { shape: string; count: number; example: string }[]; caveats: string[] } | null;
  pool: PoolUse | null;
  /** Of the run; null where it did not get so far. */
  policy: Policy | null;
}

export function asideOf({ unobservable, log, pool }: Look, policy: Policy): Aside {
  return { unobservable, log, pool: pool ?? null, policy };
}

function hostOf({ from }: FixOptions): RunContext["host"] {
  if (from === null) return (timeoutMs) => LinuxHost.within(timeoutMs);
  const host = capturedHost(from);
  return () => host;
}

/** A look at a sick host is rarely 1 MiB; what is longer than this is no capture. */
const maxCaptureBytes = 256 * 1024 * 1024;

export function capturedHost(path: string): Inspector {
  return new CapturedHost(parseCapture(readInput(path, "--from", maxCaptureBytes), path));
}

/** A file named on the command line, or standard input for `-`. */
export function readInput(path: string, option: string, maxBytes: number): string {
  try {
    const tooLong = (bytes: number): Error => new Error(`it has ${bytes} bytes, and more than ${maxBytes} are not read`);
    // Before all of it is in memory; what is no file has no size.
    const size = path === "-" ? 0 : statSync(path).size;
    if (size > maxBytes) throw tooLong(size);
    const text = readFileSync(path === "-" ? 0 : path, "utf8");
    if (text.length > maxBytes) throw tooLong(Buffer.byteLength(text));
    return text;
  } catch (error) {
    throw new FixError("UNREADABLE", `${option} ${path}: ${reasonOf(error)}`, "name a file that can be read", 1, { cause: error });
  }
}

/** The exit status that follows: the contract's, or that of the protocol. */
export async function show(report: Report, options: FixOptions, aside: Aside): Promise<number> {
  const { text: shown, status } = await rendered(report, options, aside);
  print(shown);
  return status;
}

async function rendered(report: Report, options: FixOptions, aside: Aside): Promise<{ text: string; status: number }> {
  const status = report.exitCode;
  switch (options.format) {
    case "json":
      return { text: json(report), status };
    case "text":
      return { text: asText(report, options, aside), status };
    case "nagios": {
      const { line, status: ofProtocol } = (await import("../views/nagios.ts")).nagios(report, aside.pool, aside.unobservable);
      return { text: line, status: ofProtocol };
    }
    case "npd": {
      const { line, status: ofProtocol } = (await import("../views/npd.ts")).npd(report);
      return { text: line, status: ofProtocol };
    }
    case "prometheus":
      return { text: (await import("./metrics.ts")).metrics(report, options, aside), status };
  }
}

function asText(report: Report, options: FixOptions, aside: Aside): string {
  if (options.quiet && report.exitCode === 0 && report.plan.length === 0) return "";
  const terminal = fstatSync(1).isCharacterDevice() && process.stdout.isTTY;
  const color = terminal && options.color && (process.env["NO_COLOR"] ?? "") === "";
  return text(report, { color, width: terminal ? process.stdout.columns : 0, verbose: options.verbose, from: options.from, ...aside });
}

/**
 * Carries a command out and waits for it: argv only, a fixed safe PATH, `LC_ALL=C`, bounded in time and output, killed with its
 * children when the limit is reached. The one importer of execa. What only looks is asked by query.ts.
 */

import { timerMs } from "../duration.ts";
import { endWithUs, environment, killGroup, notStarted, timedOut, type Limits, type ProcessOutcome } from "./process-group.ts";

export async function runProcess(argv: readonly string[], options: Limits & { input?: string }): Promise<ProcessOutcome> {
  const { execa } = await import("execa");
  const [file = "", ...args] = argv;
  const child = execa(file, args, {
    env: environment(),
    extendEnv: false,
    cwd: "/",
    reject: false,
    stripFinalNewline: false,
    maxBuffer: options.maxBytes,
    // Its own process group, so that the limit reaches its children too.
    detached: true,
    cleanup: false,
    ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
  });
  const group = child.pid;
  const limit = { reached: false };
  const end = (): void => {
    limit.reached = true;
    killGroup(group);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(end, timerMs(options.timeoutMs));
  const forget = endWithUs(group);
  try {
    const result = await child;
    if (limit.reached) return timedOut(file, options);
    if (result.code === "ENOENT") return notStarted(file, result.code);
    if (result.isMaxBuffer) {
      killGroup(group);
      return { kind: "ended", result: { status: result.exitCode ?? null, signal: null, stdout: result.stdout, stderr: result.stderr, truncated: true } };
    }
    if (result.code !== undefined && result.exitCode === undefined && result.signal === undefined) return notStarted(file, result.code);
    return {
      kind: "ended",
      result: { status: result.exitCode ?? null, signal: result.signal ?? null, stdout: result.stdout, stderr: result.stderr, truncated: false },
    };
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/**
 * The same command, ended by the kernel when we end, however that comes about (PR_SET_PDEATHSIG, prctl(2)): what changes a
 * host must not go on after the run that wanted it. setpriv(1) is part of util-linux.
 */
export function endingWithUs(argv: readonly string[]): string[] {
  return ["setpriv", "--pdeathsig", "KILL", "--", ...argv];
}

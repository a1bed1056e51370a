/**
 * Starts a program and waits for it: argv only, a fixed safe PATH, `LC_ALL=C`, bounded in time and output, killed with its
 * children when the limit is reached. The one importer of execa.
 */

import type { CommandResult } from "./inspector.ts";

/** cron's PATH has no /usr/sbin, and a caller's PATH is not to be trusted. */
export const safePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ProcessOptions {
  timeoutMs: number;
  /** Bytes of stdout, and of stderr. */
  maxBytes: number;
  input?: string;
  /** Aborted: ended at once, with its children. */
  signal?: AbortSignal;
}

export type ProcessOutcome =
  { kind: "ended"; result: CommandResult } | { kind: "not-found"; why: string } | { kind: "timed-out"; why: string } | { kind: "failed"; why: string };

export function environment(): Record<string, string> {
  return {
    PATH: safePath,
    LC_ALL: "C",
    TZ: "UTC",
    HOME: "/root",
    SYSTEMD_PAGER: "",
    SYSTEMD_COLORS: "0",
    LVM_SUPPRESS_FD_WARNINGS: "1",
    // Else each ctr first asks containerd who it is, which makes one that was never asked write its UUID below its root
    // (containerd: cmd/ctr/commands/client.go, plugins/services/introspection/local.go), in a dry run too.
    CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS: "true",
    DEBIAN_FRONTEND: "noninteractive",
  };
}

export async function runProcess(argv: readonly string[], options: ProcessOptions): Promise<ProcessOutcome> {
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
  const timer = setTimeout(end, options.timeoutMs);
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted === true) end();
  const forget = endWithUs(group);
  try {
    const result = await child;
    if (limit.reached) return { kind: "timed-out", why: `${file} did not end within ${String(options.timeoutMs / 1000)} s` };
    if (result.code === "ENOENT") return { kind: "not-found", why: `${file} is not installed (looked for in ${safePath})` };
    if (result.isMaxBuffer) {
      killGroup(group);
      return { kind: "ended", result: { status: result.exitCode ?? null, signal: null, stdout: result.stdout, stderr: result.stderr, truncated: true } };
    }
    if (result.code !== undefined && result.exitCode === undefined && result.signal === undefined)
      return { kind: "failed", why: `${file} could not be started: ${result.code}` };
    return {
      kind: "ended",
      result: { status: result.exitCode ?? null, signal: result.signal ?? null, stdout: result.stdout, stderr: result.stderr, truncated: false },
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", end);
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

const groups = new Set<number>();

/** A child in a group of its own would outlive our own end by a signal. */
function endWithUs(group: number | undefined): () => void {
  if (group === undefined) return () => undefined;
  if (groups.size === 0) process.once("exit", killAll);
  groups.add(group);
  return () => {
    groups.delete(group);
    if (groups.size === 0) process.removeListener("exit", killAll);
  };
}

function killAll(): void {
  for (const group of groups) killGroup(group);
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has already ended.
  }
}

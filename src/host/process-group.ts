/** What every program that is started has in common: its environment, its limits, and that it ends with us. */

import type { CommandResult } from "./inspector.ts";

/** cron's PATH has no /usr/sbin, and a caller's PATH is not to be trusted. */
export const safePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Limits {
  timeoutMs: number;
  /** Bytes of stdout, and of stderr. */
  maxBytes: number;
}

export type ProcessOutcome =
  { kind: "ended"; result: CommandResult } | { kind: "not-found"; why: string } | { kind: "timed-out"; why: string } | { kind: "failed"; why: string };

export const timedOut = (file: string, { timeoutMs }: Limits): ProcessOutcome => ({
  kind: "timed-out",
  why: `${file} did not end within ${String(timeoutMs / 1000)} s`,
});

/** `code`: of the error, as errno(3) names it. */
export function notStarted(file: string, code: string): ProcessOutcome {
  if (code === "ENOENT") return { kind: "not-found", why: `${file} is not installed (looked for in ${safePath})` };
  return { kind: "failed", why: `${file} could not be started: ${code}` };
}

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

const groups = new Set<number>();

/** A child in a group of its own would outlive our own end by a signal. Called when it has ended: forgets it. */
export function endWithUs(group: number | undefined): () => void {
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

export function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has already ended.
  }
}

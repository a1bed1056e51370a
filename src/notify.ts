/** Tells a command of the operator's what an unattended run did: argv, JSON on its stdin, a time limit, retries. */

import { maskSecrets } from "./evidence.ts";
import { runProcess } from "./host/process.ts";
import { tryUntil } from "./host/retry.ts";
import type { Occasion, Policy } from "./policy.ts";
import type { Report } from "./report.ts";

export interface Notice {
  schema: "flintlock-fix/notice/v1";
  occasion: Occasion;
  trigger: Policy["trigger"];
  run: string;
  /** One line for a person. */
  message: string;
  report: Report;
}

/** Why it could not be told; null: it was, or nobody asked to be told. */
export async function notify(notice: Notice, policy: Policy): Promise<string | null> {
  const { notifyCommand: argv, notifyOn, notifyTimeoutMs, notifyRetries } = policy;
  if (argv.length === 0 || !notifyOn.includes(notice.occasion)) return null;
  const input = JSON.stringify(notice, (_, value: unknown) => (typeof value === "string" ? maskSecrets(value) : value));
  const { value, reason } = await tryUntil(() => once(argv, `${input}\n`, notifyTimeoutMs), {
    withinMs: (notifyRetries + 1) * (notifyTimeoutMs + 2_000),
    pauseMs: 1_000,
    retries: notifyRetries,
  });
  return value === true ? null : reason;
}

async function once(argv: readonly string[], input: string, timeoutMs: number): Promise<true> {
  const outcome = await runProcess(argv, { timeoutMs, maxBytes: 64 * 1024, input });
  if (outcome.kind !== "ended") throw new Error(outcome.why);
  const { status, signal, stderr } = outcome.result;
  if (status === 0) return true;
  throw new Error(
    `${argv[0] ?? ""} ${status === null ? `was ended by ${signal ?? "a signal"}` : `exited ${status}`}: ${stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? ""}`,
  );
}

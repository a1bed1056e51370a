/** How often automation may try one finding: so many attempts in so long, with a growing pause between. Pure. */

import type { Brakes } from "../policy.ts";
import type { FindingId } from "../report.ts";
import { elapsedMs, type Moment } from "./moment.ts";
import type { Attempt } from "./state.ts";

type Budget = Pick<Brakes, "attempts" | "attemptWindowMs" | "attemptPauseMs">;

/** Each further pause is so many times the last. */
const growth = 4;

/**
 * Attempts that count. A proven cure counts in its own boot only: a reboot takes pool and modules away each time, and a
 * hundred reboots in a row are no sign that the cure does not help. One that failed, or never came to its end, counts on.
 */
export function counted(attempts: readonly Attempt[], finding: FindingId, now: Moment, { attemptWindowMs }: Pick<Budget, "attemptWindowMs">): Attempt[] {
  return attempts.filter(
    (attempt) =>
      attempt.finding === finding && elapsedMs(attempt.began, now) < attemptWindowMs && (attempt.outcome !== "cured" || attempt.began.bootId === now.bootId),
  );
}

export type Allowance =
  | { is: "free"; left: number }
  | { is: "spent"; used: number; againInMs: number }
  /** The last attempt was too short a time ago. */
  | { is: "early"; left: number; againInMs: number };

export function allowance(attempts: readonly Attempt[], finding: FindingId, now: Moment, budget: Budget): Allowance {
  const used = counted(attempts, finding, now, budget);
  const left = budget.attempts - used.length;
  const [oldest] = used;
  const newest = used.at(-1);
  if (left <= 0) return { is: "spent", used: used.length, againInMs: oldest ? budget.attemptWindowMs - elapsedMs(oldest.began, now) : budget.attemptWindowMs };
  // A reboot is more than any pause: it may have ended the last attempt itself, and the next one is to come before the daemons start.
  if (newest?.began.bootId !== now.bootId) return { is: "free", left };
  const againInMs = pauseAfter(used.length, budget) - elapsedMs(newest.began, now);
  return againInMs > 0 ? { is: "early", left, againInMs } : { is: "free", left };
}

export function pauseAfter(attempts: number, { attemptPauseMs }: Pick<Budget, "attemptPauseMs">): number {
  return attempts <= 0 ? 0 : attemptPauseMs * growth ** Math.min(attempts - 1, 10);
}

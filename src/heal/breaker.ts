/** When automation stops itself altogether: cures that do not hold, findings that keep coming back, a budget that is spent. Pure. */

import type { Brakes } from "../policy.ts";
import type { FindingId } from "../report.ts";
import { allowance } from "./budget.ts";
import { elapsedMs, inWords, type Moment } from "./moment.ts";
import type { Attempt, Breaker } from "./state.ts";

/** Why the breaker opens now, with `problems` on the host; null: it does not. */
export function tripped(attempts: readonly Attempt[], problems: readonly FindingId[], now: Moment, brakes: Brakes): Breaker | null {
  for (const finding of problems) {
    const back = backAfterMs(attempts, finding, now);
    if (back !== null && back < brakes.holdMs) return { opened: now, finding, why: `the cure of ${finding} did not hold: it was back ${inWords(back)} later` };
  }
  const relapses = [
    ...earlierRelapses(attempts, now, brakes),
    ...problems.filter((finding) => (backAfterMs(attempts, finding, now) ?? Infinity) < brakes.relapseMs),
  ];
  const [relapsed] = relapses.slice(-1);
  if (relapsed !== undefined && relapses.length >= brakes.relapses)
    return {
      opened: now,
      finding: relapsed,
      why: `findings keep coming back within ${inWords(brakes.relapseMs)} of their cure: ${[...new Set(relapses)].join(", ")}`,
    };
  const spent = problems.find((finding) => allowance(attempts, finding, now, brakes).is === "spent");
  return spent === undefined ? null : spentBy(spent, now, brakes);
}

export function spentBy(finding: FindingId, now: Moment, { attempts, attemptWindowMs }: Brakes): Breaker {
  return { opened: now, finding, why: `${finding} is there after ${attempts === 1 ? "1 attempt" : `${attempts} attempts`} in ${inWords(attemptWindowMs)}` };
}

/** How long after its last cure of this boot a finding is there again; null where it was not cured in this boot. */
function backAfterMs(attempts: readonly Attempt[], finding: FindingId, now: Moment): number | null {
  const last = attempts.findLast((attempt) => attempt.finding === finding);
  if (last?.outcome !== "cured" || last.ended?.bootId !== now.bootId) return null;
  return elapsedMs(last.ended, now);
}

/** Of this boot, within the window: an attempt that began soon after the cure before it. */
function earlierRelapses(attempts: readonly Attempt[], now: Moment, { relapseMs, attemptWindowMs }: Brakes): FindingId[] {
  const own = attempts.filter(({ began }) => began.bootId === now.bootId && elapsedMs(began, now) < attemptWindowMs);
  return own.flatMap((attempt, index) => {
    const before = own.slice(0, index).findLast(({ finding }) => finding === attempt.finding);
    return before?.outcome === "cured" && before.ended && elapsedMs(before.ended, attempt.began) < relapseMs ? [attempt.finding] : [];
  });
}

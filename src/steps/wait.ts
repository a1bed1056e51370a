/**
 * `--wait`: a MicroVM that failed is skipped by flintlockd until its `not_before`, and the timer for that dies with the
 * process; after a restart only the resync (10 minutes) would bring it back (flintlock: core/application/reconcile.go,
 * infrastructure/controllers/microvm_controller.go). One more restart, after the last `not_before`, does it at once.
 */

import { hinderEvery } from "../hindrances.ts";
import type { PlanContext } from "../remediation.ts";
import type { Due } from "../facts/microvm-state.ts";
import type { Action, Condition, Resource, Step } from "./action.ts";
import { bringUpFlintlockd } from "./units.ts";

const settled: Condition = { is: "microvms-settled" };
/** A MicroVM that its own timer brought back in the meantime needs no restart. */
const unlessSettled = (action: Action): Action => (action.do === "run" ? { ...action, unless: settled } : action);

/** Its own timer fires at `not_before`; what comes so much later comes from the resync. */
const timerSlackMs = 5_000;

/** By a fault that this plan does not cure: tried again, it would only fail once more. */
function isHindered(microvm: string, steps: readonly Step[], { findings }: PlanContext): boolean {
  return [...findings.values()].some(
    ({ id, status, microvms }) =>
      status === "problem" &&
      id !== "microvm-not-started" &&
      (hinderEvery.includes(id) || microvms.includes(microvm)) &&
      !steps.some(({ because }) => because.includes(id)),
  );
}

/** From a look to the moment in which the plan that it led to stops flintlockd, on a slow host. */
const untilStoppedMs = 30_000;

/** It may fail once more before this plan stops flintlockd, and its new `not_before` then lies ahead at the start that follows. */
function isTriedBefore(due: Due, nextTryMs: number | null, { nowMs, restart }: PlanContext): boolean {
  return restart.flintlockdActive && (due === "under-way" || (nextTryMs !== null && nextTryMs - nowMs < untilStoppedMs));
}

export function restartAgain(steps: readonly Step[], context: PlanContext): Step[] {
  const { policy, microvms, nowMs } = context;
  if (policy.waitMs === null) return [];
  const restarts = steps.some((step) => step.provides.includes("flintlockd"));
  const waiting = microvms.filter(({ record, due, nextTryMs, passedOver }) => {
    const notBeforeMs = record.notBefore * 1000;
    if (due === null) return false;
    if (notBeforeMs <= nowMs) return restarts ? isTriedBefore(due, nextTryMs, context) : passedOver !== "no" && !isHindered(record.id, steps, context);
    return restarts || passedOver === "perhaps" || nextTryMs === null || nextTryMs > notBeforeMs + timerSlackMs;
  });
  if (waiting.length === 0) return [];
  const [again] = bringUpFlintlockd(context, []);
  if (again?.id !== "restart-flintlockd") return [];
  const count = waiting.length === 1 ? "1 MicroVM" : `${String(waiting.length)} MicroVMs`;
  const { compensates: _ours, ...step } = again;
  return [
    {
      ...step,
      key: "restart-flintlockd-again",
      id: "restart-flintlockd-again",
      title: `once ${count} may be tried again, restart ${context.units.flintlockd} so that it happens now and not at the resync`,
      because: [],
      actions: [{ do: "await", that: { is: "microvms-due" }, withinMs: policy.waitMs, optional: true }, ...again.actions.map(unlessSettled)],
      done: settled,
      provides: ["microvms"],
      after: [...again.after, "flintlockd"],
      // Where any of the cure failed, a MicroVM that is tried again only fails once more.
      needs: [...new Set<Resource>([...again.needs, ...again.after.filter((resource) => resource !== "flintlockd-stopped"), "flintlockd"])],
      confirms: [],
    },
  ];
}

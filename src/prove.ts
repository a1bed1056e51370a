/** The last look of an apply, which proves the cure: taken once the host has settled. */

import type { Look } from "./detector.ts";
import type { StepResult } from "./executor.ts";
import { tryUntil } from "./host/retry.ts";
import type { Plan } from "./planner.ts";

interface Settling {
  look: Look;
  plan: Plan;
  results: readonly StepResult[];
  /** Milliseconds: so long at most it stays until no MicroVM waits; null: it does not. */
  waitMs: number | null;
  stop: AbortSignal;
  lookAgain: () => Promise<Look>;
}

/** flintlockd needs a few seconds after its start to take up its MicroVMs: so long at most is waited for what was to be cured. */
const settleMs = 20_000;
const pauseMs = 1_500;

/**
 * The look that proves the cure. It is repeated while what the plan was to cure is still there, or a MicroVM that it was to bring
 * back is just being tried; with `--wait` also while a MicroVM waits, until the time is up.
 */
export async function settle({ look, plan, results, waitMs, stop, lookAgain }: Settling): Promise<Look> {
  const acted = results.some(({ outcome }) => outcome === "done");
  const wanted = new Set(plan.steps.flatMap((step, index) => (results[index]?.outcome === "done" ? step.because : [])));
  const isWanted = (id: Look["findings"][number]["id"]): boolean => wanted.has(id) || wanted.has(plan.explainedBy.get(id) ?? id);
  const hit = new Set(look.findings.filter(({ id }) => isWanted(id)).flatMap(({ microvms }) => microvms));
  let last = look;
  const waitedMs = results.reduce((sum, result) => sum + (result.waitedMs ?? 0), 0);
  // Where there was nothing to do, nothing has changed since the look.
  if (plan.steps.length === 0 && waitMs === null) return look;
  if (!acted && waitMs === null) return lookAgain();
  await tryUntil(
    async () => {
      last = await lookAgain();
      if (stop.aborted) return;
      const sick = acted && last.findings.find(({ id, status }) => status !== "healthy" && isWanted(id));
      if (sick) throw new Error(`${sick.id} is still ${sick.status}`);
      // What comes of it is not known yet: its hypervisor may have died at once. One that flintlockd may have passed over only waits.
      const isTried = ({ record, due, passedOver }: Look["microvms"][number]): boolean => due === "under-way" && passedOver === "no" && hit.has(record.id);
      if (acted && last.microvms.some(isTried)) throw new Error("a MicroVM is being tried");
      if (waitMs !== null && last.microvms.some(({ state }) => state === "waiting")) throw new Error("a MicroVM waits");
    },
    { withinMs: Math.max((waitMs ?? 0) - waitedMs, acted ? settleMs : 0), pauseMs },
  );
  return last;
}

/** Steps that can come to nothing, for what they need is broken and stays so: they fall, and whoever is left without one is told why. Pure. */

import type { Finding, PlanContext, Remediation } from "./remediation.ts";
import type { FindingId, Refusal } from "./report.ts";
import type { Resource, Step } from "./steps/action.ts";

/** What cannot be relied on, and the findings that say so. */
export type Broken = ReadonlyMap<Resource, readonly Finding[]>;

export function brokenBy(byId: ReadonlyMap<FindingId, Remediation>, context: PlanContext): Broken {
  const broken = new Map<Resource, Finding[]>();
  for (const finding of context.findings.values()) {
    if (finding.status === "healthy") continue;
    for (const resource of byId.get(finding.id)?.breaks(finding) ?? []) broken.set(resource, [...(broken.get(resource) ?? []), finding]);
  }
  return broken;
}

/** Drops what needs a broken resource that no remaining step provides, until nothing more falls. */
export function withoutHopeless(steps: readonly Step[], broken: Broken): Step[] {
  let left = [...steps];
  for (;;) {
    const still = left.filter((step) => missing(step, left, broken).length === 0);
    const kept = still.filter((step) => !isPointless(step, still));
    if (kept.length === left.length) return kept;
    left = kept;
  }
}

function missing({ needs }: Step, steps: readonly Step[], broken: Broken): Resource[] {
  return needs.filter((need) => broken.has(need) && !steps.some(({ provides }) => provides.includes(need)));
}

/** What only makes way (a daemon is stopped) falls where nothing that it makes way for is left, or nothing that makes it good; half a cure with the other half. */
function isPointless({ key, onlyBefore, onlyWith }: Step, steps: readonly Step[]): boolean {
  if (onlyWith !== undefined && !steps.some((other) => other.key === onlyWith)) return true;
  if (onlyBefore === undefined) return false;
  const madeGood = steps.some((other) => other.compensates === key);
  return !madeGood || !steps.some((other) => other.provides.some((resource) => onlyBefore.includes(resource)));
}

/** One refusal for each finding that keeps no step, where it is not told under the one that it waits for anyway. */
export function waitingFor(wanted: readonly Step[], left: readonly Step[], broken: Broken, explainedBy: ReadonlyMap<FindingId, FindingId>): Refusal[] {
  const told = new Set(left.flatMap(({ because }) => because));
  return wanted.flatMap((step) =>
    step.because.flatMap((finding) => {
      const others = missing(step, left, broken).flatMap((need) => (broken.get(need) ?? []).filter(({ id }) => id !== finding));
      const other = others.find(({ status }) => status === "problem") ?? others[0];
      if (!other || told.has(finding)) return [];
      told.add(finding);
      return others.some(({ id }) => id === explainedBy.get(finding)) ? [] : [refusalOf(finding, step, other)];
    }),
  );
}

function refusalOf(finding: FindingId, { title }: Step, { id, status, summary }: Finding): Refusal {
  const hint = `see to that first, then: fix --dry-run (what it means: fix explain ${id})`;
  return status === "unknown"
    ? { finding, code: "DEPENDS_ON_UNKNOWN", message: `"${title}" depends on ${id}, which cannot be told: ${summary}`, hint }
    : { finding, code: "DEPENDS_ON_OTHER_FAULT", message: `"${title}" waits for ${id}, which this plan does not cure: ${summary}`, hint };
}

/**
 * findings + policy → plan. Pure: no input, no output, no clock. Steps that several findings want are merged by key, steps
 * whose needs nothing mends are left out, and the order follows from what each step provides and waits for.
 */

import { rethread } from "./steps/config.ts";
import type { Finding, PlanContext, Remediation } from "./remediation.ts";
import type { Advice, FindingId, Refusal } from "./report.ts";
import { brokenBy, waitingFor, withoutHopeless } from "./hopeless.ts";
import type { Step } from "./steps/action.ts";
import { restartAgain } from "./steps/wait.ts";

export interface Plan {
  steps: Step[];
  refusals: Refusal[];
  advice: Advice[];
  /** For each finding, the problem that it follows from. */
  explainedBy: Map<FindingId, FindingId>;
}

/** Whether a step may be taken in this run; `left-out`: something else sees to it, so nobody has to decide. */
export type StepRuling = { is: "allowed" } | { is: "left-out" } | ({ is: "refused" } & Pick<Refusal, "code" | "message" | "hint">);
export type Restraint = (step: Step) => StepRuling;

export function plan(catalogue: readonly Remediation[], context: PlanContext, restraint: Restraint = () => ({ is: "allowed" })): Plan {
  const byId = new Map(catalogue.map((remediation) => [remediation.id, remediation]));
  const problems = [...context.findings.values()].filter((finding) => finding.status === "problem");
  const remedies = problems.map(
    (finding) => byId.get(finding.id)?.remedy({ ...finding, facts: finding.facts }, context) ?? { steps: [], refusals: [], advice: [] },
  );
  const wanted = remedies.flatMap((remedy) => remedy.steps);
  const refusals = remedies.flatMap((remedy) => remedy.refusals);
  const consented = (some: readonly Step[]): readonly Step[] => (context.policy.allowDestructive ? some : withoutDestructive(some, refusals));
  const keys = new Set(restrained(consented(merge(wanted)), refusals, restraint).map(({ key }) => key));
  const permitted = wanted.filter(({ key }) => keys.has(key));
  const broken = brokenBy(byId, context);
  // What one finding can have, another may not: a step that stays is not said to be for both.
  const hopeful = withoutHopeless(permitted, broken);
  const possible = merge(hopeful);
  const explainedBy = explanations(problems, byId, context);
  refusals.push(...waitingFor(permitted, hopeful, broken, explainedBy));
  // The second edit of a file starts from what the first leaves.
  const steps = rethread(order([...possible, ...restrained(consented(restartAgain(possible, context)), refusals, restraint)]));
  const advice = [
    ...problems.flatMap((finding) => finding.advice.map((message) => ({ finding: finding.id, message }))),
    ...[...context.findings.values()]
      .filter((finding) => finding.status !== "problem")
      .flatMap((finding) => finding.advice.map((message) => ({ finding: finding.id, message }))),
    ...remedies.flatMap((remedy) => remedy.advice),
  ];
  return { steps, refusals: unique(refusals), advice: unique(advice), explainedBy };
}

/** The first wanted keeps its place and words; all reasons are kept. */
function merge(steps: readonly Step[]): Step[] {
  const byKey = new Map<string, Step>();
  for (const step of steps) {
    const known = byKey.get(step.key);
    byKey.set(step.key, known ? together(known, step) : step);
  }
  return [...byKey.values()];
}

function together(step: Step, other: Step): Step {
  const microvms = [...new Set([...(step.microvms ?? []), ...(other.microvms ?? [])])];
  return {
    ...step,
    because: [...new Set([...step.because, ...other.because])],
    // What one of them can do without does not stand against the step.
    needs: step.needs.filter((need) => other.needs.includes(need)),
    ...(microvms.length > 0 ? { microvms } : {}),
  };
}

/** A destructive step is planned only with consent; without it each of its findings gets a refusal that says what it would take. */
function withoutDestructive(steps: readonly Step[], refusals: Refusal[]): Step[] {
  return steps.filter((step) => {
    if (step.risk !== "destructive") return true;
    for (const finding of step.because) {
      if (refusals.some((refusal) => refusal.finding === finding)) continue;
      refusals.push({
        finding,
        code: "DESTRUCTIVE_WITHOUT_CONSENT",
        message: `${step.title}: ${step.impact}`,
        hint: "add --allow destructive if that is what you want",
      });
    }
    return false;
  });
}

/** What a run that nobody attends may not do falls here, with the reason for each finding that it leaves. */
function restrained(steps: readonly Step[], refusals: Refusal[], restraint: Restraint): Step[] {
  return steps.filter((step) => {
    const ruling = restraint(step);
    if (ruling.is === "refused") {
      const { is: _refused, ...words } = ruling;
      const untold = step.because.filter((finding) => !refusals.some((refusal) => refusal.finding === finding && refusal.code === words.code));
      refusals.push(...untold.map((finding) => ({ finding, ...words })));
    }
    return ruling.is === "allowed";
  });
}

/** Stable topological order: among steps that are free to go, the one that was wanted first. */
export function order(steps: readonly Step[]): Step[] {
  const left = [...steps];
  const ordered: Step[] = [];
  while (left.length > 0) {
    const next = left.findIndex((step) => !left.some((other) => other !== step && step.after.some((resource) => other.provides.includes(resource))));
    // A circle would be a defect of two remediations; the order of the catalogue is then as good as any.
    ordered.push(...left.splice(Math.max(next, 0), 1));
  }
  return ordered;
}

function explanations(problems: readonly Finding[], byId: ReadonlyMap<FindingId, Remediation>, context: PlanContext): Map<FindingId, FindingId> {
  const explained = new Map<FindingId, FindingId>();
  for (const { id, microvms } of problems) {
    const remediation = byId.get(id);
    const isProblem = (other: FindingId): boolean => other !== id && context.findings.get(other)?.status === "problem";
    const touchesAll = (other: FindingId): boolean =>
      microvms.length > 0 && microvms.every((microvm) => context.findings.get(other)?.microvms.includes(microvm));
    const cause = remediation?.follows?.find(isProblem) ?? remediation?.followsWhereTouched?.find((other) => isProblem(other) && touchesAll(other));
    if (cause !== undefined) explained.set(id, cause);
  }
  return explained;
}

function unique<T>(items: readonly T[]): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

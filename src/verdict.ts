/** Findings, plan and outcomes → exit status and verdict: the one place where they are derived (pure). */

import type { ExitStatus, FindingId, FindingStatus, Refusal, StepOutcome, Verdict } from "./report.ts";
import { stillWaiting } from "./steps/action.ts";

export interface Judged {
  mode: "dry-run" | "apply";
  /** No flintlock host, or nothing about it could be told. */
  unobservable: boolean;
  findings: readonly { id: FindingId; status: FindingStatus; after: FindingStatus | null; explainedBy: FindingId | null }[];
  steps: readonly { because: readonly FindingId[]; outcome: StepOutcome; error?: { code: string } | null }[];
  refusals: readonly Pick<Refusal, "finding">[];
}

/** 1 and 5 end a run before there is anything to judge. */
type Told = Exclude<ExitStatus, 0 | 1 | 5>;

/** Where several hold, the first of these. */
const precedence: readonly Told[] = [3, 4, 6, 2];

const verdicts: Record<Told, Verdict> = { 2: "planned", 3: "unresolved", 4: "refused", 6: "unobservable" };

export function judge(run: Judged): { exitCode: ExitStatus; verdict: Verdict } {
  // What only waited in vain neither did anything nor failed.
  const judged = { ...run, steps: run.steps.filter(({ error }) => error?.code !== stillWaiting) };
  const acted = judged.mode === "apply" && judged.steps.length > 0;
  const holds = acted ? afterActing(judged) : beforeActing(judged);
  const exitCode = precedence.find((status) => holds.includes(status));
  return exitCode === undefined ? { exitCode: 0, verdict: acted ? "fixed" : "healthy" } : { exitCode, verdict: verdicts[exitCode] };
}

function beforeActing({ mode, unobservable, findings, steps, refusals }: Judged): Told[] {
  const status: Told[] = [];
  if (unobservable || findings.some((finding) => now(finding) === "unknown")) status.push(6);
  const wanted = new Set(steps.flatMap(({ because }) => because));
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  const isHandled = (id: FindingId | null, depth = 0): boolean => {
    if (id === null || depth > findings.length) return false;
    return wanted.has(id) || isHandled(byId.get(id)?.explainedBy ?? null, depth + 1);
  };
  const problems = findings.filter((finding) => now(finding) === "problem");
  if (refusals.some(({ finding }) => finding === null || problems.some(({ id }) => id === finding)) || problems.some(({ id }) => !isHandled(id)))
    status.push(4);
  if (mode === "dry-run" && steps.length > 0) status.push(2);
  return status;
}

function afterActing({ findings, steps }: Judged): Told[] {
  const status: Told[] = [];
  const stepsFailed = steps.some(({ outcome }) => outcome === "failed" || outcome === "rolled-back" || outcome === "not-run");
  if (stepsFailed || findings.some((finding) => now(finding) === "problem")) status.push(3);
  if (findings.some((finding) => now(finding) === "unknown")) status.push(6);
  return status;
}

const now = (finding: { status: FindingStatus; after: FindingStatus | null }): FindingStatus => finding.after ?? finding.status;

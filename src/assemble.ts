/** Looks, plan and outcomes → report. Pure. */

import type { Look } from "./detector.ts";
import type { StepResult } from "./executor.ts";
import type { Plan } from "./planner.ts";
import type { ExitStatus, FindingId, Refusal, Report, ReportedMicrovm, ReportedStep } from "./report.ts";
import { commandsOf, editsOf, type Step } from "./steps/action.ts";
import type { Microvm } from "./survey/microvms.ts";
import { judge } from "./verdict.ts";

export interface Assembled {
  mode: Report["mode"];
  startedAt: string;
  durationMs: number;
  look: Look;
  plan: Plan;
  /** Of an apply. */
  results: StepResult[] | null;
  /** The last look of an apply. */
  after: Look | null;
}

export function assemble({ mode, startedAt, durationMs, look, plan, results, after }: Assembled): Report {
  const later = new Map(after?.findings.map((finding) => [finding.id, finding]));
  const findings = look.findings.map(({ id, status, summary, evidence }) => {
    const explainedBy = plan.explainedBy.get(id);
    return { id, status, after: later.get(id)?.status ?? null, summary, evidence, ...(explainedBy ? { explainedBy } : {}) };
  });
  const steps = plan.steps.map((step, index) => reported(step, results?.[index] ?? null));
  const refusals = [...plan.refusals, ...(after === null ? [] : appeared(look, after))];
  const { exitCode, verdict } = judge({
    mode,
    unobservable: look.unobservable !== null,
    findings: findings.map((finding) => ({ ...finding, explainedBy: plan.explainedBy.get(finding.id) ?? null })),
    steps,
    refusals,
  });
  const { name, bootId, profile } = look.host;
  return {
    schema: "flintlock-fix/report/v1",
    mode,
    verdict,
    exitCode,
    host: { name, bootId, profile },
    startedAt,
    durationMs,
    findings,
    plan: steps,
    microvms: touched([look, ...(after ? [after] : [])]),
    refusals,
    advice: [...plan.advice, ...[look.unobservable ?? [], (after ?? look).advice].flat().map((message) => ({ finding: null, message }))],
  };
}

/** What only the last look found: the plan was made before, so nothing was done about it. */
function appeared(look: Look, after: Look): Refusal[] {
  const before = new Map(look.findings.map(({ id, status }) => [id, status]));
  return after.findings
    .filter(({ id, status }) => status === "problem" && before.get(id) !== "problem")
    .map(({ id, summary }) => ({
      finding: id,
      code: "FOUND_LATER",
      message: `the first look did not find this, and the last one did: ${summary}`,
      hint: "run fix again: it looks and plans anew",
    }));
}

function reported(step: Step, result: StepResult | null): ReportedStep {
  const { id, title, because, risk, impact } = step;
  const attempts = result && result.attempts > 1 ? { attempts: result.attempts } : {};
  return {
    id,
    title,
    because,
    risk,
    impact,
    commands: commandsOf(step),
    edits: editsOf(step),
    outcome: result?.outcome ?? "planned",
    error: result?.error ?? null,
    ...attempts,
  };
}

/** Those that a finding touches, in either look, and all that wait: as they are in the last look. */
function touched(looks: readonly Look[]): ReportedMicrovm[] {
  const findings = new Map<string, Set<FindingId>>();
  for (const { findings: found } of looks)
    for (const { id, microvms } of found) for (const microvm of microvms) findings.set(microvm, (findings.get(microvm) ?? new Set()).add(id));
  const last = looks.at(-1)?.microvms ?? [];
  const shown = last.filter(({ record, state }) => findings.has(record.id) || state === "waiting");
  const seen = new Set(last.map(({ record }) => record.id));
  const missing = [...findings.keys()].filter((id) => !seen.has(id));
  return [
    ...shown.map((microvm) => asReported(microvm, findings)),
    ...missing.map((id) => ({ id, state: "unknown" as const, findings: [...(findings.get(id) ?? [])], retries: 0, nextTry: null })),
  ];
}

function asReported({ record, state, nextTryMs, reason }: Microvm, findings: ReadonlyMap<string, Set<FindingId>>): ReportedMicrovm {
  return {
    id: record.id,
    state,
    findings: [...(findings.get(record.id) ?? [])],
    retries: record.retry,
    nextTry: nextTryMs === null ? null : new Date(nextTryMs).toISOString(),
    ...(reason === "" ? {} : { reason }),
  };
}

/** The report of a run that did not get as far as a look: the lock is held, no root. */
export function unlooked(mode: Report["mode"], error: { code: string; message: string; hint: string; exitCode: ExitStatus }): Report {
  const { code, message, hint, exitCode } = error;
  return {
    schema: "flintlock-fix/report/v1",
    mode,
    verdict: exitCode === 6 ? "unobservable" : "refused",
    exitCode,
    host: { name: "", bootId: "", profile: "unknown" },
    startedAt: new Date().toISOString(),
    durationMs: 0,
    findings: [],
    plan: [],
    microvms: [],
    refusals: [{ finding: null, code, message, hint }],
    advice: [],
  };
}

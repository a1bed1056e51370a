/**
 * One run, from the first look to the report. A dry run is a run whose executor is never called: it is handed an Inspector
 * and nothing that could write.
 */

import { assemble } from "./assemble.ts";
import { isWell, look as lookAt, type Look } from "./detector.ts";
import type { Witness } from "./executor.ts";
import type { Inspector } from "./host/inspector.ts";
import { remembering } from "./host/remembering.ts";
import { sparing } from "./host/sparing.ts";
import { plan as planFor, type Plan, type Restraint } from "./planner.ts";
import type { Policy } from "./policy.ts";
import type { FindingSignature, PlanContext, Remediation } from "./remediation.ts";
import type { Refusal, Report } from "./report.ts";
import type { Step } from "./steps/action.ts";
import { savedPlan, staleness, type SavedPlan } from "./plan-file.ts";
import { Survey } from "./survey/survey.ts";
import { version } from "./version.ts";

export interface RunContext {
  catalogue: readonly Remediation[];
  policy: Policy;
  /** A fresh view of the host, which answers no longer than so many milliseconds. */
  host: (timeoutMs: number) => Inspector;
  /** Where each answer costs something, as of a live host, a look begins with a glance. */
  glanceFirst?: boolean;
}

export interface DryRun {
  report: Report;
  look: Look;
  plan: Plan;
  /** What `--save-plan` writes. */
  saved: SavedPlan;
}

export async function dryRun(context: RunContext): Promise<DryRun> {
  const begun = startWatch();
  const look = await lookOnce(context, "read");
  const plan = planOf(context, look, look.nowMs);
  const report = assemble({ mode: "dry-run", ...begun(), look, plan, results: null, after: null });
  return { report, look, plan, saved: savedPlan(version, look.nowMs, identity(look), context.policy, plan.steps) };
}

export interface ApplyOptions {
  /** Carry out exactly this plan, or refuse. */
  saved: SavedPlan | null;
  /** Milliseconds: so long at most the run stays until no MicroVM waits; null: it does not. */
  waitMs: number | null;
  /** Aborted: finish the step under way, begin no other. */
  stop: AbortSignal;
  /** The executor's events, for the ledger, the log and the terminal. */
  witness(look: Look, plan: Plan): Witness;
  guard: Guard;
}

/** Stands between planning and acting: the brakes of automation, and the maintenance pause (src/heal/guard.ts). */
export interface Guard {
  /** `stop`: nothing may be done at all; `restraint`: which steps may be taken. */
  rule(look: Look): { stop: Stop | null; restraint: Restraint; told: string[] };
  /** Called before the first step: what keeps it from beginning after all. */
  begin(steps: readonly Step[]): Stop | null;
  end(after: Look): void;
}

export type Stop = Pick<Refusal, "code" | "message" | "hint">;

/** The caller holds the lock. */
export async function apply(context: RunContext, options: ApplyOptions): Promise<{ report: Report; look: Look; after: Look }> {
  const begun = startWatch();
  const look = await lookOnce(context, "keep");
  const { stop, restraint, told } = options.guard.rule(look);
  const nowMs = options.saved?.nowMs ?? look.nowMs;
  // What the host wants, whatever may be done of it now: a pause makes no saved plan stale.
  const unheld = planOf(context, look, nowMs);
  const held = planOf(context, look, nowMs, restraint);
  const plan = { ...held, advice: [...held.advice, ...told.map((message) => ({ finding: null, message }))] };
  const stale = options.saved === null ? null : staleness(options.saved, identity(look), unheld.steps);
  const obstacle =
    (stale === null ? null : stalePlan(stale)) ??
    // Automation that stands down says so of each finding; a person asked for this run, and is told whatever it would have done.
    (unheld.steps.length === 0 || context.policy.unattended ? null : stop) ??
    (plan.steps.length === 0 ? null : options.guard.begin(plan.steps));
  if (obstacle !== null)
    return { report: assemble({ mode: "apply", ...begun(), look, plan: refused(plan, obstacle), results: [], after: look }), look, after: look };
  const [{ execute }, { LinuxOperator }, { handsFor }] = await Promise.all([import("./executor.ts"), import("./host/operator.ts"), import("./hands.ts")]);
  const fresh = (): Survey => surveyOf(context, "read");
  const results = await execute(plan.steps, handsFor(fresh, new LinuxOperator(), options.witness(look, plan), options.stop));
  const { settle } = await import("./prove.ts");
  const after = await settle({ look, plan, results, waitMs: options.waitMs, stop: options.stop, lookAgain: () => lookOnce(context, "keep") });
  if (plan.steps.length > 0) options.guard.end(after);
  return { report: assemble({ mode: "apply", ...begun(), look, plan, results, after }), look, after };
}

/** A host that is well by a glance is well; of another everything is asked, beside what programs have told the glance already. */
async function lookOnce(context: RunContext, memoryUse: Survey["memoryUse"]): Promise<Look> {
  const { catalogue, policy, glanceFirst = false } = context;
  if (!glanceFirst) return lookAt(surveyOf(context, memoryUse), catalogue);
  const host = remembering(sparing(context.host(policy.timeoutMs), policy.timeoutMs));
  const lookBy = (glance: boolean): Promise<Look> => lookAt(new Survey(host, policy, signaturesOf(catalogue), memoryUse, glance), catalogue);
  const look = await lookBy(true);
  return isWell(look) ? look : lookBy(false);
}

function surveyOf({ host, policy, catalogue }: RunContext, memoryUse: Survey["memoryUse"]): Survey {
  return new Survey(host(policy.timeoutMs), policy, signaturesOf(catalogue), memoryUse);
}

export function signaturesOf(catalogue: readonly Remediation[]): FindingSignature[] {
  return catalogue.flatMap(({ id, signatures }) => signatures.map((signature) => ({ finding: id, signature })));
}

function planOf({ catalogue, policy }: RunContext, look: Look, nowMs: number, restraint?: Restraint): Plan {
  const context: PlanContext = {
    policy,
    profile: look.host.profile,
    findings: new Map(look.findings.map((finding) => [finding.id, finding])),
    nowMs,
    units: look.units,
    microvms: look.microvms,
    restart: look.restart,
    brokenPool: look.brokenPool ?? null,
  };
  return planFor(catalogue, context, restraint);
}

/** Said once: of the findings that it keeps from their cure, where there are any. */
function refused(plan: Plan, stop: Stop): Plan {
  const isTold = plan.refusals.some(({ code }) => code === stop.code);
  return { ...plan, steps: [], refusals: isTold ? plan.refusals : [...plan.refusals, { finding: null, ...stop }] };
}

function stalePlan(why: string): Stop {
  return { code: "STALE_PLAN", message: `nothing was done: ${why}`, hint: "look again and save a new plan: fix --dry-run --save-plan FILE" };
}

const identity = ({ host }: Look): SavedPlan["host"] => ({ name: host.name, bootId: host.bootId });

function startWatch(): () => { startedAt: string; durationMs: number } {
  const startedAt = new Date().toISOString();
  const begun = process.hrtime.bigint();
  return () => ({ startedAt, durationMs: Math.round(Number(process.hrtime.bigint() - begun) / 1e6) });
}

/** After a run: what the journal, a person and the metrics are told of it. */

import type { EventLog } from "../events.ts";
import type { Occasion, Policy } from "../policy.ts";
import type { Report } from "../report.ts";
import type { EventKind } from "./event-kinds.ts";
import { keepLastRun, lastRunOf } from "./last-run.ts";
import type { Breaker } from "./state.ts";
import { needOf, type Told } from "./told.ts";

export interface Aftermath {
  report: Report;
  policy: Policy;
  run: string;
  log: EventLog;
  told: Told;
  /** The breaker that this run opened. */
  opened: Breaker | null;
}

/** `news`: something was done, or the need of a person is not the one that was told last. What fails here is said in the report's advice. */
export async function aftermath(of: Aftermath): Promise<{ news: boolean }> {
  const { report, policy, run, log, told, opened } = of;
  keepLastRun(policy.stateDir, lastRunOf(report, policy.trigger, run));
  const need = needOf(report);
  const changed = told.isNews(need);
  const { trigger } = policy;
  if (opened)
    log.record({
      kind: "breaker-opened",
      message: `automation stopped itself: ${opened.why}`,
      ...(opened.finding ? { finding: opened.finding } : {}),
      run,
      trigger,
    });
  const kind = kindOf(report, need, changed, policy.unattended);
  const message = inOneLine(report);
  if (kind) log.record({ kind, message, finding: findingsOf(report).join(" "), outcome: report.verdict, run, trigger });
  if (policy.unattended) await tell(of, opened ? "breaker" : occasionOf(kind), message);
  return { news: kind !== null || opened !== null };
}

function kindOf(report: Report, need: string, changed: boolean, unattended: boolean): EventKind | null {
  if (report.plan.length > 0) return report.exitCode === 0 ? "cured" : "unresolved";
  if (!changed || !unattended) return null;
  return need === "" ? "healthy-again" : "needs-person";
}

function occasionOf(kind: EventKind | null): Occasion | null {
  if (kind === "cured" || kind === "needs-person") return kind;
  if (kind === "unresolved") return "failed";
  return kind === "healthy-again" ? "cured" : null;
}

async function tell({ report, policy, run, log }: Aftermath, occasion: Occasion | null, message: string): Promise<void> {
  if (occasion === null || policy.notifyCommand.length === 0) return;
  const { notify } = await import("../notify.ts");
  const why = await notify({ schema: "flintlock-fix/notice/v1", occasion, trigger: policy.trigger, run, message, report }, policy);
  if (why === null) return;
  log.record({ kind: "notify-failed", message: `the notification command failed: ${why}`, run, trigger: policy.trigger });
  report.advice.push({ finding: null, message: `the notification command failed: ${why}` });
}

function findingsOf({ findings }: Report): string[] {
  const sick = findings.filter(({ status, after }) => status === "problem" || after === "problem");
  return (sick.length > 0 ? sick : findings.filter(({ status, after }) => (after ?? status) === "unknown")).map(({ id }) => id);
}

/** `flhost (dev): fixed: thinpool-missing; steps: recreate-devpool done, …` */
function inOneLine(report: Report): string {
  const { host, verdict, plan, refusals } = report;
  const steps = plan.map(({ id, outcome }) => `${id} ${outcome}`).join(", ");
  const why = refusals.map(({ finding, code }) => (finding === null ? code : `${finding} ${code}`)).join(", ");
  const findings = findingsOf(report).join(", ");
  return [
    `${host.name} (${host.profile}): ${verdict}`,
    ...(findings === "" ? [] : [findings]),
    ...(steps === "" ? [] : [steps]),
    ...(why === "" ? [] : [why]),
  ].join("; ");
}

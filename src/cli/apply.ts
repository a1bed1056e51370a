/** `fix --apply`: lock, ledger, progress around a run that acts. */

import { randomUUID } from "node:crypto";
import { catalogue } from "../catalogue.generated.ts";
import type { Look } from "../detector.ts";
import { sha256 } from "../digest.ts";
import { FixError } from "../errors.ts";
import { EventLog } from "../events.ts";
import type { Witness } from "../executor.ts";
import { aftermath } from "../heal/aftermath.ts";
import { Brakes } from "../heal/guard.ts";
import { keepMemory } from "../heal/journal-file.ts";
import { momentOf, type Moment } from "../heal/moment.ts";
import { Store } from "../heal/store.ts";
import { Told } from "../heal/told.ts";
import { eventsOf } from "../heal/witness.ts";
import { LinuxHost } from "../host/linux.ts";
import { defaultLockPath, takeLock } from "../host/lock.ts";
import { Ledger } from "../ledger.ts";
import { otherWords, parsePlan, type SavedPlan } from "../plan-file.ts";
import type { Plan } from "../planner.ts";
import type { Policy, Trigger } from "../policy.ts";
import { apply } from "../run.ts";
import type { FixOptions } from "./arguments.ts";
import { asideOf, readInput, show } from "./fix.ts";
import type { PolicyInForce } from "./policy-of.ts";
import { progress } from "./progress.ts";

export async function applyCommand(options: FixOptions, said: PolicyInForce): Promise<number> {
  if (process.getuid?.() !== 0) throw new FixError("NOT_ROOT", "--apply acts on the host, which only root may", "run it as root: sudo fix --apply", 6);
  const saved = options.plan === null ? null : savedFrom(options.plan, said);
  const policy: Policy = { ...said.policy, ...saved?.options };
  const lockPath = process.env["FLINTLOCK_FIX_LOCK"] || defaultLockPath;
  const release = takeLock(lockPath);
  const stop = stopOnSignal();
  const asText = options.format === "text";
  const log = new EventLog(asText ? {} : { aside: () => undefined });
  try {
    const run = randomUUID();
    const ledger = new Ledger(policy.stateDir, stamp, run);
    const brakes = new Brakes({ policy, store: new Store(policy.stateDir), run, clock: stamp, evenIfPaused: options.evenIfPaused });
    const tellers = [...(policy.unattended ? [] : [progress(options)]), eventsOf(log, run, policy.trigger)];
    const { report, after } = await apply(
      { catalogue, policy, host: (timeoutMs) => LinuxHost.within(timeoutMs), glanceFirst: true },
      {
        saved,
        waitMs: said.policy.waitMs ?? policy.waitMs,
        stop: stop.signal,
        guard: brakes,
        witness: (look, plan) => all([recorded(ledger, look, plan, policy.trigger), ...tellers]),
      },
    );
    const memory = after.log?.memory ?? null;
    const forgotten = memory && keepMemory(policy.stateDir, memory);
    for (const failure of [ledger.failure, brakes.failure, forgotten]) if (failure !== null) report.advice.push({ finding: null, message: failure });
    const { news } = await aftermath({ report, policy, run, log, told: new Told(policy.stateDir, lockPath), opened: brakes.opened });
    await log.close();
    // In any other format nothing but the document is printed: it says so itself.
    if (!asText && log.missed > 0)
      report.advice.push({ finding: null, message: "the journal does not take what this run tells it (logger --journald): it is in fix history" });
    // A healthy minute leaves no trace: it would be all that the ledger holds.
    if (news || !policy.unattended)
      ledger.write({
        event: "run-ends",
        ...(policy.only.length + policy.skip.length > 0 ? { partial: true } : {}),
        exitCode: report.exitCode,
        verdict: report.verdict,
        trigger: policy.trigger,
        durationMs: report.durationMs,
      });
    if (policy.metricsFile !== null) (await import("../heal/metrics-file.ts")).writeMetrics(policy, report, after.pool ?? null);
    if (policy.unattended && !news && asText) return report.exitCode;
    return await show(report, options, asideOf(after, policy));
  } finally {
    await log.close();
    stop.forget();
    release();
  }
}

const maxPlanBytes = 16 * 1024 * 1024;

function savedFrom(path: string, { policy, origins }: PolicyInForce): SavedPlan {
  const ids = catalogue.map(({ id }) => id);
  const saved = parsePlan(readInput(path, "--plan", maxPlanBytes), path, ids);
  const [other] = otherWords(saved, policy, origins);
  if (other !== undefined)
    throw new FixError(
      "USAGE",
      `${other}: the plan ${path} was made otherwise`,
      "leave it out, for a saved plan carries its own options; or save another plan with it",
    );
  return saved;
}

const stamp = (): Moment => momentOf(LinuxHost.clock());

/** So many names a line of the ledger holds: where there are more, the step was for all. */
const mostMicrovms = 200;

function recorded(ledger: Ledger, look: Look, plan: Plan, trigger: Trigger): Witness {
  const id = planId(plan);
  const findings = look.findings.filter(({ status }) => status === "problem").map((finding) => finding.id);
  if (plan.steps.length > 0) ledger.write({ event: "run-begins", plan: id, findings, trigger });
  return {
    stepBegins: ({ id: step, title, because, microvms = [] }) =>
      ledger.write({
        ...{ event: "step-begins", plan: id, step, title, because },
        ...(microvms.length > 0 && microvms.length <= mostMicrovms ? { microvms } : {}),
      }),
    // Before it runs, without a status: a run that is killed in the middle of it has said so.
    commandBegins: (step, argv) => ledger.write({ event: "command", plan: id, step: step.id, argv: [...argv] }),
    commandEnds: (step, argv, status, durationMs) => ledger.write({ event: "command", plan: id, step: step.id, argv: [...argv], status, durationMs }),
    stepEnds: (step, _index, { outcome, error }) =>
      ledger.write({ event: "step-ends", plan: id, step: step.id, outcome, ...(error ? { error: `${error.code}: ${error.message}` } : {}) }),
  };
}

const planId = ({ steps }: Plan): string => sha256(JSON.stringify(steps)).slice(0, 8);

function all(witnesses: readonly Witness[]): Witness {
  return {
    stepBegins: (...words) => witnesses.forEach((witness) => witness.stepBegins(...words)),
    commandBegins: (...words) => witnesses.forEach((witness) => witness.commandBegins(...words)),
    commandEnds: (...words) => witnesses.forEach((witness) => witness.commandEnds(...words)),
    stepEnds: (...words) => witnesses.forEach((witness) => witness.stepEnds(...words)),
  };
}

/** SIGTERM, SIGINT and SIGHUP end a run between two steps, never within one. */
function stopOnSignal(): { signal: AbortSignal; forget(): void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    forget: () => {
      for (const signal of signals) process.removeListener(signal, stop);
    },
  };
}

/** `fix --apply`: lock, ledger, progress around a run that acts. */

import { randomUUID } from "node:crypto";
import { catalogue } from "../catalogue.generated.ts";
import type { Look } from "../detector.ts";
import { FixError } from "../errors.ts";
import type { Witness } from "../executor.ts";
import { LinuxHost } from "../host/linux.ts";
import { defaultLockPath, takeLock } from "../host/lock.ts";
import { Ledger } from "../ledger.ts";
import { parsePlan, shapingOptions, type SavedPlan } from "../plan-file.ts";
import type { Plan } from "../planner.ts";
import type { Policy } from "../policy.ts";
import type { ExitStatus } from "../report.ts";
import { apply } from "../run.ts";
import type { FixOptions } from "./arguments.ts";
import { readInput, show } from "./fix.ts";
import { progress } from "./progress.ts";

export async function applyCommand(options: FixOptions, said: Policy): Promise<ExitStatus> {
  if (process.getuid?.() !== 0) throw new FixError("NOT_ROOT", "--apply acts on the host, which only root may", "run it as root: sudo fix --apply", 6);
  const saved = options.plan === null ? null : savedFrom(options.plan, said);
  const policy: Policy = saved === null ? said : { ...said, ...saved.options };
  const release = takeLock(process.env["FLINTLOCK_FIX_LOCK"] || defaultLockPath);
  const stop = stopOnSignal();
  try {
    const ledger = new Ledger(policy.stateDir, stamp, randomUUID());
    const teller = progress(options);
    const { report, after } = await apply(
      { catalogue, policy, host: (signal) => new LinuxHost(signal) },
      { saved, stop: stop.signal, witness: (look, plan) => both(recorded(ledger, look, plan), teller) },
    );
    if (report.plan.length > 0 || report.exitCode === 0) ledger.write({ event: "run-ends", exitCode: report.exitCode, verdict: report.verdict });
    if (ledger.failure !== null) report.advice.push({ finding: null, message: ledger.failure });
    await show(report, options, { unobservable: after.unobservable, log: after.log });
    return report.exitCode;
  } finally {
    stop.forget();
    release();
  }
}

const maxPlanBytes = 16 * 1024 * 1024;

function savedFrom(path: string, said: Policy): SavedPlan {
  const saved = parsePlan(readInput(path, "--plan", maxPlanBytes), path);
  const now = shapingOptions(said);
  for (const key of ["bridgeName", "parentIface", "disk", "provisionScript"] as const) {
    if (now[key] !== null && now[key] !== saved.options[key]) throw new FixError("USAGE", `the plan ${path} was made with another ${key} than the command line says`, "leave the option out: a saved plan carries its own");
  }
  return saved;
}

/** What dates a line of the ledger: the wall clock for people, the boot's own clock for comparing. */
function stamp(): { at: string; bootId: string; monotonicUs: number } {
  const { nowMs, bootId, monotonicUs } = LinuxHost.clock();
  return { at: new Date(nowMs).toISOString(), bootId, monotonicUs };
}

function recorded(ledger: Ledger, look: Look, plan: Plan): Witness {
  const id = planId(plan);
  const findings = look.findings.filter(({ status }) => status === "problem").map((finding) => finding.id);
  if (plan.steps.length > 0) ledger.write({ event: "run-begins", plan: id, findings });
  return {
    stepBegins: (step) => ledger.write({ event: "step-begins", plan: id, step: step.id, title: step.title, because: step.because }),
    // Before it runs, without a status: a run that is killed in the middle of it has said so.
    commandBegins: (step, argv) => ledger.write({ event: "command", plan: id, step: step.id, argv: [...argv] }),
    commandEnds: (step, argv, status, durationMs) => ledger.write({ event: "command", plan: id, step: step.id, argv: [...argv], status, durationMs }),
    stepEnds: (step, _index, { outcome, error }) => ledger.write({ event: "step-ends", plan: id, step: step.id, outcome, ...(error ? { error: `${error.code}: ${error.message}` } : {}) }),
  };
}

function planId(plan: Plan): string {
  let hash = 5381;
  for (const character of JSON.stringify(plan.steps)) hash = (Math.imul(hash, 33) ^ character.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

function both(a: Witness, b: Witness): Witness {
  return {
    stepBegins: (...words) => [a, b].forEach((witness) => witness.stepBegins(...words)),
    commandBegins: (...words) => [a, b].forEach((witness) => witness.commandBegins(...words)),
    commandEnds: (...words) => [a, b].forEach((witness) => witness.commandEnds(...words)),
    stepEnds: (...words) => [a, b].forEach((witness) => witness.stepEnds(...words)),
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

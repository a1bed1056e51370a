/** plan + operator → outcomes. Knows no fault by name: it carries out actions, in order, and says how each step ended. */

import { FixError, reasonOf } from "./errors.ts";
import type { Operator } from "./host/operator.ts";
import type { StepError, StepOutcome } from "./report.ts";
import { stillWaiting, type Action, type Condition, type Step } from "./steps/action.ts";

export interface StepResult {
  outcome: StepOutcome;
  error: StepError | null;
  attempts: number;
  /** Milliseconds that it waited for what is optional. */
  waitedMs?: number;
}

/** What the executor tells while it works; the ledger, the log and the progress on a terminal listen. */
export interface Witness {
  stepBegins(step: Step, index: number): void;
  commandBegins(step: Step, argv: readonly string[]): void;
  commandEnds(step: Step, argv: readonly string[], status: number | null, durationMs: number): void;
  stepEnds(step: Step, index: number, result: StepResult): void;
}

export interface Hands {
  operator: Operator;
  /** Whether a condition holds now; undefined where it cannot be told. */
  holds(condition: Condition): Promise<{ holds: boolean | undefined; why: string }>;
  /** Waits until it holds; `signal` ends that early. */
  until(condition: Condition, withinMs: number, signal?: AbortSignal): Promise<{ holds: boolean; why: string; attempts: number }>;
  witness: Witness;
  /** Aborted: the step under way is finished, no further one begins. */
  stop: AbortSignal;
}

export async function execute(steps: readonly Step[], hands: Hands): Promise<StepResult[]> {
  const results: StepResult[] = steps.map(() => ({ outcome: "not-run", error: null, attempts: 0 }));
  const names = new Map<string, string>();
  for (const [index, step] of steps.entries()) {
    const obstacle = obstacleTo(step, steps, results, hands.stop);
    if (obstacle !== null) {
      results[index] = { outcome: "not-run", error: obstacle, attempts: 0 };
      continue;
    }
    hands.witness.stepBegins(step, index);
    let result = await carryOut(step, names, hands);
    if (result.outcome === "failed" && step.confirms?.length) result = await rollBack(step, result, steps, results, names, hands);
    results[index] = result;
    hands.witness.stepEnds(step, index, result);
  }
  return results;
}

/** Why a step must not run: what it needs was not made, or the run is to end. Null: nothing stands against it. */
function obstacleTo(step: Step, steps: readonly Step[], results: readonly StepResult[], stop: AbortSignal): StepError | null {
  const makesGood = steps.some(({ key }, index) => key === step.compensates && isThere(results[index]));
  if (makesGood) return null;
  if (stop.aborted) return { code: "STOPPED", message: "the run was told to end before this step", hint: "run it again: what is done stays done" };
  const missing = steps.find((other, index) => results[index] !== undefined && index < steps.indexOf(step) && !isThere(results[index]) && wants(step, other));
  return missing ? { code: "NEEDS_EARLIER_STEP", message: `not run, because "${missing.title}" did not succeed`, hint: "see that step" } : null;
}

const isThere = (result: StepResult | undefined): boolean => result?.outcome === "done" || result?.outcome === "already-done";

const wants = (step: Step, other: Step): boolean => other.provides.some((resource) => step.needs.includes(resource));

async function carryOut(step: Step, names: Map<string, string>, hands: Hands): Promise<StepResult> {
  const tally: Tally = { attempts: 1 };
  try {
    if (step.done) {
      const { holds } = await hands.holds(step.done);
      if (holds === true) return { outcome: "already-done", error: null, attempts: 0 };
    }
    const release = step.inhibitShutdown === true ? await hands.operator.inhibitShutdown(step.title) : undefined;
    try {
      for (const action of step.actions) await act(action, step, names, hands, tally);
    } finally {
      release?.();
    }
    return { outcome: "done", error: null, ...tally };
  } catch (error) {
    const isLeftOut = error instanceof FixError && error.code === stillWaiting;
    return { outcome: isLeftOut ? "not-run" : "failed", error: stepError(error), ...tally };
  }
}

type Tally = Pick<StepResult, "attempts" | "waitedMs">;

async function act(action: Action, step: Step, names: Map<string, string>, hands: Hands, tally: Tally): Promise<void> {
  switch (action.do) {
    case "run":
      await run(action, step, names, hands, tally);
      return;
    case "set-key":
      hands.operator.setKey(action);
      return;
    case "write-file":
      hands.operator.writeFile(action);
      return;
    case "require": {
      const { holds, why } = await hands.holds(named(action.that, names));
      if (holds !== true) throw new FixError("CHANGED_SINCE_PLAN", `${action.because}: ${why}`, "look again: fix --dry-run");
      return;
    }
    case "await":
      await waitFor(action, names, hands, tally);
  }
}

async function waitFor({ that, withinMs, optional }: Extract<Action, { do: "await" }>, names: Map<string, string>, hands: Hands, tally: Tally): Promise<void> {
  const begun = performance.now();
  const { holds, why, attempts } = await hands.until(named(that, names), withinMs, optional ? hands.stop : undefined);
  tally.attempts = Math.max(tally.attempts, attempts);
  if (optional) tally.waitedMs = Math.round(performance.now() - begun);
  if (holds) return;
  const waited = (ms: number): string => `${why} (waited ${String(Math.round(ms / 1000))} s)`;
  throw optional
    ? new FixError(stillWaiting, waited(tally.waitedMs ?? 0), "nothing failed: flintlockd goes on by itself; a longer --wait stays with it")
    : new FixError("NOT_IN_TIME", waited(withinMs), "see the journal of the unit, then run fix again");
}

async function run(action: Extract<Action, { do: "run" }>, step: Step, names: Map<string, string>, hands: Hands, tally: Tally): Promise<void> {
  if (action.unless && (await hands.holds(named(action.unless, names))).holds === true) return;
  const argv = action.argv.map((word) => filled(word, names));
  for (let attempt = 1; ; attempt += 1) {
    const begun = performance.now();
    hands.witness.commandBegins(step, argv);
    const outcome = await hands.operator.run(argv, { timeoutMs: action.timeoutMs ?? 60_000, ...(action.input === undefined ? {} : { input: action.input }) });
    hands.witness.commandEnds(step, argv, outcome.status, Math.round(performance.now() - begun));
    tally.attempts = Math.max(tally.attempts, attempt);
    if (outcome.status === 0) {
      if (action.bind) bind(action.bind, outcome.stdout, argv, names);
      return;
    }
    if (attempt > (action.retries ?? 0)) throw new FixError("COMMAND_FAILED", outcome.why, `the command was: ${argv.join(" ")}`);
    await hands.operator.pause(Math.min(250 * 2 ** attempt, 4_000));
  }
}

function bind({ name, pattern }: { name: string; pattern: string }, stdout: string, argv: readonly string[], names: Map<string, string>): void {
  const value = stdout.split("\n", 1)[0]?.trim() ?? "";
  if (!new RegExp(`^(?:${pattern})$`).test(value))
    throw new FixError("UNEXPECTED_OUTPUT", `${argv[0] ?? ""} answered ${JSON.stringify(value)}, which is no ${name}`, `the command was: ${argv.join(" ")}`);
  names.set(name, value);
}

/** `{name}` stands for what an earlier command told; a word is replaced whole or within, never by anything else. */
function filled(word: string, names: ReadonlyMap<string, string>): string {
  return word.replaceAll(/\{([a-z][a-z-]*)\}/g, (whole, name: string) => names.get(name) ?? whole);
}

function named(condition: Condition, names: ReadonlyMap<string, string>): Condition {
  const entries = Object.entries(condition).map(([key, value]) => [key, typeof value === "string" ? filled(value, names) : (value as unknown)]);
  return Object.fromEntries(entries) as Condition;
}

/** Edits that the failed step was to prove go back, and it runs once more with the old file. */
async function rollBack(
  step: Step,
  failed: StepResult,
  steps: readonly Step[],
  results: StepResult[],
  names: Map<string, string>,
  hands: Hands,
): Promise<StepResult> {
  let restored = false;
  for (const [index, earlier] of [...steps.entries()].reverse()) {
    if (results[index]?.outcome !== "done" || !earlier.provides.some((resource) => step.confirms?.includes(resource))) continue;
    try {
      for (const action of [...earlier.actions].reverse()) if (action.do === "set-key") hands.operator.restoreKey(action);
      results[index] = { outcome: "rolled-back", error: failed.error, attempts: results[index].attempts };
      hands.witness.stepEnds(earlier, index, results[index]);
      restored = true;
    } catch (error) {
      results[index] = { outcome: "failed", error: stepError(error), attempts: results[index].attempts };
      hands.witness.stepEnds(earlier, index, results[index]);
    }
  }
  if (!restored) return failed;
  await carryOut(step, names, hands);
  return failed;
}

function stepError(error: unknown): StepError {
  if (error instanceof FixError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "FAILED", message: reasonOf(error), hint: "" };
}

/** What automation remembers between its runs, as data: attempts at each finding, and the breaker over all. Pure. */

import type { FindingId } from "../report.ts";
import type { Trigger } from "../policy.ts";
import { isMoment, type Moment } from "./moment.ts";

/** Written before the first step as `begun`; a run that died leaves it so, and it counts as one that failed. */
export interface Attempt {
  finding: FindingId;
  run: string;
  trigger: Trigger;
  began: Moment;
  outcome: "begun" | "cured" | "failed";
  /** Null while it is `begun`. */
  ended: Moment | null;
}

export interface Breaker {
  opened: Moment;
  /** Null where no single finding opened it. */
  finding: FindingId | null;
  why: string;
}

export interface HealState {
  attempts: Attempt[];
  breaker: Breaker | null;
}

export const noState: HealState = { attempts: [], breaker: null };

export const stateSchema = "flintlock-fix/brakes/v1";

/** Old attempts matter to nobody; this many are more than any budget. */
const mostAttempts = 500;

export function stateText(state: HealState): string {
  return `${JSON.stringify({ schema: stateSchema, ...state, attempts: state.attempts.slice(-mostAttempts) }, null, 1)}\n`;
}

/** Everything in it is checked: a state that is half right is a state that cannot be trusted. */
export function parseState(text: string): { state: HealState } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "it is no JSON, or was cut off" };
  }
  if (!isObject(value)) return { problem: "it is no object" };
  const { schema, attempts, breaker } = value;
  if (schema !== stateSchema) return { problem: `its schema is ${String(schema)}, not ${stateSchema}` };
  if (!Array.isArray(attempts) || !attempts.every(isAttempt)) return { problem: "its attempts are damaged" };
  if (breaker !== null && !isBreaker(breaker)) return { problem: "its breaker is damaged" };
  return { state: { attempts, breaker } };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function isAttempt(value: unknown): value is Attempt {
  if (!isObject(value)) return false;
  const { finding, run, trigger, began, outcome, ended } = value;
  if (typeof finding !== "string" || typeof run !== "string" || typeof trigger !== "string" || !isMoment(began)) return false;
  return outcome === "begun" ? ended === null : (outcome === "cured" || outcome === "failed") && isMoment(ended);
}

function isBreaker(value: unknown): value is Breaker {
  return (
    isObject(value) && isMoment(value["opened"]) && typeof value["why"] === "string" && (value["finding"] === null || typeof value["finding"] === "string")
  );
}

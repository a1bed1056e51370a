/** Maintenance: while it lasts automatic runs stand down, and a run by hand says so. Pure. */

import { isMoment, type Moment } from "./moment.ts";

export interface Pause {
  since: Moment;
  /** ISO 8601, UTC; null: until `fix resume`. */
  until: string | null;
  why: string;
}

export type PauseFound = { is: "none" } | { is: "paused"; pause: Pause } | { is: "over"; pause: Pause } | { is: "unreadable"; why: string };

export const pauseSchema = "flintlock-fix/pause/v1";

export function pauseText(pause: Pause): string {
  return `${JSON.stringify({ schema: pauseSchema, ...pause }, null, 1)}\n`;
}

/** A pause that cannot be read is one that somebody meant: nothing acts until it is cleared up. */
export function parsePause(text: string, nowMs: number): PauseFound {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { is: "unreadable", why: "it is no JSON, or was cut off" };
  }
  if (!isPause(value)) return { is: "unreadable", why: "it is not what fix pause writes" };
  const { since, until, why } = value;
  const over = until !== null && Date.parse(until) <= nowMs;
  return { is: over ? "over" : "paused", pause: { since, until, why } };
}

function isPause(value: unknown): value is Pause {
  if (typeof value !== "object" || value === null) return false;
  const { schema, since, until, why } = value as Record<string, unknown>;
  const ends = until === null || (typeof until === "string" && !Number.isNaN(Date.parse(until)));
  return schema === pauseSchema && isMoment(since) && ends && typeof why === "string";
}

export function pauseInWords({ why, until }: Pause): string {
  return `paused${until === null ? "" : ` until ${until}`}: ${why}`;
}

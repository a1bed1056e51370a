import type { Moment } from "../../../src/heal/moment.ts";
import type { Attempt } from "../../../src/heal/state.ts";
import type { FindingId } from "../../../src/report.ts";

export const minute = 60_000;

/** So many minutes after a fixed one. */
export function moment(minutes: number, bootId = "boot-1"): Moment {
  return { at: new Date(Date.UTC(2026, 10, 24) + minutes * minute).toISOString(), bootId, monotonicUs: minutes * 60e6 };
}

/** Begun after so many minutes, ended half a minute later. */
export function attempt(minutes: number, outcome: Attempt["outcome"], bootId = "boot-1", finding: FindingId = "thinpool-missing"): Attempt {
  return {
    finding,
    run: `run-${minutes}`,
    trigger: "timer",
    began: moment(minutes, bootId),
    outcome,
    ended: outcome === "begun" ? null : moment(minutes + 0.5, bootId),
  };
}

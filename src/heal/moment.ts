/** Points in time that can be compared across boots: the boot's own clock within one boot, the wall clock between two. Pure. */

export interface Moment {
  /** ISO 8601, UTC. */
  at: string;
  bootId: string;
  /** Microseconds since that boot. */
  monotonicUs: number;
}

/** Milliseconds from `moment` to `now`, never negative: a wall clock that was set back makes nothing older, and nothing from the future. */
export function elapsedMs(moment: Moment, now: Moment): number {
  const passed = moment.bootId === now.bootId ? (now.monotonicUs - moment.monotonicUs) / 1000 : Date.parse(now.at) - Date.parse(moment.at);
  return Math.max(0, passed);
}

export function momentOf({ nowMs, bootId, monotonicUs }: { nowMs: number; bootId: string; monotonicUs: number }): Moment {
  return { at: new Date(nowMs).toISOString(), bootId, monotonicUs };
}

export function isMoment(value: unknown): value is Moment {
  if (typeof value !== "object" || value === null) return false;
  const { at, bootId, monotonicUs } = value as Record<string, unknown>;
  return (
    typeof at === "string" && !Number.isNaN(Date.parse(at)) && typeof bootId === "string" && typeof monotonicUs === "number" && Number.isFinite(monotonicUs)
  );
}

/** 90 s, 5 min, 2 h: for a sentence. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

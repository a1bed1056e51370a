/**
 * Evidence from a journal counts only while it is newer than what could have cured it (the contract, promise 6). All times
 * are microseconds since this boot, so that a clock that jumps changes nothing; null: it has not happened, or cannot be told.
 */

export interface Cures {
  /** The unit's last start. Null where a crash loop starts it every few seconds: that cures nothing. */
  unitStartUs: number | null;
  /** The last change of flintlockd's configuration. */
  configChangedUs: number | null;
  /** What the finding is about was made or loaded: the pool, the module. */
  causeGoneUs: number | null;
  /** This tool's own last success. */
  toolSuccessUs: number | null;
}

export type Staleness =
  | "of another boot"
  | "from before the unit's last start"
  | "from before the configuration was changed"
  | "from before what it is about was put right"
  | "from before this tool's last success";

export interface Seen {
  sameBoot: boolean;
  monotonicUs: number;
}

/** Why a line no longer counts; null while it does. A line of the very same microsecond counts. */
export function staleBecause({ sameBoot, monotonicUs }: Seen, cures: Cures): Staleness | null {
  if (!sameBoot) return "of another boot";
  const before = (cure: number | null): boolean => cure !== null && monotonicUs < cure;
  if (before(cures.unitStartUs)) return "from before the unit's last start";
  if (before(cures.configChangedUs)) return "from before the configuration was changed";
  if (before(cures.causeGoneUs)) return "from before what it is about was put right";
  if (before(cures.toolSuccessUs)) return "from before this tool's last success";
  return null;
}

/**
 * When flintlockd's configuration last became another one. A file that was only touched did not; one that was put in place with
 * an old time (`cp -p`, `mv`) did, at some time after it was last seen as it was. Where nobody saw what flintlockd started with, its
 * time is all there is. Null: it did not change, or that cannot be told.
 */
export function configChangedUs(file: { mtimeUs: number | null; readonly sha256: string }, atStart: { sha256: string; seenUs: number } | null): number | null {
  if (atStart === null) return file.mtimeUs;
  return file.sha256 === atStart.sha256 ? null : Math.max(file.mtimeUs ?? atStart.seenUs, atStart.seenUs);
}

/** A wall-clock time as microseconds since boot; null where it lies in the future, which only a clock that was set can do. */
export function sinceBootUs(epochMs: number, now: { nowMs: number; monotonicUs: number }): number | null {
  const us = now.monotonicUs - (now.nowMs - epochMs) * 1000;
  return us > now.monotonicUs ? null : us;
}

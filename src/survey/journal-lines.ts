/** Whose entries count: only what the unit itself printed since its start, by the fields that journald sets. */

import { staleBecause, type Cures } from "../facts/freshness.ts";
import { timeOf, type JournalEntry } from "../facts/journal.ts";
import type { SpokenLine } from "../facts/log-evidence.ts";
import type { Unit } from "../facts/unit.ts";
import type { Clock } from "../host/inspector.ts";
import type { Speaker } from "./journal-read.ts";

/** A crash loop's next start cures nothing; what it said in this time counts. */
const crashLoopUs = 120_000_000;

const noCures: Cures = { unitStartUs: null, configChangedUs: null, causeGoneUs: null, toolSuccessUs: null };

export function speakerOf(unit: Speaker["unit"], of: Unit, { monotonicUs }: Clock): Speaker {
  const looping = of.restarts > 0 && (of.activeState === "activating" || monotonicUs - of.execMainStartUs < 10_000_000);
  return { unit, of, looping };
}

/** Microseconds since boot. */
export const startOf = (unit: Unit): number | null => (unit.inactiveExitUs > 0 ? unit.inactiveExitUs : unit.execMainStartUs > 0 ? unit.execMainStartUs : null);

/** Anyone can write to the journal with `logger`. */
export function linesOf(entries: readonly JournalEntry[], speakers: readonly Speaker[], { bootId, monotonicUs: nowUs }: Clock): SpokenLine[] {
  const byName = new Map(speakers.map((speaker) => [speaker.of.name, speaker]));
  return entries.flatMap((entry) => {
    const speaker = byName.get(entry.systemdUnit);
    if (!speaker || entry.transport !== "stdout" || !isUserOf(speaker.of, entry.uid)) return [];
    const { of, unit, looping } = speaker;
    if (!looping && entry.invocationId !== of.invocationId) return [];
    const unitStartUs = looping ? nowUs - crashLoopUs : startOf(of);
    if (staleBecause({ sameBoot: entry.bootId === bootId, monotonicUs: entry.monotonicUs }, { ...noCures, unitStartUs }) !== null) return [];
    return [{ unit, unitName: of.name, monotonicUs: entry.monotonicUs, at: timeOf(entry), message: entry.message }];
  });
}

/** A unit without `User=` runs as root; the number of another user is not known here. */
const isUserOf = (unit: Unit, uid: string): boolean => (unit.user === "" || unit.user === "root" ? uid === "0" : uid !== "");

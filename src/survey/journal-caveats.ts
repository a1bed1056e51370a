/** What limits the evidence of a journal: lines that journald dropped, lines that were not read, lines that are not there. */

import { suppressedId, type JournalEntry } from "../facts/journal.ts";
import { mostHits } from "../facts/listen.ts";
import type { Heard } from "../facts/log-evidence.ts";
import type { Unit } from "../facts/unit.ts";
import type { Clock } from "../host/inspector.ts";
import { startOf } from "./journal-lines.ts";
import type { Speaker } from "./journal-read.ts";

/** By unit, added to what was known before. journald itself says so; that is not taken from anybody else. */
export function droppedLines(entries: readonly JournalEntry[], speakers: readonly Speaker[], before: Readonly<Record<string, number>>): Record<string, number> {
  const dropped = { ...before };
  for (const { messageId, systemdUnit, message, monotonicUs } of entries) {
    if (messageId !== suppressedId || systemdUnit !== "systemd-journald.service") continue;
    const [, count, path] = /^Suppressed (\d{1,12}) messages from (\S+)$/.exec(message) ?? [];
    const speaker = speakers.find(({ of }) => of.name === path?.split("/").at(-1));
    if (speaker && monotonicUs >= (startOf(speaker.of) ?? 0)) dropped[speaker.of.name] = (dropped[speaker.of.name] ?? 0) + Number(count);
  }
  return dropped;
}

export interface Limits {
  /** How many lines were read where there were more. */
  cutAt: number | null;
  dropped: Readonly<Record<string, number>>;
  heard: Heard;
}

export function limits({ cutAt, dropped, heard }: Limits, speakers: readonly Speaker[]): string[] {
  const names = speakers.flatMap(({ of }) => (of.invocationId === "" ? [] : [of.name]));
  return [
    ...(cutAt === null ? [] : [`only the newest ${cutAt} lines of ${names.join(" and ")} were read`]),
    ...Object.entries(dropped).map(([unit, count]) => `journald dropped ${count} lines of ${unit} (rate limit): what matters may be among them`),
    ...heard.overheard.map((finding) => `more than ${mostHits} lines speak of ${finding}: only the newest are counted`),
  ];
}

/** flintlockd says a dozen lines at every start: none at all means that they are lost. */
export function silence({ spoken }: Heard, flintlockd: Unit, { monotonicUs }: Clock, logPath: string | null): string[] {
  const runsUs = flintlockd.mainPid > 0 && flintlockd.execMainStartUs > 0 ? monotonicUs - flintlockd.execMainStartUs : 0;
  if (logPath !== null || runsUs < 10_000_000 || spoken.flintlockd > 0) return [];
  return [`the journal holds no line that ${flintlockd.name} said since its start: they were rotated away, or lost`];
}

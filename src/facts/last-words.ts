/** What a daemon, and systemd about it, said last. */

import { parseJournal } from "./journal.ts";
import { parseLogLine, sayingOf } from "./logrus.ts";

export interface Words {
  /** Microseconds since the epoch. */
  realtimeUs: number;
  /** systemd's own line about the unit, not the unit's. */
  fromSystemd: boolean;
  message: string;
}

/** Entries of `journalctl --output=json`; what has no message is left out. */
export function wordsIn(journal: string): Words[] {
  return parseJournal(journal)
    .entries.filter(({ message }) => message !== "")
    .map(({ realtimeUs, identifier, systemdUnit, message }) => ({
      realtimeUs,
      fromSystemd: identifier === "systemd" && systemdUnit === "init.scope",
      message,
    }));
}

/** The line that says why it ended: newest first of cobra's or Go's own words, a fatal log line, an error, systemd's own. */
export function lastWords(lines: readonly Words[]): { message: string; realtimeUs: number } | null {
  const newest = [...lastRun(lines)].reverse();
  for (const telling of [isWords, isFatal, isError, isSystemds]) {
    const found = newest.find(telling);
    if (found) return { message: sayingOf(parseLogLine(found.message)), realtimeUs: found.realtimeUs };
  }
  return null;
}

/** What belongs to the newest start that ended: systemd's own lines frame it, though a little out of order. */
function lastRun(lines: readonly Words[]): readonly Words[] {
  const end = lines.findLastIndex(({ fromSystemd, message }) => fromSystemd && /process exited|Failed with result/.test(message));
  if (end === -1) return lines;
  const begin = lines.slice(0, end).findLastIndex(({ fromSystemd, message }) => fromSystemd && /^Starting |Scheduled restart job/.test(message));
  return lines.slice(Math.max(begin, 0));
}

const isWords = ({ message, fromSystemd }: Words): boolean => !fromSystemd && /^(?:Error: |panic: |fatal error: |containerd: |flintlockd: )/.test(message);
const isFatal = ({ message, fromSystemd }: Words): boolean => !fromSystemd && parseLogLine(message).ends;
/** `failed to load cni` is said at each healthy start of containerd. */
const isError = ({ message, fromSystemd }: Words): boolean =>
  !fromSystemd &&
  parseLogLine(message).level === "error" &&
  !/failed to load cni during init|error from event service|error from containerd event service/.test(message);
const isSystemds = ({ message, fromSystemd }: Words): boolean =>
  fromSystemd &&
  /Failed to (?:locate executable|execute|load|set up|spawn)|Failed at step|(?:Main|Control) process exited|Start request repeated too quickly|Dependency failed|timed out/i.test(
    message,
  );

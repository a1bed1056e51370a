/** Entries of the journal as `journalctl -o json` prints them (systemd.journal-fields(7), and its "Journal JSON Format"). */

export interface JournalEntry {
  cursor: string;
  /** Microseconds since that boot, by journald's own clock. */
  monotonicUs: number;
  /** Microseconds since the epoch. */
  realtimeUs: number;
  bootId: string;
  /** Fields that begin with `_` are set by journald and cannot be forged; empty where the entry has none. */
  systemdUnit: string;
  uid: string;
  invocationId: string;
  /** `stdout`: what the unit itself printed. */
  transport: string;
  messageId: string;
  /** What a sender said of itself. */
  identifier: string;
  message: string;
}

/** Newest first, as `--reverse` prints them, or in any order; `damaged` counts lines that are no entry. */
export function parseJournal(text: string): { entries: JournalEntry[]; damaged: number } {
  const entries: JournalEntry[] = [];
  let damaged = 0;
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end === -1 ? text.length : end);
    from = end === -1 ? text.length : end + 1;
    if (line === "") continue;
    const entry = parseEntry(line);
    if (entry) entries.push(entry);
    else damaged += 1;
  }
  return { entries, damaged };
}

export function parseEntry(line: string): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? entryOf(value) : null;
  } catch {
    return null;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function entryOf(fields: Fields): JournalEntry {
  return {
    cursor: textOf(fields["__CURSOR"]),
    monotonicUs: numberOf(fields["__MONOTONIC_TIMESTAMP"]),
    realtimeUs: numberOf(fields["__REALTIME_TIMESTAMP"]),
    bootId: textOf(fields["_BOOT_ID"]),
    systemdUnit: textOf(fields["_SYSTEMD_UNIT"]),
    uid: textOf(fields["_UID"]),
    invocationId: textOf(fields["_SYSTEMD_INVOCATION_ID"]),
    transport: textOf(fields["_TRANSPORT"]),
    messageId: textOf(fields["MESSAGE_ID"]),
    identifier: textOf(fields["SYSLOG_IDENTIFIER"]),
    message: textOf(fields["MESSAGE"]),
  };
}

/** A field that is no text is a list of bytes; one that a sender gave twice is a list of values, of which the first counts. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  const items: unknown[] = value;
  if (items.every((item): item is number => typeof item === "number")) return new TextDecoder().decode(Uint8Array.from(items));
  return textOf(items[0]);
}

function numberOf(value: unknown): number {
  const text = typeof value === "string" ? value : "";
  return /^\d{1,16}$/.test(text) ? Number(text) : 0;
}

/** journald: "Suppressed N messages from UNIT" (SD_MESSAGE_JOURNAL_DROPPED, sd-messages.h). */
export const suppressedId = "a596d6fe7bfa4994828e72309e95d61e";

/** ISO 8601, UTC; empty where the entry has no time. */
export function timeOf({ realtimeUs }: JournalEntry): string {
  const date = new Date(realtimeUs / 1000);
  return realtimeUs === 0 || Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

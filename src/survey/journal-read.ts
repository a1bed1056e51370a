/** What journalctl is asked, and what it told: everything since the units' start, or what came after a cursor. */

import { parseJournal, suppressedId, type JournalEntry } from "../facts/journal.ts";
import type { Unit } from "../facts/unit.ts";
import { oneLine } from "../evidence.ts";
import { known, unknown, type Answer, type Clock, type Inspector } from "../host/inspector.ts";

export interface Speaker {
  unit: "flintlockd" | "containerd";
  of: Unit;
  /** It starts anew every few seconds. */
  looping: boolean;
}

export interface Read {
  /** Oldest first. */
  entries: JournalEntry[];
  caveats: string[];
  /** How many were read where there were more, else null. */
  cutAt: number | null;
  /** journalctl complained of nothing, and all that it printed were entries. */
  clean: boolean;
}

/** The healthy host of a few MicroVMs says this much in days. */
const mostEntries = 10_000;
const fields = "MESSAGE,MESSAGE_ID,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_SYSTEMD_INVOCATION_ID,_UID,_BOOT_ID,_TRANSPORT";
const mebibyte = 1024 * 1024;

/** Each match is answered from the journal's index: how much else it holds does not matter (systemd.journal-fields(7)). */
function matchesOf(speakers: readonly Speaker[], { bootId }: Clock): string[] {
  const ofUnits = speakers.map(({ of, looping }) => [
    ...(looping ? [] : [`_SYSTEMD_INVOCATION_ID=${of.invocationId}`]),
    `_SYSTEMD_UNIT=${of.name}`,
    `_BOOT_ID=${bootId}`,
  ]);
  const drops = [`MESSAGE_ID=${suppressedId}`, "_SYSTEMD_UNIT=systemd-journald.service", `_BOOT_ID=${bootId}`];
  return [...ofUnits, drops].flatMap((match, index) => (index === 0 ? match : ["+", ...match]));
}

const journalctl = (range: readonly string[], matches: readonly string[]): string[] => [
  "journalctl",
  "--no-pager",
  "--quiet",
  "--all",
  ...range,
  "--output=json",
  `--output-fields=${fields}`,
  ...matches,
];

/** The newest first, so that what is cut off is old. */
export async function readSinceStart(host: Inspector, speakers: readonly Speaker[], clock: Clock): Promise<Answer<Read>> {
  const argv = journalctl(["--reverse", `--lines=${mostEntries}`], matchesOf(speakers, clock));
  const shown = await host.ask({ ask: "command", argv, maxBytes: 64 * mebibyte });
  if (shown.kind !== "known") return unknown(`the journal cannot be read: ${shown.why}`);
  const { status, stdout, stderr, truncated } = shown.value;
  // It exits 1 without a word where no entry matches.
  if (status !== 0 && !truncated && stdout === "" && stderr.trim() !== "")
    return unknown(`the journal cannot be read: journalctl ${status === null ? "was ended by a signal" : `exited ${status}`}: ${oneLine(stderr, 300)}`);
  const { entries, damaged } = parseJournal(stdout);
  const noEntries = damaged > (truncated ? 1 : 0) ? damaged : 0;
  const complaints = stderr.split("\n").flatMap((line) => (line.trim() === "" ? [] : [`journalctl: ${oneLine(line, 300)}`]));
  return known(
    {
      entries: entries.reverse(),
      caveats: [...complaints.slice(0, 5), ...(noEntries > 0 ? [`${noEntries} lines that journalctl printed are no entries`] : [])],
      cutAt: truncated || entries.length >= mostEntries ? entries.length : null,
      clean: status === 0 && complaints.length === 0 && noEntries === 0,
    },
    shown.at,
  );
}

/**
 * What came after the entry of that cursor; `lost` where that cannot be told for certain. journalctl goes on from the nearest
 * entry where the one of the cursor is gone (sd_journal_seek_cursor(3)), so that one is asked for too, and has to come first.
 */
export async function readAfter(cursor: string, host: Inspector, speakers: readonly Speaker[], clock: Clock): Promise<Read | { lost: string }> {
  const argv = journalctl([`--cursor=${cursor}`], matchesOf(speakers, clock));
  const shown = await host.ask({ ask: "command", argv, maxBytes: 16 * mebibyte });
  if (shown.kind !== "known") return { lost: shown.why };
  const { stdout, stderr, truncated } = shown.value;
  if (stderr.trim() !== "") return { lost: oneLine(stderr, 300) };
  if (truncated) return { lost: "too much came after it" };
  const { entries, damaged } = parseJournal(stdout);
  if (entries[0]?.cursor !== cursor) return { lost: "the journal no longer holds the entry where the last run stood: rotated away, or vacuumed" };
  return damaged > 0
    ? { lost: `${damaged} lines that journalctl printed are no entries` }
    : { entries: entries.slice(1), caveats: [], cutAt: null, clean: true };
}

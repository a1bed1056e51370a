/** What flintlockd and containerd said since they last started: the only lines that count (the contract, promise 6). */

import { staleBecause, type Cures } from "../facts/freshness.ts";
import { parseJournal, suppressedId, timeOf, type JournalEntry } from "../facts/journal.ts";
import { findingsOf, listen, type LogError, type LogFinding, type SpokenLine } from "../facts/log-evidence.ts";
import { matcherOf } from "../facts/signatures.ts";
import type { Unit } from "../facts/unit.ts";
import { oneLine } from "../evidence.ts";
import { known, unknown, valueOf, type Answer, type Clock } from "../host/inspector.ts";
import { freshHits } from "./fresh-hits.ts";
import { logFile } from "./log-file.ts";
import type { Survey } from "./survey.ts";

export type { LogFinding, LogHit } from "../facts/log-evidence.ts";

export interface LogEvidence {
  findings: LogFinding[];
  /** Error lines that match nothing, grouped by shape. */
  notOurs: { shape: string; count: number; example: string }[];
  /** What limits this evidence: journald suppressed lines, the journal was vacuumed, … */
  caveats: string[];
  /** flintlockd's and containerd's own last error lines, newest last (at most 20 each). */
  lastErrors: LogError[];
  /** The newest error line about each MicroVM. */
  lastWords: ReadonlyMap<string, LogError>;
  /** ISO 8601, UTC: flintlockd began to work on a MicroVM then and is still at it; it has one worker. */
  busySince: string | null;
}

/** Newest first; the healthy host of a few MicroVMs says this much in days. */
const mostEntries = 10_000;
const fields = "MESSAGE,MESSAGE_ID,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_SYSTEMD_INVOCATION_ID,_UID,_BOOT_ID,_TRANSPORT";
/** A crash loop's next start cures nothing; what it said in this time counts. */
const crashLoopUs = 120_000_000;

const noCures: Cures = { unitStartUs: null, configChangedUs: null, causeGoneUs: null, toolSuccessUs: null };

interface Speaker {
  unit: SpokenLine["unit"];
  of: Unit;
  looping: boolean;
}

/** `unknown` where the journal cannot be read. */
export async function journal(survey: Survey): Promise<Answer<LogEvidence>> {
  const [clock, units, layout] = await Promise.all([survey.clock(), survey.units(), survey.layout()]);
  if (clock.kind !== "known") return clock;
  if (units.kind !== "known") return unknown(units.why);
  const { flintlockd, containerd, containerdDev } = units.value;
  const speakers = [
    speakerOf("flintlockd", flintlockd, clock.value),
    speakerOf("containerd", valueOf(layout)?.containerdUnit === "containerd.service" ? containerd : containerdDev, clock.value),
  ];
  const spoken = speakers.filter(({ of }) => of.invocationId !== "");
  const told = spoken.length === 0 ? known({ entries: [], caveats: [] }) : await entriesOf(survey, spoken, clock.value);
  if (told.kind !== "known") return told;
  const elsewhere = await logFile(survey, clock.value, flintlockd);
  const lines = [
    ...linesOf(told.value.entries, speakers, clock.value),
    ...elsewhere.lines.filter(({ monotonicUs }) => monotonicUs >= (startOf(flintlockd) ?? 0)),
  ];
  const { hits, ...heard } = listen(lines, matcherOf(survey.signatures));
  const findings = findingsOf(await freshHits(survey, hits, clock.value));
  return known(
    { ...heard, findings, caveats: [...told.value.caveats, ...elsewhere.caveats, ...silence(lines, flintlockd, clock.value, elsewhere.path)] },
    told.at,
  );
}

function speakerOf(unit: Speaker["unit"], of: Unit, { monotonicUs }: Clock): Speaker {
  const looping = of.restarts > 0 && (of.activeState === "activating" || monotonicUs - of.execMainStartUs < 10_000_000);
  return { unit, of, looping };
}

const startOf = (unit: Unit): number | null => (unit.inactiveExitUs > 0 ? unit.inactiveExitUs : unit.execMainStartUs > 0 ? unit.execMainStartUs : null);

async function entriesOf({ host }: Survey, speakers: readonly Speaker[], { bootId }: Clock): Promise<Answer<{ entries: JournalEntry[]; caveats: string[] }>> {
  // Each match is answered from the journal's index: how much else it holds does not matter (systemd.journal-fields(7)).
  const matches = speakers.map(({ of, looping }) => [
    ...(looping ? [] : [`_SYSTEMD_INVOCATION_ID=${of.invocationId}`]),
    `_SYSTEMD_UNIT=${of.name}`,
    `_BOOT_ID=${bootId}`,
  ]);
  const drops = [`MESSAGE_ID=${suppressedId}`, "_SYSTEMD_UNIT=systemd-journald.service", `_BOOT_ID=${bootId}`];
  const argv = [
    "journalctl",
    "--no-pager",
    "--quiet",
    "--all",
    "--reverse",
    `--lines=${mostEntries}`,
    "--output=json",
    `--output-fields=${fields}`,
    ...[...matches, drops].flatMap((match, index) => (index === 0 ? match : ["+", ...match])),
  ];
  const shown = await host.ask({ ask: "command", argv, maxBytes: 64 * 1024 * 1024 });
  if (shown.kind !== "known") return unknown(`the journal cannot be read: ${shown.why}`);
  const { status, stdout, stderr, truncated } = shown.value;
  // It exits 1 without a word where no entry matches.
  if (status !== 0 && !truncated && stdout === "" && stderr.trim() !== "")
    return unknown(`the journal cannot be read: journalctl ${status === null ? "was ended by a signal" : `exited ${status}`}: ${oneLine(stderr, 300)}`);
  const { entries, damaged } = parseJournal(stdout);
  const caveats = [
    ...stderr
      .split("\n")
      .flatMap((line) => (line.trim() === "" ? [] : [`journalctl: ${oneLine(line, 300)}`]))
      .slice(0, 5),
    ...(truncated || entries.length >= mostEntries
      ? [`only the newest ${entries.length} lines of ${speakers.map(({ of }) => of.name).join(" and ")} were read`]
      : []),
    ...(damaged > (truncated ? 1 : 0) ? [`${damaged} lines that journalctl printed are no entries`] : []),
    ...suppressed(entries, speakers),
  ];
  return known({ entries: entries.reverse(), caveats }, shown.at);
}

/** journald itself says so; that is not taken from anybody else. */
function suppressed(entries: readonly JournalEntry[], speakers: readonly Speaker[]): string[] {
  return speakers.flatMap(({ of }) => {
    const counts = entries.flatMap(({ messageId, systemdUnit, message, monotonicUs }) => {
      const count =
        messageId === suppressedId && systemdUnit === "systemd-journald.service" ? /^Suppressed (\d{1,12}) messages from (\S+)$/.exec(message) : null;
      return count?.[2]?.split("/").at(-1) === of.name && monotonicUs >= (startOf(of) ?? 0) ? [Number(count[1])] : [];
    });
    return counts.length === 0
      ? []
      : [`journald dropped ${counts.reduce((sum, count) => sum + count, 0)} lines of ${of.name} (rate limit): what matters may be among them`];
  });
}

/** Only what the unit itself printed, by the fields that journald sets: anyone can write to the journal with `logger`. */
function linesOf(entries: readonly JournalEntry[], speakers: readonly Speaker[], { bootId, monotonicUs: nowUs }: Clock): SpokenLine[] {
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

/** flintlockd says a dozen lines at every start: none at all means that they are lost. */
function silence(lines: readonly SpokenLine[], flintlockd: Unit, { monotonicUs }: Clock, logPath: string | null): string[] {
  const runsUs = flintlockd.mainPid > 0 && flintlockd.execMainStartUs > 0 ? monotonicUs - flintlockd.execMainStartUs : 0;
  if (logPath !== null || runsUs < 10_000_000 || lines.some(({ unit }) => unit === "flintlockd")) return [];
  return [`the journal holds no line that ${flintlockd.name} said since its start: they were rotated away, or lost`];
}

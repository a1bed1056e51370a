/** What flintlockd and containerd said since they last started: the only lines that count (the contract, promise 6). */

import type { JournalMemory } from "../facts/journal-memory.ts";
import { listen } from "../facts/listen.ts";
import { findingsOf, type LogError, type LogFinding } from "../facts/log-evidence.ts";
import { matcherOf } from "../facts/signatures.ts";
import { known, mapAnswer, unknown, valueOf, type Answer, type Clock } from "../host/inspector.ts";
import { configSeen } from "./config-seen.ts";
import { freshHits } from "./fresh-hits.ts";
import { droppedLines, limits, silence } from "./journal-caveats.ts";
import { linesOf, speakerOf, startOf } from "./journal-lines.ts";
import { ears, recall } from "./journal-memory.ts";
import { readAfter, readSinceStart, type Read, type Speaker } from "./journal-read.ts";
import { logFile } from "./log-file.ts";
import type { Survey } from "./survey.ts";

export type { LogFinding, LogHit } from "../facts/log-evidence.ts";

export interface LogEvidence {
  findings: LogFinding[];
  /** Error lines that match nothing, grouped by shape, the most frequent first. */
  notOurs: { shape: string; count: number; example: string }[];
  /** What limits this evidence: journald suppressed lines, the journal was vacuumed, … */
  caveats: string[];
  /** flintlockd's and containerd's own last error lines, newest last (at most 20 each). */
  lastErrors: LogError[];
  /** The newest error line about each MicroVM. */
  lastWords: ReadonlyMap<string, LogError>;
  /** ISO 8601, UTC: flintlockd began to work on a MicroVM then and is still at it; it has one worker. */
  busySince: string | null;
  /** What a run that may write keeps for the next one; null where it leaves alone what is kept. */
  memory: JournalMemory | null;
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
  const told = await entriesOf(survey, speakers, clock.value);
  if (told.kind !== "known") return told;
  const elsewhere = await logFile(survey, clock.value, flintlockd);
  const { read, before } = told.value;
  const matcher = matcherOf(survey.signatures);
  const said = listen(linesOf(read.entries, speakers, clock.value), matcher, before?.heard);
  // What is in a file has no cursor: it is read anew each time, and not remembered.
  const inFile = elsewhere.lines.filter(({ monotonicUs }) => monotonicUs >= (startOf(flintlockd) ?? 0));
  const heard = inFile.length === 0 ? said : listen(inFile, matcher, said);
  const dropped = droppedLines(read.entries, speakers, before?.dropped ?? {});
  const cutAt = read.cutAt ?? before?.cutAt ?? null;
  return known(
    {
      findings: findingsOf(await freshHits(survey, heard.hits, clock.value)),
      notOurs: heard.notOurs.toSorted((a, b) => b.count - a.count),
      lastErrors: [...heard.lastErrors.flintlockd, ...heard.lastErrors.containerd],
      lastWords: heard.lastWords,
      busySince: heard.busySince,
      caveats: [
        ...read.caveats,
        ...limits({ cutAt, dropped, heard }, speakers),
        ...elsewhere.caveats,
        ...silence(heard, flintlockd, clock.value, elsewhere.path),
      ],
      memory: isWorthKeeping(survey, told.value, speakers)
        ? {
            madeBy: ears(survey),
            bootId: clock.value.bootId,
            units: speakers.map(({ of: { name, invocationId } }) => ({ name, invocationId })),
            ...{ cursor: read.entries.at(-1)?.cursor ?? "", heard: said, dropped, cutAt },
            config: await configSeen(survey),
          }
        : null,
    },
    told.at,
  );
}

/** Where nothing is new, what is kept is as good. What is not clean is to be read again; a crash loop's lines grow old within minutes. */
function isWorthKeeping({ memoryUse }: Survey, { read }: Told, speakers: readonly Speaker[]): boolean {
  return memoryUse === "keep" && read.clean && read.entries.length > 0 && !speakers.some(({ looping }) => looping);
}

interface Told {
  read: Read;
  /** What was heard before these entries. */
  before: JournalMemory | null;
}

/** From where the last run stood, where that place is still there; else from the units' start. */
async function entriesOf(survey: Survey, speakers: readonly Speaker[], clock: Clock): Promise<Answer<Told>> {
  const spoken = speakers.filter(({ of }) => of.invocationId !== "");
  if (spoken.length === 0) return known({ read: { entries: [], caveats: [], cutAt: null, clean: false }, before: null });
  // The lines of a crash loop are of many starts.
  const { memory, caveats } = speakers.some(({ looping }) => looping) ? { memory: null, caveats: [] } : await recall(survey, speakers, clock);
  const after = memory && (await readAfter(memory.cursor, survey.host, spoken, clock));
  if (memory && after && !("lost" in after)) return known({ read: after, before: memory });
  const lost = after && "lost" in after ? [`the journal is read since boot, not from where the last run stood: ${after.lost}`] : [];
  const read = await readSinceStart(survey.host, spoken, clock);
  return mapAnswer(read, (value) => ({ read: { ...value, caveats: [...caveats, ...lost, ...value.caveats] }, before: null }));
}

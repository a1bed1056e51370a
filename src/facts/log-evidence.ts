/** What the lines of the two daemons came to: what speaks for a finding, and what is left over. Pure. */

import type { FindingId } from "../report.ts";

export interface LogHit {
  finding: FindingId;
  /** Which of the finding's signatures: its name in remediations/<finding>.ts. */
  signature: string;
  unit: string;
  /** NAMESPACE/NAME/UID, or null where the line names none. */
  microvm: string | null;
  /** Microseconds since boot. */
  monotonicUs: number;
  /** ISO 8601, UTC, of the entry's own __REALTIME_TIMESTAMP. */
  at: string;
  /** The message, bounded and made safe to print. */
  excerpt: string;
}

/** All hits of one finding: a thousand failing MicroVMs are one of these. */
export interface LogFinding {
  finding: FindingId;
  count: number;
  first: LogHit;
  last: LogHit;
  /** NAMESPACE/NAME/UID of each MicroVM that was hit, in order of first sight. */
  microvms: string[];
  /** A few, the newest of each signature first. */
  examples: LogHit[];
}

export interface LogError {
  unit: string;
  at: string;
  excerpt: string;
  /** NAMESPACE/NAME/UID, where the line names one. */
  microvm: string | null;
}

export interface SpokenLine {
  unit: "flintlockd" | "containerd";
  unitName: string;
  monotonicUs: number;
  at: string;
  message: string;
}

/** What a run of lines came to. Hearing the first half and then, upon that, the second is hearing both at once. */
export interface Heard {
  /** In the order in which they were said; of each finding the newest `mostHits`. */
  hits: readonly LogHit[];
  /** Findings that had more. */
  overheard: readonly FindingId[];
  /** Error lines that match nothing, grouped by shape, in order of first sight. */
  notOurs: readonly { shape: string; count: number; example: string }[];
  /** The newest of each unit, newest last. */
  lastErrors: Readonly<Record<SpokenLine["unit"], readonly LogError[]>>;
  /** The newest error line about each MicroVM. */
  lastWords: ReadonlyMap<string, LogError>;
  /** flintlockd began to work on a MicroVM and has not come to an end: it has one worker, the others wait for it. */
  busySince: string | null;
  /** Lines of each unit. */
  spoken: Readonly<Record<SpokenLine["unit"], number>>;
}

export const heardNothing: Heard = {
  hits: [],
  overheard: [],
  notOurs: [],
  lastErrors: { flintlockd: [], containerd: [] },
  lastWords: new Map(),
  busySince: null,
  spoken: { flintlockd: 0, containerd: 0 },
};

const mostExamples = 5;

/** One of each finding, in the order in which they were first hit. */
export function findingsOf(hits: readonly LogHit[]): LogFinding[] {
  const byFinding = new Map<FindingId, LogHit[]>();
  for (const hit of hits) {
    const list = byFinding.get(hit.finding);
    if (list) list.push(hit);
    else byFinding.set(hit.finding, [hit]);
  }
  return [...byFinding].flatMap(([finding, list]) => {
    const [first, last] = [list[0], list.at(-1)];
    if (!first || !last) return [];
    const microvms = [...new Set(list.flatMap(({ microvm }) => (microvm === null ? [] : [microvm])))];
    return [{ finding, count: list.length, first, last, microvms, examples: examplesOf(list) }];
  });
}

/** The newest of each signature, then the newest of MicroVMs not named yet. */
function examplesOf(hits: readonly LogHit[]): LogHit[] {
  const newestFirst = hits.toReversed();
  const signatures = new Set<string>();
  const ofEach = newestFirst.filter(({ signature }) => !signatures.has(signature) && signatures.add(signature));
  const microvms = new Set(ofEach.map(({ microvm }) => microvm));
  const others = newestFirst.filter(({ microvm }) => !microvms.has(microvm) && microvms.add(microvm));
  return [...ofEach, ...others].slice(0, mostExamples);
}

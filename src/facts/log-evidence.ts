/** Lines of the two daemons → evidence: what speaks for a finding, and what is left over. Pure. */

import { oneLine } from "../evidence.ts";
import { maskSecrets } from "../secrets.ts";
import type { FindingId } from "../report.ts";
import { parseLogLine, type LogLine } from "./logrus.ts";
import type { Matcher } from "./signatures.ts";

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

export interface Heard {
  hits: LogHit[];
  /** Error lines that match nothing, grouped by shape, the most frequent first. */
  notOurs: { shape: string; count: number; example: string }[];
  /** The newest of each unit, newest last. */
  lastErrors: LogError[];
  /** The newest error line about each MicroVM. */
  lastWords: ReadonlyMap<string, LogError>;
  /** flintlockd began to work on a MicroVM and has not come to an end: it has one worker, the others wait for it. */
  busySince: string | null;
}

const mostErrors = 20;
const mostShapes = 20;
const mostMessage = 4_000;

/** Said at every healthy start, or together with a line that says why. */
const harmless = /^(?:failed to load cni during init|failed executing plan$|error in context done)|http: Server closed$/;
const daemonsOwnEnd = /^(?:Error: |panic: |fatal error: |runtime: |\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )/;

/** In the order in which they were said. */
export function listen(lines: readonly SpokenLine[], matcher: Matcher): Heard {
  const hits: LogHit[] = [];
  const shapes = new Map<string, { shape: string; count: number; example: string }>();
  const lastErrors: Record<SpokenLine["unit"], LogError[]> = { flintlockd: [], containerd: [] };
  const lastWords = new Map<string, LogError>();
  let busySince: string | null = null;
  for (const { unit, unitName, monotonicUs, at, message } of lines) {
    const line = parseLogLine(message);
    if (line.level === "info" || line.level === "debug" || line.msg === "failed executing plan") {
      if (unit === "flintlockd") busySince = busyAfter(line, at, busySince);
      if (line.level !== "error") continue;
    }
    const { microvm, matches } = matcher.match(unit, line);
    const excerpt = shown(line);
    for (const { finding, signature } of matches) hits.push({ finding, signature, unit: unitName, microvm, monotonicUs, at, excerpt });
    const isError = line.level === "error" || (line.level === "none" && daemonsOwnEnd.test(line.msg));
    if (!isError && matches.length === 0) continue;
    if (harmless.test(line.msg)) continue;
    const error = { unit: unitName, at, excerpt, microvm };
    lastErrors[unit].push(error);
    if (lastErrors[unit].length > mostErrors) lastErrors[unit].shift();
    // That it gave up is not why.
    if (microvm !== null && !line.msg.startsWith("microvm reconciliation for ")) lastWords.set(microvm, error);
    if (matches.length > 0) continue;
    const shape = shapeOf(line.msg, microvm);
    const known = shapes.get(shape);
    if (known) known.count += 1;
    else if (shapes.size < mostShapes) shapes.set(shape, { shape, count: 1, example: excerpt });
  }
  return {
    hits,
    notOurs: [...shapes.values()].sort((a, b) => b.count - a.count),
    lastErrors: [...lastErrors.flintlockd, ...lastErrors.containerd],
    lastWords,
    busySince,
  };
}

/** pkg/planner/actuator.go */
function busyAfter({ msg }: LogLine, at: string, before: string | null): string | null {
  if (msg === "started executing plan") return at;
  return msg === "finished executing plan" || msg === "failed executing plan" ? null : before;
}

function shown({ msg, error }: LogLine): string {
  return oneLine(maskSecrets((error === null ? msg : `${msg}: ${error}`).slice(0, mostMessage)));
}

/** What stays the same however often it happens: numbers, identifiers and quoted text taken out. */
export function shapeOf(msg: string, microvm: string | null): string {
  const text = msg.slice(0, 2_000);
  const own = microvm === null ? text : text.replaceAll(microvm, "MICROVM");
  const general = own
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replaceAll(/\b(?:sha256:)?[0-9a-f]{12,}\b|\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "ID")
    .replaceAll(/\d+/g, "N");
  return oneLine(maskSecrets(general), 200);
}

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

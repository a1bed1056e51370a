/** Lines of the two daemons → evidence: each line once, matched against every wording. Pure. */

import { oneLine } from "../evidence.ts";
import { maskSecrets } from "../secrets.ts";
import type { FindingId } from "../report.ts";
import { heardNothing, type Heard, type LogHit, type SpokenLine } from "./log-evidence.ts";
import { parseLogLine, type LogLine } from "./logrus.ts";
import type { Matcher } from "./signatures.ts";

/** 500 MicroVMs that failed ten times each, which is when flintlockd gives up. */
export const mostHits = 5_000;
const mostErrors = 20;
const mostShapes = 20;
const mostWords = 10_000;
const mostMessage = 4_000;

/** Said at every healthy start, or together with a line that says why. */
const harmless = /^(?:failed to load cni during init|failed executing plan$|error in context done)|http: Server closed$/;
const daemonsOwnEnd = /^(?:Error: |panic: |fatal error: |runtime: |\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )/;

/** In the order in which they were said, after what was heard before. */
export function listen(lines: readonly SpokenLine[], matcher: Matcher, before = heardNothing): Heard {
  const hits = [...before.hits];
  const shapes = new Map(before.notOurs.map((known) => [known.shape, { ...known }]));
  const lastErrors = { flintlockd: [...before.lastErrors.flintlockd], containerd: [...before.lastErrors.containerd] };
  const lastWords = new Map(before.lastWords);
  const spoken = { ...before.spoken };
  let { busySince } = before;
  for (const { unit, unitName, monotonicUs, at, message } of lines) {
    spoken[unit] += 1;
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
    if (microvm !== null && !line.msg.startsWith("microvm reconciliation for ")) {
      // The newest stands last.
      lastWords.delete(microvm);
      lastWords.set(microvm, error);
    }
    if (matches.length > 0) continue;
    const shape = shapeOf(line.msg, microvm);
    const known = shapes.get(shape);
    if (known) known.count += 1;
    else if (shapes.size < mostShapes) shapes.set(shape, { shape, count: 1, example: excerpt });
  }
  const kept = newest(hits);
  return {
    hits: kept.hits,
    overheard: [...new Set([...before.overheard, ...kept.overheard])].sort(),
    notOurs: [...shapes.values()],
    lastErrors,
    lastWords: lastWords.size > mostWords ? new Map([...lastWords].slice(-mostWords)) : lastWords,
    busySince,
    spoken,
  };
}

/** The newest of each finding: an old line is the likeliest to be about something that was cured since. */
function newest(hits: readonly LogHit[]): Pick<Heard, "hits" | "overheard"> {
  if (hits.length <= mostHits) return { hits, overheard: [] };
  const counts = new Map<FindingId, number>();
  const kept = hits.toReversed().filter(({ finding }) => {
    const count = (counts.get(finding) ?? 0) + 1;
    counts.set(finding, count);
    return count <= mostHits;
  });
  return { hits: kept.reverse(), overheard: [...counts].flatMap(([finding, count]) => (count > mostHits ? [finding] : [])) };
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

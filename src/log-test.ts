/** `fix explain --test`: which lines of a log match which finding, and which come near and do not. Pure, but for gunzip. */

import { gunzipSync } from "node:zlib";
import { FixError, reasonOf } from "./errors.ts";
import { parseLogLine } from "./facts/logrus.ts";
import { parseLogText, type LogTextLine } from "./facts/log-text.ts";
import { matcherOf, type Match, type Matcher } from "./facts/signatures.ts";
import type { FindingSignature } from "./remediation.ts";
import type { FindingId } from "./report.ts";

export interface TestedLine {
  line: number;
  finding: FindingId;
  /** NAMESPACE/NAME/UID; null where the line names none. */
  microvm: string | null;
}

export interface NearMiss {
  line: number;
  /** The finding whose wording it looks like; null where it is an error that fits none. */
  finding: FindingId | null;
  why: string;
}

export interface Tested {
  lines: number;
  matches: TestedLine[];
  nearMisses: NearMiss[];
}

/** A log of a million lines is some 300 MB. */
const maxBytes = 1024 * 1024 * 1024;

/** `name` is the file's, for the message where it cannot be unpacked. */
export function testLog(bytes: Uint8Array, signatures: readonly FindingSignature[], name: string): Tested {
  const { lines, entries } = parseLogText(unpacked(bytes, name));
  const matcher = matcherOf(signatures);
  const matches: TestedLine[] = [];
  const nearMisses: NearMiss[] = [];
  for (const entry of entries) {
    const found = matchesOf(entry, matcher);
    for (const { finding, microvm } of found) matches.push({ line: entry.line, finding, microvm });
    const miss = found.length === 0 ? nearMiss(entry, matcher) : null;
    if (miss) nearMisses.push(miss);
  }
  return { lines, matches, nearMisses };
}

/** gzip is told by its first two bytes (RFC 1952), not by a name. */
function unpacked(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new FixError("UNREADABLE", `explain --test ${name}: it is gzip, but damaged or too long: ${reasonOf(error)}`, "unpack it, or save it again", 1, {
      cause: error,
    });
  }
}

type Found = Match & { microvm: string | null };

function matchesOf({ unit, message }: LogTextLine, matcher: Matcher): Found[] {
  if (unit === "other") return [];
  const line = parseLogLine(message);
  const units = unit === null ? (["flintlockd", "containerd"] as const) : [unit];
  const found = units.flatMap((each): Found[] => {
    const { microvm, matches } = matcher.match(each, line);
    return matches.map((match) => ({ ...match, microvm }));
  });
  return found.filter(({ finding }, index) => found.findIndex((other) => other.finding === finding) === index);
}

function nearMiss({ line, unit, message }: LogTextLine, matcher: Matcher): NearMiss | null {
  const parsed = parseLogLine(message);
  const like = matcher.resembles(message);
  if (like) {
    const { finding } = like;
    if (unit === "other") return { line, finding, why: "its words, but not said by flintlockd or containerd themselves" };
    if (parsed.level === "info" || parsed.level === "debug") return { line, finding, why: `its words, but only at level ${parsed.level}` };
    return { line, finding, why: "its words, but in a name, an image, a quoted field or another place that others can write to" };
  }
  if (unit === "other" || parsed.level !== "error" || parsed.msg === "failed executing plan") return null;
  return { line, finding: null, why: "an error that fits no finding" };
}

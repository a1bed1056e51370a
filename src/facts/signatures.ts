/** Which findings a line of a log speaks for: every signature of every remediation, in one pass. */

import type { FindingSignature } from "../remediation.ts";
import type { FindingId } from "../report.ts";
import { literalOf } from "./literal.ts";
import { longest, type LogLine } from "./logrus.ts";
import { ownWords } from "./own-words.ts";

export interface Match {
  finding: FindingId;
  signature: string;
}

export interface Matched {
  /** NAMESPACE/NAME/UID; null where the line names none. */
  microvm: string | null;
  matches: Match[];
}

export interface Matcher {
  match(unit: "flintlockd" | "containerd", line: LogLine): Matched;
  /** A wording that stands somewhere in the text, but not where, or not by whom, it would count. */
  resembles(text: string): Match | null;
}

export function matcherOf(signatures: readonly FindingSignature[]): Matcher {
  const byUnit = { flintlockd: wordingsOf(signatures, "flintlockd"), containerd: wordingsOf(signatures, "containerd") };
  return {
    match(unit, line) {
      const { microvm, text } = ownWords(unit, line);
      if (text === null) return { microvm, matches: [] };
      const small = text.toLowerCase();
      const found = byUnit[unit].filter((wording) => fits(wording, text, small));
      // One line is one piece of evidence for a finding, however many of its wordings fit.
      const matches = found.filter(({ finding }, index) => found.findIndex((other) => other.finding === finding) === index);
      return { microvm, matches: matches.map(({ finding, name }) => ({ finding, signature: name })) };
    },
    resembles(whole) {
      const text = whole.slice(0, longest);
      const small = text.toLowerCase();
      const found = [...byUnit.flintlockd, ...byUnit.containerd].find((wording) => fits(wording, text, small));
      return found ? { finding: found.finding, signature: found.name } : null;
    },
  };
}

interface Wording {
  finding: FindingId;
  name: string;
  pattern: RegExp;
  /** What a text must hold, in small letters, for the pattern to fit; told when it is first wanted. */
  needs?: string;
}

/** V8 compiles a pattern when it is first tried, which takes longer than to see that most texts hold no such words. */
function fits(wording: Wording, text: string, small: string): boolean {
  wording.needs ??= literalOf(wording.pattern);
  return small.includes(wording.needs) && wording.pattern.test(text);
}

/** Without the flags that make a RegExp remember where it was; nearly all have none. */
function stateless(pattern: RegExp): RegExp {
  return pattern.global || pattern.sticky ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")) : pattern;
}

function wordingsOf(signatures: readonly FindingSignature[], unit: "flintlockd" | "containerd"): Wording[] {
  return signatures.flatMap(({ finding, signature }) =>
    signature.unit === unit ? [{ finding, name: signature.name, pattern: stateless(signature.pattern) }] : [],
  );
}

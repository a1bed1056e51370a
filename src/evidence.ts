/** What others wrote, made fit to be shown: log lines, names and files are data, never a control sequence and never a secret. */

import type { Evidence } from "./report.ts";
import { maskSecrets } from "./secrets.ts";

export { maskSecrets } from "./secrets.ts";

const maxExcerpt = 600;

/**
 * First and last of each range: C0 and C1 controls, DEL, the bidi controls, zero-width, filling and line-separating characters,
 * tags and variation selectors, unpaired surrogates: all that could move a cursor, hide or reorder text (Unicode UAX #9,
 * UTR #36). A line feed stays.
 */
const unprintableRanges: readonly (readonly [number, number])[] = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe0fff],
];
const escaped = (code: number): string => `\\u{${code.toString(16)}}`;
const unprintable = new RegExp(`[${unprintableRanges.map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join("")}]`, "gu");

/** What nearly every text is made of, and needs nothing done to it. */
const plain = /^[\n -~]*$/;

/** Safe to print: each unprintable character as `\u{hex}`; what is longer than `max` characters is cut there, with a mark. */
export function printable(text: string, max = 4_000): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  if (plain.test(cut)) return cut;
  return cut.replaceAll(unprintable, (character) => (character === "\t" ? " " : escaped(character.codePointAt(0) ?? 0)));
}

/** The same on one line. */
export function oneLine(text: string, max = maxExcerpt): string {
  return printable(text.trim(), max).replaceAll("\n", "\\n");
}

export function evidence({ source, ref, at, excerpt }: Evidence): Evidence {
  // Masked before it is cut: half a secret is one too. Long before that, what is of no use is dropped.
  const shown = (text: string, max: number): string => printable(maskSecrets(text.slice(0, max * 16)), max);
  return { source, ref: shown(ref, 1_000), at: at === "" ? null : at, excerpt: shown(excerpt.trim(), maxExcerpt) };
}

/** argv as one line. */
export function refOf(argv: readonly string[]): string {
  return argv.join(" ");
}

/** What others wrote, made fit to be shown: log lines, names and files are data, never a control sequence and never a secret. */

import type { Evidence } from "./report.ts";
import { maskSecrets } from "./secrets.ts";

export { maskSecrets } from "./secrets.ts";

const maxExcerpt = 600;

/**
 * C0 and C1 controls, DEL, the bidi controls, zero-width and line-separating characters, tags and variation selectors,
 * unpaired surrogates: all that could move a cursor, hide or reorder text (Unicode UAX #9, UTR #36). A line feed stays.
 */
const unprintable =
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}\p{Surrogate}]/gu;

/** What nearly every text is made of, and needs nothing done to it. */
const plain = /^[\n -~]*$/;

/** Safe to print: each unprintable character as `\u{hex}`; what is longer than `max` characters is cut there, with a mark. */
export function printable(text: string, max = 4_000): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  if (plain.test(cut)) return cut;
  return cut.replaceAll(unprintable, (character) => (character === "\t" ? " " : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`));
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

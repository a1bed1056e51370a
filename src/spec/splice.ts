/** Edits as replaced ranges of the text: what is outside of them stays byte for byte. */

import type { Place } from "../facts/tree.ts";

export interface Splice extends Place {
  text: string;
}

export const insert = (at: number, text: string): Splice => ({ start: at, end: at, text });

/** Equal ones count once (two interfaces that are one by an alias). Null where two touch the same range. */
export function spliced(text: string, splices: readonly Splice[]): string | null {
  const sorted = inOrder(splices);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: put } of sorted) {
    if (start < at) return null;
    parts.push(text.slice(at, start), put);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

export function inOrder(splices: readonly Splice[]): Splice[] {
  const unique = new Map(splices.map((splice) => [`${splice.start} ${splice.end} ${splice.text}`, splice]));
  return [...unique.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

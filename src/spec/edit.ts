/** A value set in the text of a document: replaced where it stands, else added in the way its neighbours are written. */

import { entryOf, type Entry, type MapTree, type ScalarTree } from "../facts/tree.ts";
import { yamlText } from "../facts/go-scalar.ts";
import { blockAddition, flowAddition } from "./additions.ts";
import type { Source } from "./source.ts";
import { insert, type Splice } from "./splice.ts";

/** A number (flintlock's enum), a word, or one key of a mapping below it. */
export type Literal = { number: number } | { word: string } | { key: string; value: Literal };

/** Null where it stands in a way that cannot be replaced alone. `after`: keys that a new one is to follow, the first that is there. */
export function setField(source: Source, map: MapTree, key: string, literal: Literal, after: readonly string[]): Splice[] | null {
  const entry = entryOf(map, key);
  if (entry && !entry.merged) return replaced(source, entry, literal);
  const neighbour =
    after.map((name) => entryOf(map, name)).find((found) => found !== null && !found.merged) ?? map.entries.findLast(({ merged }) => !merged) ?? null;
  return map.flow ? flowAddition(source, map, neighbour, key, literal) : blockAddition(source, map, neighbour, key, literal);
}

function replaced(source: Source, entry: Entry, literal: Literal): Splice[] | null {
  const { value, alias } = entry;
  if (alias) return [{ ...alias, text: written(source, literal, "plain") }];
  if (value.kind !== "scalar" || value.style === "block") return null;
  if (value.style === "empty") {
    const colon = source.text.indexOf(":", entry.keyEnd);
    return colon === -1 ? null : [insert(colon + 1, ` ${written(source, literal, "plain")}`)];
  }
  return [{ start: value.start, end: value.end, text: written(source, literal, value.style, source.text[value.start - 1] === ":") }];
}

export function written(source: Source, literal: Literal, style: Exclude<ScalarTree["style"], "block" | "empty">, tight = false): string {
  if ("number" in literal) return String(literal.number);
  if ("word" in literal) return source.form === "json" ? JSON.stringify(literal.word) : yamlText(literal.word, style);
  const quoted = source.form === "json" ? JSON.stringify(literal.key) : literal.key;
  return `{${quoted}:${source.form === "json" && tight ? "" : " "}${written(source, literal.value, style)}}`;
}

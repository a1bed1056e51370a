/** Values of a tree as a spec's fields. */

import { entryOf, type Entry, type MapTree, type Place, type Tree } from "../facts/tree.ts";
import type { Value } from "./microvm.ts";
import type { Source } from "./source.ts";
import { touched } from "./templates.ts";

export function valueOf(source: Source, entry: Entry | null): Value | null {
  if (entry === null) return null;
  return isNull(source, entry) ? null : valueIn(source, entry.value);
}

/** A field of a mapping; where a template decides which of several it is, it cannot be read. */
export function fieldOf(source: Source, tree: Tree | null, key: string | readonly string[]): Value | null {
  const value = valueOf(source, entryOf(tree, key));
  if (value === null || tree?.kind !== "map" || source.templates.length === 0) return value;
  const several = tree.entries.filter((entry) => !entry.merged && (typeof key === "string" ? entry.key === key : key.includes(entry.key))).length > 1;
  return several && decides(source, tree) ? { ...value, templated: true } : value;
}

const decides = ({ templates }: Source, map: MapTree): boolean =>
  templates.some(({ directive, start, end }) => directive && start < map.end && end > map.start);

export function valueIn({ templates }: Source, tree: Tree): Value {
  const { start, end } = tree;
  const scalar = tree.kind === "scalar" ? tree : null;
  const value = scalar?.value ?? null;
  return {
    text: value === null ? null : String(value),
    scalar,
    templated: scalar !== null && touched(templates, tree),
    start,
    end,
  };
}

/** Null, and no template that will put something there. */
function isNull(source: Source, { value }: Entry): boolean {
  return value.kind === "scalar" && value.value === null && !touched(source.templates, value);
}

/** A template that stands where a value is missing: `networkInterfaces:` and `{{ toYaml … }}` on the next line. */
export function templateAfter({ templates, text }: Source, entry: Entry): Place | null {
  const next = templates.find(({ start }) => start >= entry.keyEnd);
  return next && /^["']?\s*:\s*$/.test(text.slice(entry.keyEnd, next.start)) ? next : null;
}

/** Own keys of one field that stand in the mapping more than once, under whatever spelling; not where a template decides between them. */
export function keysTwice(source: Source, map: MapTree, fieldOf: ReadonlyMap<string, string>): { key: string; place: Place }[] {
  const seen: string[] = [];
  const twice: { key: string; place: Place }[] = [];
  for (const { key, keyStart, keyEnd, merged } of map.entries) {
    const field = fieldOf.get(key);
    if (field === undefined || merged) continue;
    if (seen.includes(field)) twice.push({ key, place: { start: keyStart, end: keyEnd } });
    else seen.push(field);
  }
  return twice.length > 0 && decides(source, map) ? [] : twice;
}

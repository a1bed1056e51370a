/** YAML files of settings: what they say, where in them, and the edit of one key. */

import { goText, type YamlScalar } from "./go-scalar.ts";
import { patches, type MappingLayout } from "./yaml-patch.ts";
import { plainMapping } from "./yaml-plain.ts";
import { parseYaml } from "./yaml.ts";

export interface YamlProblem {
  /** UNPARSABLE, DUPLICATE_KEY, NOT_A_MAPPING, MULTIPLE_DOCUMENTS, UNPATCHABLE */
  code: string;
  message: string;
  /** From 1. */
  line: number | null;
  column: number | null;
}

export interface YamlEntry {
  key: string;
  /** Plain JavaScript value. */
  value: unknown;
  /** What stands there, or what an alias there stands for; null where that is a mapping or a list. */
  scalar: YamlScalar | null;
  line: number;
  column: number;
  /** Of a value that is a mapping itself. */
  entries?: YamlEntry[];
}

/** A mapping with all that an edit of it needs to know. */
export interface ParsedMapping {
  entries: YamlEntry[];
  layout: MappingLayout;
  documents: number;
  /** Where the second document begins. */
  second: { line: number; column: number } | null;
}

/** The mapping of the first document; keys that `<<` brings in included. Empty where the file holds nothing. */
export function parseMapping(text: string): Pick<ParsedMapping, "entries" | "second"> | { problem: YamlProblem } {
  return parse(text);
}

/** Sets one key of the top-level mapping; every other byte stays. The same text comes back where the value is there already. */
export function setKey(text: string, key: string, value: string): { text: string } | { problem: YamlProblem } {
  const before = parse(text);
  if ("problem" in before) return before;
  if (before.second)
    return {
      problem: { code: "MULTIPLE_DOCUMENTS", message: "the file holds more than one YAML document, and flintlockd reads only the first", ...before.second },
    };
  const wanted = key.toLowerCase();
  const same = before.entries.filter((entry) => entry.key.toLowerCase() === wanted);
  const [entry, twice] = same;
  if (twice)
    return {
      problem: {
        code: "DUPLICATE_KEY",
        message: `${twice.key} is the same key as ${entry?.key ?? key} for flintlockd`,
        line: twice.line,
        column: twice.column,
      },
    };
  if (entry && readsAs(entry, value)) return { text };
  for (const patched of patches(text, before.layout, entry?.key ?? key, value)) if (onlyThatChanged(before, patched, wanted, value)) return { text: patched };
  const message = entry
    ? `the value of ${key} is shared or written in a way that cannot be replaced alone`
    : `${key} cannot be added without touching something else`;
  return { problem: { code: "UNPATCHABLE", message, line: entry?.line ?? null, column: entry?.column ?? null } };
}

const readsAs = (entry: YamlEntry, value: string): boolean => entry.scalar !== null && goText(entry.scalar) === value;

/** The proof of an edit: read again, it says the same but for the one key. */
function onlyThatChanged(before: ParsedMapping, patched: string, key: string, value: string): boolean {
  const after = parse(patched);
  if ("problem" in after || after.second) return false;
  const others = ({ entries }: ParsedMapping): string =>
    JSON.stringify(entries.filter((entry) => entry.key.toLowerCase() !== key).map(({ key: name, value: v, scalar }) => [name, v, scalar]));
  const now = after.entries.filter((entry) => entry.key.toLowerCase() === key);
  return others(before) === others(after) && now.length === 1 && now[0] !== undefined && readsAs(now[0], value);
}

/** The package yaml is a hundred times what most settings need: it is asked where a file is more than plain lines. */
const parse = (text: string): ParsedMapping | { problem: YamlProblem } => plainMapping(text) ?? parseYaml(text);

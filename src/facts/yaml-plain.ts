/**
 * What nearly all of flintlockd's configuration files are: lines of `key: value`, comments and blank lines. These are read here
 * in a hundredth of the time that it takes to load a YAML parser; of anything else, and of all that could be read in two ways,
 * this reader knows nothing.
 */

import type { ParsedMapping, YamlEntry } from "./mapping.ts";
import type { ValueLayout } from "./yaml-patch.ts";

/** A key that is no number, boolean or null; then a word, or quotes without escapes; then perhaps a comment. */
const entryLine = /^([A-Za-z][\w-]{0,99}): +(?:([A-Za-z0-9/_.](?:[\w/.:@%+=-]*[\w/.@%+=-])?)|"([^"\\]*)"|'([^']*)')(?: *| +#.*)$/;

/** The same as `parseYaml` says; null where the text is more than that. */
export function plainMapping(text: string): ParsedMapping | null {
  if (!/^[\n -~]*$/.test(text)) return null;
  const entries: YamlEntry[] = [];
  const values = new Map<string, ValueLayout>();
  let first = 0;
  let start = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (line !== "" && !line.startsWith("#") && !(index === 0 && line === "---")) {
      const read = readEntry(line, index + 1, start);
      if (read === null || values.has(read.entry.key)) return null;
      if (entries.length === 0) first = start;
      entries.push(read.entry);
      values.set(read.entry.key, read.layout);
    }
    start += line.length + 1;
  }
  if (entries.length === 0) return null;
  return { entries, layout: { kind: "block", first, indent: "", end: text.length, values }, documents: 1, second: null };
}

function readEntry(line: string, number: number, start: number): { entry: YamlEntry; layout: ValueLayout } | null {
  const [, key = "", plain, double, single = ""] = entryLine.exec(line) ?? [];
  const value = plain === undefined ? (double ?? single) : plainValue(plain);
  if (key === "" || value === undefined || plainValue(key) !== key) return null;
  const written = plain ?? (double === undefined ? `'${single}'` : `"${double}"`);
  const from = start + line.indexOf(written, key.length + 1);
  return {
    entry: { key, value, scalar: { style: plain === undefined ? "quoted" : "plain", text: plain ?? String(value), tag: "" }, line: number, column: 1 },
    layout: {
      colonEnd: start + key.length + 1,
      start: from,
      end: from + written.length,
      style: plain !== undefined ? "plain" : double === undefined ? "single" : "double",
      bare: false,
    },
  };
}

const words: Readonly<Record<string, boolean | null>> = {
  ...{ true: true, True: true, TRUE: true, false: false, False: false, FALSE: false },
  ...{ null: null, Null: null, NULL: null },
};

/** By YAML's core schema (YAML 1.2.2, 10.3.2); undefined where it may be a number of another kind than a small integer. */
function plainValue(text: string): string | number | boolean | null | undefined {
  if (Object.hasOwn(words, text)) return words[text];
  if (/^[A-Za-z/_]/.test(text)) return text;
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  // No number holds one of these.
  return /[g-hj-mp-wyz:/]/.test(text) ? text : undefined;
}

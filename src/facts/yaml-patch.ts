/** Ways to write one key into the text of a YAML mapping, best first. Each is a splice: what is outside of it stays byte for byte. */

import { yamlText } from "./go-scalar.ts";

/** Offsets into the text. */
export interface ValueLayout {
  /** After the `:`; null for an explicit key without one. */
  colonEnd: number | null;
  start: number | null;
  end: number | null;
  /** Null for what is no scalar on one line. */
  style: "plain" | "single" | "double" | null;
  /** Nothing stands after the colon. */
  bare: boolean;
}

export type MappingLayout =
  | { kind: "empty"; end: number }
  | { kind: "block"; first: number; indent: string; end: number; values: ReadonlyMap<string, ValueLayout> }
  /** `lastEnd`: where the last item ends; null where there is none. */
  | { kind: "flow"; open: number; lastEnd: number | null; values: ReadonlyMap<string, ValueLayout> };

export function patches(text: string, layout: MappingLayout, key: string, value: string): string[] {
  const old = layout.kind === "empty" ? undefined : layout.values.get(key);
  return old ? replacements(text, old, value) : additions(text, layout, `${key}: ${yamlText(value, "plain")}`);
}

function replacements(text: string, { colonEnd, start, end, style, bare }: ValueLayout, value: string): string[] {
  const found: string[] = [];
  if (bare && colonEnd !== null) found.push(splice(text, colonEnd, colonEnd, ` ${yamlText(value, "plain")}`));
  if (start !== null && end !== null && style !== null && !bare) found.push(splice(text, start, end, yamlText(value, style)));
  // A list, an alias, a block of text, a value with a tag: everything after the colon goes.
  if (colonEnd !== null && end !== null && end >= colonEnd) {
    const lineEnd = text.slice(afterLastWord(text, colonEnd, end), end);
    found.push(splice(text, colonEnd, end, ` ${yamlText(value, "plain")}${lineEnd.includes("\n") ? lineEnd : ""}`));
  }
  return found;
}

function additions(text: string, layout: MappingLayout, line: string): string[] {
  // As the line before it ends, where a file has both.
  const eol = text.lastIndexOf("\n") > 0 && text[text.lastIndexOf("\n") - 1] === "\r" ? "\r\n" : "\n";
  switch (layout.kind) {
    case "flow":
      return [
        ...(layout.lastEnd === null ? [] : [splice(text, layout.lastEnd, layout.lastEnd, `, ${line}`)]),
        splice(text, layout.open, layout.open, layout.lastEnd === null ? line : `${line}, `),
      ];
    case "empty":
      return [append(text, layout.end, line, eol)];
    case "block": {
      const own = layout.indent + line;
      const lineBreak = text.indexOf("\n", afterLastWord(text, 0, layout.end));
      const afterLast = lineBreak === -1 || lineBreak >= layout.end ? layout.end : lineBreak + 1;
      const before = layout.first - layout.indent.length;
      return [append(text, afterLast, own, eol), append(text, layout.end, own, eol), splice(text, before, before, own + eol)];
    }
  }
}

/** A line of its own at `offset`; a text that did not end with a line break still does not. */
function append(text: string, offset: number, line: string, eol: string): string {
  const head = text.slice(0, offset);
  const tail = text.slice(offset);
  const empty = head === "" || head === "\uFEFF";
  const broken = empty || /[\n\r]$/.test(head);
  return `${head}${broken ? "" : eol}${line}${broken || tail !== "" ? eol : ""}${tail}`;
}

/** Where white space begins that goes on to `end`. */
function afterLastWord(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && " \t\r\n".includes(text.charAt(at - 1))) at -= 1;
  return at;
}

const splice = (text: string, from: number, to: number, put: string): string => text.slice(0, from) + put + text.slice(to);

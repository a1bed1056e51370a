/** A key added to a mapping: in a line of its own where its neighbours have theirs, indented, quoted and spaced as they are. */

import type { Entry, MapTree } from "../facts/tree.ts";
import type { Literal } from "./edit.ts";
import { written } from "./edit.ts";
import type { Source } from "./source.ts";
import { insert, type Splice } from "./splice.ts";

/** YAML without braces. */
export function blockAddition(source: Source, map: MapTree, neighbour: Entry | null, key: string, literal: Literal): Splice[] | null {
  const { text } = source;
  const indent = " ".repeat(map.start - lineStart(text, map.start));
  const eol = eolAt(text, map.start);
  const lines = blockLines(source, key, literal, indent);
  const end = neighbour && endOfLine(text, neighbour);
  if (end === null) return [insert(map.start, `${lines.join(eol).slice(indent.length)}${eol}${indent}`)];
  return [insert(end, lines.map((line) => eol + line).join(""))];
}

function blockLines(source: Source, key: string, literal: Literal, indent: string): string[] {
  if (!("key" in literal)) return [`${indent}${key}: ${written(source, literal, "plain")}`];
  return [`${indent}${key}:`, ...blockLines(source, literal.key, literal.value, indent + step(source.text))];
}

/** The smallest indentation of the file's lines; two spaces where none is told. */
function step(text: string): string {
  let least = 0;
  for (const match of text.slice(0, 100_000).matchAll(/^( {2,})(?=[^\s#-])/gm)) {
    const width = match[1]?.length ?? 0;
    if (least === 0 || width < least) least = width;
  }
  return " ".repeat(least === 0 || least > 8 ? 2 : least);
}

/** Where the line ends that a neighbour's value ends on; null where its value is more than a scalar. */
function endOfLine(text: string, { value, alias, keyEnd }: Entry): number | null {
  if (!alias && (value.kind !== "scalar" || value.style === "block")) return null;
  const from = alias ? alias.end : Math.max(value.end, keyEnd);
  const lineEnd = text.indexOf("\n", from);
  if (lineEnd === -1) return text.length;
  return text[lineEnd - 1] === "\r" ? lineEnd - 1 : lineEnd;
}

/** JSON, and YAML with braces. */
export function flowAddition(source: Source, map: MapTree, neighbour: Entry | null, key: string, literal: Literal): Splice[] {
  const { text } = source;
  const look = lookOf(source, map, neighbour);
  const pair = flowPair(source, key, literal, look, look.indent);
  if (!neighbour) return [insert(map.start + 1, pair)];
  const valueEnd = neighbour.alias ? neighbour.alias.end : Math.max(neighbour.value.end, neighbour.keyEnd);
  const next = significant(text, valueEnd, source.form);
  const comma = text[next] === "," ? next : null;
  if (look.indent === null) return [comma === null ? insert(valueEnd, `,${look.gap}${pair}`) : insert(comma + 1, `${look.gap}${pair},`)];
  const line = look.eol + look.indent + pair;
  // A comment at the end of the neighbour's line stays with it.
  if (comma !== null) return [insert(restOfLine(text, comma + 1, source.form), `${line},`)];
  const end = restOfLine(text, valueEnd, source.form);
  return end === valueEnd ? [insert(valueEnd, `,${line}`)] : [insert(valueEnd, ","), insert(end, line)];
}

interface Look {
  /** Of a key on a line of its own; null where all stand on one line. */
  indent: string | null;
  /** One level deeper. */
  step: string;
  eol: string;
  /** Between comma and key, on one line. */
  gap: string;
  /** Between key and value. */
  colon: string;
  /** Within braces, on one line. */
  pad: string;
  quote: boolean;
}

function lookOf({ text, form }: Source, map: MapTree, neighbour: Entry | null): Look {
  const eol = eolAt(text, map.start);
  const before = neighbour ? text.slice(lineStart(text, neighbour.keyStart), neighbour.keyStart) : "x";
  const indent = before.trim() === "" ? before : null;
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, map.start), map.start))?.[0] ?? "";
  const deeper = indent?.startsWith(outer) === true ? indent.slice(outer.length) : "";
  const step = deeper.length > 0 && deeper.length <= 8 ? deeper : (indent?.includes("\t") ?? false) ? "\t" : "  ";
  const colon = neighbour ? /^\s*:[ \t]*$/.exec(text.slice(neighbour.keyEnd, neighbour.value.start))?.[0] : undefined;
  const spaced =
    colon === undefined
      ? form === "json" && text[map.start - 1] === ":"
        ? ":"
        : ": "
      : colon === ":" && form === "yaml" && text[neighbour?.keyStart ?? 0] !== '"'
        ? ": "
        : colon;
  const pad = /^\{([ ]+)(?=\S)/.exec(text.slice(map.start, map.start + 20))?.[1] ?? "";
  return {
    indent,
    step,
    eol,
    gap: spaced.endsWith(":") ? "" : " ",
    colon: spaced,
    pad,
    quote: form === "json" || (neighbour !== null && text[neighbour.keyStart] === '"'),
  };
}

function flowPair(source: Source, key: string, literal: Literal, look: Look, indent: string | null): string {
  const name = look.quote ? JSON.stringify(key) : key;
  if (!("key" in literal)) return `${name}${look.colon}${written(source, literal, look.quote ? "double" : "plain")}`;
  const inner = flowPair(source, literal.key, literal.value, look, indent === null ? null : indent + look.step);
  if (indent === null) return `${name}${look.colon}{${look.pad}${inner}${look.pad}}`;
  return `${name}${look.colon}{${look.eol}${indent}${look.step}${inner}${look.eol}${indent}}`;
}

/** The next character that is neither white space nor comment. */
function significant(text: string, from: number, form: Source["form"]): number {
  let at = from;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] ?? "")) at += 1;
    const end = commentEnd(text, at, form);
    if (end === at) return at;
    at = end;
  }
}

/** The end of the line, where only white space and comments come before it; else where it began. */
function restOfLine(text: string, from: number, form: Source["form"]): number {
  let at = from;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at += 1;
    const end = commentEnd(text, at, form);
    if (end === at) break;
    if (text.slice(at, end).includes("\n")) return from;
    at = end;
  }
  if (at < text.length && text[at] !== "\n" && text[at] !== "\r") return from;
  while (at > from && (text[at - 1] === " " || text[at - 1] === "\t")) at -= 1;
  return at;
}

function commentEnd(text: string, at: number, form: Source["form"]): number {
  const line = (): number => {
    const end = text.indexOf("\n", at);
    if (end === -1) return text.length;
    return text[end - 1] === "\r" ? end - 1 : end;
  };
  if (form === "yaml") return text[at] === "#" ? line() : at;
  if (text.startsWith("//", at)) return line();
  if (!text.startsWith("/*", at)) return at;
  const end = text.indexOf("*/", at + 2);
  return end === -1 ? text.length : end + 2;
}

const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;

/** Of the line it stands on, else of the first. */
function eolAt(text: string, at: number): string {
  const next = text.indexOf("\n", at);
  const end = next === -1 ? text.indexOf("\n") : next;
  return end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
}

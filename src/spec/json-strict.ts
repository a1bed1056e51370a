/**
 * Strict JSON as a tree that is built only where it is looked at: of a spec a few values count, and the platform's own parser
 * has said already that the text is good. A folder of ten thousand specs is checked in little more than the time to read it.
 */

import type { Entry, ListTree, MapTree, ScalarTree, Tree } from "../facts/tree.ts";

/** Null: it is no JSON in the strict sense, or more than one document. */
export function strictTree(text: string): Tree | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const start = pastSpace(text, 0);
  // Its end is known without a look: after it comes only white space.
  if (text.charCodeAt(start) === openBrace) return new StrictMap(text, start, text.trimEnd().length);
  return valueAt(text, start);
}

class StrictMap implements MapTree {
  readonly kind = "map";
  readonly flow = true;
  #entries: readonly Entry[] | undefined;

  constructor(
    private readonly text: string,
    readonly start: number,
    readonly end: number,
  ) {}

  get entries(): readonly Entry[] {
    return (this.#entries ??= this.#read());
  }

  #read(): Entry[] {
    const { text } = this;
    const found: Entry[] = [];
    for (let at = pastSpace(text, this.start + 1); text.charCodeAt(at) === quote;) {
      const keyEnd = endOfString(text, at);
      const colon = pastSpace(text, keyEnd);
      const value = valueAt(text, pastSpace(text, colon + 1));
      found.push({ key: stringIn(text, at, keyEnd), keyStart: at, keyEnd, value, merged: false, alias: null });
      at = pastSpace(text, pastSpace(text, value.end) + 1);
    }
    return found;
  }
}

class StrictList implements ListTree {
  readonly kind = "list";
  readonly flow = true;
  #items: readonly Tree[] | undefined;

  constructor(
    private readonly text: string,
    readonly start: number,
    readonly end: number,
  ) {}

  get items(): readonly Tree[] {
    return (this.#items ??= this.#read());
  }

  #read(): Tree[] {
    const { text } = this;
    const found: Tree[] = [];
    let at = pastSpace(text, this.start + 1);
    while (text.charCodeAt(at) !== closeBracket) {
      const value = valueAt(text, at);
      found.push(value);
      const next = pastSpace(text, value.end);
      if (text.charCodeAt(next) !== comma) break;
      at = pastSpace(text, next + 1);
    }
    return found;
  }
}

const [quote, comma, openBracket, closeBracket, openBrace, closeBrace, backslash] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0x5c];

function valueAt(text: string, start: number): Tree {
  const code = text.charCodeAt(start);
  if (code === openBrace) return new StrictMap(text, start, endOfBrackets(text, start));
  if (code === openBracket) return new StrictList(text, start, endOfBrackets(text, start));
  if (code === quote) {
    const end = endOfString(text, start);
    return { kind: "scalar", value: stringIn(text, start, end), style: "double", start, end };
  }
  const end = endOfWord(text, start);
  return word(text.slice(start, end), start, end);
}

function word(text: string, start: number, end: number): ScalarTree {
  const value: unknown = JSON.parse(text);
  return { kind: "scalar", value: typeof value === "number" || typeof value === "boolean" ? value : null, style: "plain", start, end };
}

function stringIn(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? String(JSON.parse(text.slice(start, end))) : inner;
}

function pastSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    at = text.indexOf('"', at);
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
}

function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth += 1;
    else if ((code === closeBrace || code === closeBracket) && (depth -= 1) === 0) return at + 1;
  }
}

function endOfWord(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === comma || code === closeBrace || code === closeBracket) break;
  }
  return at;
}

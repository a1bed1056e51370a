/**
 * JSON in the strict sense (RFC 8259) as a tree with places, read once from left to right: what the platform's own parser makes of
 * a text has no places, and a second pass for them costs more than this one. It takes what `JSON.parse` takes and nothing else.
 */

import type { Entry, Tree } from "../facts/tree.ts";

/** Null: it is no JSON in the strict sense, or more than one document, or nested too deeply for the stack. */
export function strictTree(text: string): Tree | null {
  const reader = new Reader(text);
  try {
    const tree = reader.value();
    return reader.atEnd() ? tree : null;
  } catch (error) {
    if (error === notStrict || error instanceof RangeError) return null;
    throw error;
  }
}

const notStrict = new SyntaxError("no JSON in the strict sense");

const [tab, lineFeed, carriageReturn, space, quote, comma, colon, zero, nine, openBracket, backslash, closeBracket, openBrace, closeBrace] = [
  0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x30, 0x39, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
];

/** Nothing in it but what stands for itself: neither quote, backslash nor control character. */
const plainString = /"[ !#-[\]-\uFFFF]*"/y;
const anyWord = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): Tree {
    const start = this.pastSpace();
    switch (this.text.charCodeAt(start)) {
      case openBrace: {
        const entries = this.entries();
        return { kind: "map", flow: true, entries, start, end: this.at };
      }
      case openBracket: {
        const items = this.items();
        return { kind: "list", flow: true, items, start, end: this.at };
      }
      case quote: {
        const value = this.string();
        return { kind: "scalar", value, style: "double", start, end: this.at };
      }
      default: {
        const value = this.word();
        return { kind: "scalar", value, style: "plain", start, end: this.at };
      }
    }
  }

  atEnd(): boolean {
    return this.pastSpace() === this.text.length;
  }

  private entries(): Entry[] {
    const entries: Entry[] = [];
    for (let more = this.opens(closeBrace); more; more = this.goesOn(closeBrace)) {
      const keyStart = this.pastSpace();
      const key = this.string();
      const keyEnd = this.at;
      if (this.text.charCodeAt(this.pastSpace()) !== colon) throw notStrict;
      this.at += 1;
      entries.push({ key, keyStart, keyEnd, value: this.value(), merged: false, alias: null });
    }
    return entries;
  }

  private items(): Tree[] {
    const items: Tree[] = [];
    for (let more = this.opens(closeBracket); more; more = this.goesOn(closeBracket)) items.push(this.value());
    return items;
  }

  /** Past the bracket; whether anything stands before the one that closes. */
  private opens(close: number): boolean {
    this.at += 1;
    if (this.text.charCodeAt(this.pastSpace()) !== close) return true;
    this.at += 1;
    return false;
  }

  /** Past the comma that another one follows, or past the end of them all. */
  private goesOn(close: number): boolean {
    const code = this.text.charCodeAt(this.pastSpace());
    if (code !== comma && code !== close) throw notStrict;
    this.at += 1;
    return code === comma;
  }

  private pastSpace(): number {
    const { text } = this;
    let { at } = this;
    for (let code = text.charCodeAt(at); code === space || code === lineFeed || code === carriageReturn || code === tab; code = text.charCodeAt(at)) at += 1;
    this.at = at;
    return at;
  }

  private string(): string {
    const { text, at } = this;
    plainString.lastIndex = at;
    if (plainString.test(text)) {
      this.at = plainString.lastIndex;
      return text.slice(at + 1, this.at - 1);
    }
    let end = text.indexOf('"', at + 1);
    while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    this.at = end + 1;
    return unescaped(end === -1 ? "" : text.slice(at, end + 1));
  }

  private word(): number | boolean | null {
    const { text, at } = this;
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    // Enums are what there is most of.
    if (code >= zero && code <= nine && (next === comma || next === lineFeed || next === closeBrace)) {
      this.at = at + 1;
      return code - zero;
    }
    anyWord.lastIndex = at;
    if (!anyWord.test(text)) throw notStrict;
    this.at = anyWord.lastIndex;
    const found = text.slice(at, this.at);
    if (found === "true" || found === "false") return found === "true";
    return found === "null" ? null : Number(found);
  }
}

/** By an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === backslash) slashes += 1;
  return slashes % 2 === 1;
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw notStrict;
  }
}

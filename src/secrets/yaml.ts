/** Values of YAML and JSON mappings (YAML 1.2.2; what libyaml takes beyond it is a value here, too). */

import { flintlockdDefaults } from "../facts/flintlockd-config.ts";
import { afterQuote, closeOf, endOfLine, quoteAt } from "./quotes.ts";
import { mask, maskLines, plainMask, type Edit } from "./text.ts";
import { wordEnd } from "./words.ts";

const settings = new Set(Object.keys(flintlockdDefaults));

/** A tag that says no more than a type, or an anchor, which is a name; a secret that begins like one is none. */
const typeTag = /^(?:!|!!(?:str|binary|int|float|bool|null|map|seq)|!<tag:yaml\.org,2002:[a-z]+>)$/;

/** The end of the last line after `at`'s that is deeper than `column`; blank lines and comments between such lines count. */
function deeperEnd(text: string, at: number, column: number, lists: boolean): number {
  let end = endOfLine(text, at);
  for (let next = end; next < text.length;) {
    const lineEnd = endOfLine(text, next + 1);
    const line = text.slice(next + 1, lineEnd);
    const depth = line.search(/[^ \t]/);
    next = lineEnd;
    if (/^[ \t]*\r?(?:#|$)/.test(line) && depth <= column) continue;
    if (depth <= column && !(lists && depth === column && /^-\s/.test(line.slice(depth)))) break;
    end = lineEnd;
  }
  return end;
}

/** A line of a plain value: where the line would be no part of it, it stays a mistake of the same kind. */
function plainLine(line: string, first: string): string {
  const [, lead = "", content = "", end = ""] = /^([ \t]*(?:-[ \t]+)*)([^]*?)(\s*)$/.exec(line) ?? [];
  if (content === "") return line;
  if (content.startsWith("#")) return `${lead}# ${mask}${end}`;
  const [, key = "", value = ""] = /^([\w-]{1,64}):(?:\s+(\S[^]*))?$/.exec(content) ?? [];
  if (settings.has(key.toLowerCase())) return `${lead}${key}:${value === "" ? "" : ` ${plainMask}`}${end}`;
  // What no plain value may begin with.
  const start = /^[@`%\]}]/.exec(content)?.[0] ?? "";
  if (/:(?:\s|$)/.test(content)) return `${lead}${start}${plainMask}: ${plainMask}${end}`;
  return `${lead}${start === "" || first === mask ? first : start + mask}${end}`;
}

/** What is left of a line after a value's end: separators stay. */
function restOfLine(rest: string): string {
  const [, kept = "", more = "", end = ""] = /^([ \t]*[,}\]]*[ \t]*)([^]*?)(\s*)$/.exec(rest) ?? [];
  if (more === "" || /[,}\]]/.test(kept)) return rest;
  return `${kept}${more.startsWith("#") ? `# ${mask}` : plainMask}${end}`;
}

/** One text, whose values are asked for in ascending order. */
export class YamlValues {
  /** Anchors that stand for secrets. */
  readonly aliases = new Set<string>();
  /** Quotes that nothing ends from here on. */
  readonly #unclosed = new Set<string>();

  constructor(private readonly text: string) {}

  /** The value after a key's colon at `at`, the key being the first of its line; `column`: where it begins. */
  ofLine(at: number, column: number): Edit | null {
    const { text } = this;
    const lead = this.#lead(at, column);
    const { start, list } = lead;
    if (start === null) return lead.by === text.slice(at, lead.to) ? null : { from: at, to: lead.to, by: lead.by };
    const whole = (to: number, by: string): Edit => ({ from: at, to, by: lead.by + by });
    const quote = list ? null : quoteAt(text, start);
    if (quote?.escapes === 0) {
      const close = this.#closeOf(quote.character, start);
      if (close === start + 1) return null;
      const inside = maskLines(text.slice(start + 1, close ?? text.length));
      if (close === null) return whole(text.length, quote.character + inside);
      const lineEnd = endOfLine(text, close);
      const rest = text.slice(close + 1, lineEnd);
      const to = /^[ \t]*[,}\]]/.test(rest) ? lineEnd : deeperEnd(text, close, column, false);
      return whole(to, quote.character + inside + quote.character + restOfLine(rest) + later(text.slice(lineEnd, to)));
    }
    const character = list ? "" : text.charAt(start);
    const lineEnd = endOfLine(text, start);
    if (character === "|" || character === ">") {
      const [, header = "", more = "", end = ""] = /^([|>][-+0-9]{0,2})(.*?)(\s*)$/.exec(text.slice(start, lineEnd)) ?? [];
      const to = deeperEnd(text, start, column, false);
      const shown = more.trim() === "" ? more : `${/^[ \t]*(?:#[ \t]*)?/.exec(more)?.[0] ?? ""}${mask}`;
      return whole(
        to,
        `${header}${shown}${end}${text
          .slice(lineEnd, to)
          .split("\n")
          .map((line) => maskLines(`\n${line}`).slice(1))
          .join("\n")}`,
      );
    }
    if (character === "[" || character === "{") {
      const flow = this.collection(start, text.length);
      const flowEnd = endOfLine(text, flow.to);
      return whole(flowEnd, flow.by + restOfLine(text.slice(flow.to, flowEnd)));
    }
    const to = deeperEnd(text, start, column, list);
    const lines = text.slice(start, to).split("\n");
    const alias = /^\*([^\s,[\]{}]+)/.exec(text.slice(start, Math.min(lineEnd, start + 200)))?.[1];
    if (alias !== undefined && !/^\*+$/.test(alias)) {
      if (text.includes(`&${alias}`)) {
        this.aliases.add(alias);
        return null;
      }
    }
    if (lines.length === 1 && /^(?:null|Null|NULL|~)[ \t]*(?:#.*)?\r?$/.test(lines[0] ?? "")) return null;
    // An anchor that stands nowhere is a mistake, and stays one.
    const first = alias === undefined ? plainMask : mask;
    return whole(to, [plainLine(lines[0] ?? "", first), ...lines.slice(1).map((line) => plainLine(line, list ? plainMask : mask))].join("\n"));
  }

  /** A value inside a line or a flow collection, before `limit`; what ends it there. Null where it is empty. */
  ofFlow(at: number, limit: number, keyQuote: string): Edit | null {
    const { text } = this;
    const blanks = /(?:\s{1,64}|#[^\n]{0,500}\n|[!&][^\s,[\]{}"']{0,100}\s+){0,16}/y;
    blanks.lastIndex = at;
    const from = at + (blanks.exec(text)?.[0].length ?? 0);
    if (from >= limit) return null;
    const quote = quoteAt(text, from);
    if (quote) {
      const close = closeOf(text, quote, limit, "either") ?? limit;
      const marks = text.slice(from, quote.from);
      const end = Math.min(close + marks.length, limit);
      // What follows the quote without a separator is one word with it for whoever knows another way to escape.
      const to = /[\w'"*@+=/$-]/.test(text.charAt(end)) ? wordEnd(text, end, Math.min(limit, endOfLine(text, end)), null) : afterQuote(text, quote.from, end);
      return close <= quote.from && to === end
        ? null
        : { from: quote.from, to, by: (maskLines(text.slice(quote.from, close)) || mask) + text.slice(close, end) };
    }
    if (/[[{]/.test(text.charAt(from))) return this.collection(from, limit);
    const plain = /[^,{}[\]]*/y;
    plain.lastIndex = from;
    const value = (plain.exec(text)?.[0] ?? "").slice(0, limit - from).trimEnd();
    if (value === "" || /^(?:null|~)$/i.test(value)) return null;
    const alias = /^\*([^\s]+)$/.exec(value)?.[1];
    if (alias !== undefined && text.includes(`&${alias}`)) {
      this.aliases.add(alias);
      return null;
    }
    return {
      from,
      to: from + value.length,
      by: keyQuote === "" || !/^(?:[-\d.eE+]+|true|false)$/.test(value) ? maskLines(value, plainMask) : keyQuote + mask + keyQuote,
    };
  }

  /** All that a bracket at `from` holds; the rest of the text where nothing closes it. */
  collection(from: number, limit: number): Edit {
    const { text } = this;
    let depth = 0;
    let at = from;
    for (; at < limit; at += 1) {
      const character = text.charAt(at);
      if (character === '"' || (character === "'" && /[\s,[{:]/.test(text.charAt(at - 1)))) {
        const close = closeOf(text, quoteAt(text, at) ?? { character, escapes: 0, from: at + 1 }, limit, "either");
        at = close ?? limit;
      } else if (character === "[" || character === "{") depth += 1;
      else if ((character === "]" || character === "}") && (depth -= 1) === 0) break;
    }
    const to = Math.min(at, limit);
    const inside = text.slice(from + 1, to);
    return { from, to, by: text.charAt(from) + (inside.trim() === "" ? inside : maskLines(inside.replace(/^[^\S\n]+/, ""), plainMask)) };
  }

  /** What stands before the value: blanks, comments, tags, anchors, line breaks; comments and whatever is no type masked. */
  #lead(at: number, column: number): { by: string; to: number; start: number | null; list: boolean } {
    const { text } = this;
    const piece = /([ \t]+)|(#[^\n\r]*)|(\r?\n)|([!&][^\s,[\]{}]*)/y;
    let by = "";
    let end = at;
    let safe = { by, to: at };
    for (;;) {
      piece.lastIndex = end;
      const [found = "", , comment, lineBreak, property] = piece.exec(text) ?? [];
      if (found === "") return end >= text.length ? { ...safe, start: null, list: false } : { by, to: end, start: end, list: false };
      end += found.length;
      if (comment !== undefined) by += `# ${mask}`;
      else if (property !== undefined) by += property.startsWith("!") && !typeTag.test(property) ? `!${mask}` : property;
      else by += found;
      // What stands on the key's own line is masked, whatever follows.
      if (lineBreak === undefined) {
        if (!by.includes("\n")) safe = { by: by.replace(/&\S+$/, `&${mask}`), to: end };
        continue;
      }
      const lineEnd = endOfLine(text, end);
      const line = text.slice(end, lineEnd);
      const depth = line.search(/[^ \t\r]/);
      if (depth === -1 || line.charAt(depth) === "#") {
        if (lineEnd >= text.length && depth === -1) return { ...safe, start: null, list: false };
        continue;
      }
      if (depth > column && !/^-\s/.test(line.slice(depth))) continue;
      if (depth >= column && /^-\s/.test(line.slice(depth))) return { by, to: end, start: end, list: true };
      return { ...safe, start: null, list: false };
    }
  }

  /** Looked for to the end of the text, and once only where there is none. */
  #closeOf(character: string, start: number): number | null {
    if (this.#unclosed.has(character)) return null;
    const close = closeOf(this.text, { character, escapes: 0, from: start + 1 }, this.text.length, "doubled");
    if (close === null) this.#unclosed.add(character);
    return close;
  }
}

/** Lines after a value that are deeper than its key: a mistake. */
const later = (text: string): string =>
  text === ""
    ? ""
    : text
        .split("\n")
        .map((line, index) => (index === 0 ? line : plainLine(line, mask)))
        .join("\n");

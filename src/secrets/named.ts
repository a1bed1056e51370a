/** Secrets that have a name: settings, variables, flags, members of records. Each is found by its name, and how it is written tells where it ends. */

import { endOfLine, JoinedLines, quoteAt, Quotes, type Quote } from "./quotes.ts";
import { mask, maskJoined, type Edit } from "./text.ts";
import { longString, printedEdit, wordEdit } from "./words.ts";
import { YamlValues } from "./yaml.ts";

/** Names of values that are secrets: flintlockd's basic-auth-token, and what people call such things elsewhere; not in the middle of a word. */
const names =
  /(?<![\w.-])[\w.-]{0,64}(?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|pre-?shared-?key|psk|credentials?)(?:[_-]?[a-z0-9]{1,16}){0,4}/gi;

/** A key that is the first of its line: after list items, an explicit key's `?`, tags and anchors, or commented out. */
const lineLead = /^\uFEFF?([ \t]*(?:-[ \t]+)*)(#[# \t]*)?(?:[?:][ \t]+|[!&]\S{0,100}[ \t]+|export[ \t]+){0,4}\\{0,7}["']?$/;
const mostLead = 256;

/** JSON, or YAML that is one flow collection. */
const flowDocument = /^\uFEFF?(?:\s|#[^\n]*\n|---|[!&]\S+\s)*[{[]/;

/** From a key to its colon; an explicit key's stands in a line of its own. */
const colon = /[ \t]{0,64}(?:#[^\n]{0,500})?(?:\r?\n[ \t]{0,64}(?:#[^\n]{0,500})?){0,8}:/y;
/** From a flag to its value, that is a word of its own: blanks, joined lines and comments between them, items of a list. */
const flagGap = /(?:[ \t]{1,64}|\\\r?\n(?:[ \t]{0,64}[#;][^\n]{0,500}\n){0,8}|,\s{0,64}|\r?\n[ \t]{0,64}-[ \t]){1,8}/y;

interface Key {
  /** Of the name, and of what stands after its closing quote. */
  start: number;
  end: number;
  after: number;
  /** The quote that ends it; empty where none does. */
  quote: string;
  /** What it and its value stand in. */
  around: Quote | null;
  /** Where that ends. */
  limit: number;
  /** What stands before it on its line, when that is not long. */
  lead: RegExpExecArray | null;
}

/** Line breaks stay, and with them the place of all that is no secret. */
export function maskNamed(text: string): string {
  const masker = new Masker(text);
  const edits: Edit[] = [];
  let done = 0;
  names.lastIndex = 0;
  for (let found = names.exec(text); found; found = names.exec(text)) {
    const edit = masker.valueOf(found.index, found.index + found[0].length);
    if (!edit) continue;
    edits.push(edit);
    done = Math.max(done, edit.to);
    names.lastIndex = Math.max(names.lastIndex, done);
  }
  return maskAnchors(applied(text, edits), masker.aliases);
}

function applied(text: string, edits: readonly Edit[]): string {
  let at = 0;
  const parts = edits.flatMap(({ from, to, by }) => {
    const kept = text.slice(at, from);
    at = to;
    return [kept, by];
  });
  return parts.join("") + text.slice(at);
}

/** A secret may stand where its anchor does, under another name. */
function maskAnchors(text: string, aliases: ReadonlySet<string>): string {
  let masked = text;
  // More are no configuration, and each takes a walk through the text.
  for (const alias of [...aliases].slice(0, 16)) {
    const anchor = new RegExp(`&${alias.replace(/[^\w]/g, "\\$&")}(?=[\\s,\\]}])`, "g");
    const values = new YamlValues(masked);
    const edits: Edit[] = [];
    for (let found = anchor.exec(masked); found; found = anchor.exec(masked)) {
      const at = found.index + found[0].length;
      const before = masked.slice(masked.lastIndexOf("\n", found.index - 1) + 1, found.index);
      const column = /^[ \t]*(?:-[ \t]+)*/.exec(before)?.[0].length ?? 0;
      const edit = /[{,[]/.test(before) ? values.ofFlow(at, masked.length, "") : values.ofLine(at, before.length === column ? column - 1 : column);
      if (!edit) continue;
      edits.push(edit);
      anchor.lastIndex = Math.max(anchor.lastIndex, edit.to);
    }
    masked = applied(masked, edits);
  }
  return masked;
}

class Masker {
  readonly #quotes: Quotes;
  readonly #yaml: YamlValues;
  readonly #joined: JoinedLines;
  readonly #isFlow: boolean;
  /** Of the line that was looked at last: whether, and where, words follow that systemd printed. */
  #printed = { line: -1, from: -1 };

  constructor(private readonly text: string) {
    this.#joined = new JoinedLines(text);
    this.#quotes = new Quotes(text, this.#joined);
    this.#yaml = new YamlValues(text);
    this.#isFlow = flowDocument.test(text);
  }

  get aliases(): ReadonlySet<string> {
    return this.#yaml.aliases;
  }

  valueOf(start: number, end: number): Edit | null {
    const key = this.#keyAt(start, end);
    const { text } = this;
    const { after } = key;
    const equals = /[ \t]{0,8}=/y;
    equals.lastIndex = after;
    if (equals.test(text)) return this.#assigned(key, equals.lastIndex);
    colon.lastIndex = after;
    const found = colon.exec(text)?.[0] ?? "";
    if (found !== "" && (!found.includes("\n") || /^(?:\s|$)/.test(text.charAt(after + found.length)))) return this.#mapped(key, after + found.length, found);
    return text[start] === "-" ? this.#argument(key) : null;
  }

  #keyAt(start: number, end: number): Key {
    const { text } = this;
    const line = this.#quotes.lineStart(start);
    const lead = start - line > mostLead ? null : lineLead.exec(text.slice(line, start));
    const direct = this.#quotes.around(start);
    const closing = quoteAt(text, end);
    // The end of what the key stands in is not the key's own.
    const own = closing && direct?.from === start && closing.character === direct.character ? closing : null;
    const after = own ? own.from : end;
    const open = this.#quotes.around(after);
    // A quote of a line before, joined to this one, may as well be one that nothing ends.
    const around = open && open.from >= line ? open : null;
    return { start, end, after, quote: own ? text.slice(end, after) : "", around, limit: around ? this.#quotes.endOf(around) : text.length, lead };
  }

  /** `key: value` */
  #mapped({ start, quote, around, limit, lead, end }: Key, at: number, gap: string): Edit | null {
    const { text } = this;
    const open = quote === "" ? start : start - quote.length;
    const opening = /([{,[])\s*(?:[?!&]\S{0,100}\s+){0,3}$/.exec(text.slice(Math.max(0, open - mostLead), open))?.[1];
    if (opening !== undefined) {
      const edit = this.#yaml.ofFlow(at, around ? limit : text.length, quote);
      if (edit && lead && !around && opening === "," && !this.#isFlow) return this.#toLineEnd(edit);
      if (edit || !lead || around || this.#isFlow) return edit;
    }
    if (lead && !around) {
      const [, indent = "", comment] = lead;
      if (comment !== undefined) return wordsEdit(text, at, endOfLine(text, at));
      const colonLine = gap.slice(gap.lastIndexOf("\n") + 1).search(/[^ \t]/);
      return this.#yaml.ofLine(at, gap.includes("\n") ? Math.min(indent.length, colonLine) : indent.length);
    }
    const lineEnd = endOfLine(text, end);
    const blanks = /[ \t]{0,64}/y;
    blanks.lastIndex = at;
    const from = at + (blanks.exec(text)?.[0].length ?? 0);
    const within = Math.min(limit, lineEnd);
    if (from >= within) return null;
    if (quoteAt(text, from)) return this.#yaml.ofFlow(from, within, quote);
    const word = /[^\s"'\\]+/y;
    word.lastIndex = from;
    const value = (word.exec(text)?.[0] ?? "").slice(0, within - from).replace(/(?<=.)[,;)}\]]+$/, "");
    return value === "" || value === "null" ? wordEdit(text, from, within, around) : { from, to: from + value.length, by: mask };
  }

  /** After a line that ends with a comma, a value may be one in a collection, or go on after the next comma. */
  #toLineEnd(edit: Edit): Edit {
    const { text } = this;
    const lineEnd = endOfLine(text, edit.to);
    const rest = text.slice(edit.to, lineEnd);
    if (/^\\{0,7}["']?[\s,}\]]*(?:#.*)?$/.test(rest) || /^["']/.test(rest) || rest === "") return edit;
    const tail = /[,}\]\s]*$/.exec(rest)?.[0] ?? "";
    return { from: edit.from, to: lineEnd - tail.length, by: edit.by };
  }

  /** `NAME=value`, `name = "value"` */
  #assigned({ start, after, end, around, limit, lead }: Key, equals: number): Edit | null {
    const { text } = this;
    if (text[start - 1] === "\0") return toNul(text, equals);
    // "NAME=value with blanks"
    if (around?.from === start && after === end) return limit <= equals ? null : { from: equals, to: limit, by: maskJoined(text.slice(equals, limit)) };
    const blanks = /[ \t]{0,8}/y;
    blanks.lastIndex = equals;
    const value = equals + (blanks.exec(text)?.[0].length ?? 0);
    const ofLine = lead !== null && !around;
    const from = ofLine || quoteAt(text, value) ? value : equals;
    if (this.#isPrinted(start)) return printedEdit(text, from);
    if (ofLine) {
      const long = longString(text, from);
      if (long) return long;
      if (/[[{]/.test(text.charAt(from))) return this.#yaml.collection(from, text.length);
      if (!quoteAt(text, from)) return wordsEdit(text, from, this.#joined.endOf(from));
    }
    return wordEdit(text, from, around ? limit : this.#joined.endOf(from), around);
  }

  /** `--name value` */
  #argument({ start, after, around, limit }: Key): Edit | null {
    const { text } = this;
    if (text[after] === "\0") return toNul(text, after + 1);
    flagGap.lastIndex = after;
    const gap = flagGap.exec(text)?.[0];
    if (gap === undefined || after + gap.length >= limit) return null;
    const from = after + gap.length;
    if (this.#isPrinted(start)) return printedEdit(text, from);
    return wordEdit(text, from, around ? limit : this.#joined.endOf(from), around);
  }

  #isPrinted(at: number): boolean {
    const line = this.#quotes.lineStart(at);
    if (this.#printed.line !== line) this.#printed = { line, from: this.text.slice(line, endOfLine(this.text, line)).indexOf("argv[]=") };
    return this.#printed.from !== -1 && line + this.#printed.from < at;
  }
}

/** All up to the end, which a comment may have part in. */
function wordsEdit(text: string, at: number, end: number): Edit | null {
  const value = text.slice(at, end);
  const from = at + value.search(/\S|$/);
  const to = at + value.replace(/[ \t\r]+$/, "").length;
  return to <= from ? null : { from, to, by: maskJoined(text.slice(from, to)) };
}

/** An argument in /proc/PID/cmdline. */
function toNul(text: string, from: number): Edit | null {
  const end = text.indexOf("\0", from);
  const to = end === -1 ? text.length : end;
  return to === from ? null : { from, to, by: mask };
}

/** Quotes in a text, also those of a text that is quoted in another: such a quote has backslashes before it, more with each level. */

export interface Quote {
  character: string;
  /** Backslashes that stand before it: 0, 1, 3, 7. */
  escapes: number;
  /** Where what it holds begins. */
  from: number;
}

const mostEscapes = 7;

/** The quote that begins at `at`, backslashes first. */
export function quoteAt(text: string, at: number): Quote | null {
  let from = at;
  while (text[from] === "\\" && from - at < mostEscapes) from += 1;
  const character = text[from];
  return character === '"' || character === "'" ? { character, escapes: from - at, from: from + 1 } : null;
}

/** How many backslashes stand right before `at`, none of them before `from`. */
function backslashes(text: string, at: number, from: number): number {
  let first = at;
  while (first > from && text[first - 1] === "\\") first -= 1;
  return at - first;
}

/** A quote with so many backslashes ends this one: a backslash that is meant takes twice as many as one that escapes. */
const ends = ({ escapes }: Quote, count: number): boolean => count % (2 * (escapes + 1)) === escapes;

/** Where what a quote holds ends, before `limit`; null where nothing ends it. */
export function closeOf(text: string, quote: Quote, limit: number, single: SingleQuotes = "escaped"): number | null {
  const { character, escapes, from } = quote;
  if (character === "'" && escapes === 0) return closeOfSingle(text, from, limit, single);
  for (let at = text.indexOf(character, from); at !== -1 && at < limit; at = text.indexOf(character, at + 1)) {
    const count = backslashes(text, at, from);
    // The text that this one is quoted in ends before it does.
    if (count < escapes && character === '"') return at - count;
    if (ends(quote, count)) return at - escapes;
  }
  return null;
}

/** What a single quote is written as inside of two: in YAML doubled, elsewhere with a backslash; either where one cannot tell. */
type SingleQuotes = "doubled" | "escaped" | "either";

function closeOfSingle(text: string, from: number, limit: number, single: SingleQuotes): number | null {
  if (single === "either") {
    const [doubled, escaped] = [closeOfSingle(text, from, limit, "doubled"), closeOfSingle(text, from, limit, "escaped")];
    return doubled === null || escaped === null ? (doubled ?? escaped) : Math.max(doubled, escaped);
  }
  let escaped: number | null = null;
  for (let at = text.indexOf("'", from); at !== -1 && at < limit; at = text.indexOf("'", at + 1)) {
    if (single === "doubled" && text[at + 1] === "'" && at + 1 < limit) at += 1;
    else if (single === "escaped" && text[at - 1] === "\\" && at > from) escaped ??= at;
    else return at;
  }
  // It was a backslash that stands for itself.
  return escaped;
}

/** Where the line of a place ends, and all that a backslash joins to it. */
export class JoinedLines {
  #known = { from: 0, end: -1 };

  constructor(private readonly text: string) {}

  endOf(at: number): number {
    if (at < this.#known.from || at > this.#known.end) {
      let end = endOfLine(this.text, at);
      while (end < this.text.length && isJoined(this.text, end)) end = endOfLine(this.text, end + 1);
      this.#known = { from: at, end };
    }
    return this.#known.end;
  }
}

/** A backslash before the line break. */
export const isJoined = (text: string, lineBreak: number): boolean => /\\\r?$/.test(text.slice(Math.max(0, lineBreak - 2), lineBreak));

/** A setting of a unit file, in which a quote may go on in the next line: elsewhere a backslash may be what a line was cut off at. */
function isSetting(text: string, line: number): boolean {
  const setting = /[ \t]{0,64}[A-Z][A-Za-z]{0,63}[ \t]{0,64}=/y;
  setting.lastIndex = line;
  return setting.test(text);
}

/** Which quotes a place is inside of. Asked for places in ascending order, a text is gone through once. */
export class Quotes {
  #at = 0;
  #lineStart = 0;
  /** Where the first of the lines begins that are joined to the one it is at. */
  #first = 0;
  #open: Quote[] = [];
  /** Of the last quote that was asked for. */
  #close: { of: Quote; at: number } | null = null;

  constructor(
    private readonly text: string,
    private readonly joined: JoinedLines,
  ) {}

  /** Where the line of `at` begins. */
  lineStart(at: number): number {
    this.#goTo(at);
    return this.#lineStart;
  }

  /** The innermost quote that is open at `at`, on its line and what is joined to it. */
  around(at: number): Quote | null {
    this.#goTo(at);
    return this.#open.at(-1) ?? null;
  }

  /** Where it ends; the line's end where nothing ends it. */
  endOf(quote: Quote): number {
    if (this.#close?.of !== quote) {
      const lineEnd = this.joined.endOf(quote.from);
      this.#close = { of: quote, at: closeOf(this.text, quote, lineEnd) ?? lineEnd };
    }
    return this.#close.at;
  }

  #goTo(place: number): void {
    const { text } = this;
    for (; this.#at < place; this.#at += 1) {
      const character = text[this.#at];
      if (character === "\n") {
        const goesOn = isJoined(text, this.#at) && isSetting(text, this.#first);
        this.#lineStart = this.#at + 1;
        if (goesOn) continue;
        this.#open = [];
        this.#first = this.#lineStart;
      } else if (character === '"' || character === "'") this.#meet(character, backslashes(text, this.#at, Math.max(this.#lineStart, this.#at - 64)));
    }
  }

  #meet(character: string, escapes: number): void {
    if (character === "'" && escapes > 0 && this.#open.at(-1)?.character === "'") return;
    const closed = this.#open.findLastIndex((quote) => quote.character === character && ends(quote, escapes));
    if (closed !== -1) this.#open.length = closed;
    // An apostrophe inside a word is none, and nothing is quoted deeper than this.
    else if ((character === '"' || !/[\w)]/.test(this.text[this.#at - escapes - 1] ?? "")) && escapes <= mostEscapes && this.#open.length < 8)
      this.#open.push({ character, escapes, from: this.#at + 1 });
  }
}

/** Where the line that `at` stands in ends: at its line break, or at the end of the text. */
export function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/**
 * Where to stop masking after a quote that ended at `end`: there, or, where it began in another line than it ends, after all
 * that follows it but separators. Its end may have been the beginning of the next one.
 */
export function afterQuote(text: string, from: number, end: number): number {
  if (!text.slice(from, end).includes("\n")) return end;
  const rest = text.slice(end, endOfLine(text, end));
  return /^[\s,}\]]*(?:#.*)?$/.test(rest) ? end : end + rest.length - (/[,}\]\s]*$/.exec(rest)?.[0].length ?? 0);
}

/** Values on command lines and in assignments: systemd.syntax(7), systemd.exec(5) "EnvironmentFile=", TOML, shells. */

import { flintlockdDefaults } from "../facts/flintlockd-config.ts";
import { afterQuote, closeOf, endOfLine, isJoined, quoteAt, type Quote } from "./quotes.ts";
import { mask, maskJoined, maskLines, type Edit } from "./text.ts";

/** Where a word ends: at a blank outside of quotes. `around`: the quote that the whole command line stands in. */
export function wordEnd(text: string, from: number, limit: number, around: Quote | null): number {
  let at = from;
  while (at < limit && !/[\s\0]/.test(text.charAt(at))) {
    const quote = quoteAt(text, at);
    if (quote && (quote.escapes === 0 || (around && quote.escapes > around.escapes))) {
      const close = closeOf(text, quote, limit);
      if (close === null) return limit;
      at = close + quote.escapes + 1;
    } else if (text[at] === "\\") {
      const next = /\\\r?\n/y;
      next.lastIndex = at;
      const joined = next.exec(text);
      if (joined && /^[\s#;-]?$/.test(text.charAt(at + joined[0].length))) break;
      at += joined ? joined[0].length : 2;
    } else at += 1;
  }
  return Math.min(at, limit);
}

/** The word at `from`; its quotes stay where they hold all of it. Null where it is empty. */
export function wordEdit(text: string, from: number, limit: number, around: Quote | null): Edit | null {
  const to = wordEnd(text, from, limit, around);
  const word = text.slice(from, to);
  const [, open = "", close = ""] = /^(\\{0,7}["'])[^]*?(\\{0,7}["'])$/.exec(word) ?? [];
  if (word === "" || (open !== "" && word === open + close)) return null;
  return { from, to, by: open === close ? open + maskJoined(word.slice(open.length, word.length - open.length)) + close : maskJoined(word) };
}

/** TOML's strings of several lines, and quotes of an environment file, which may hold line breaks too. */
export function longString(text: string, from: number): Edit | null {
  const [marks = ""] = /^(?:"""|'''|["'])/.exec(text.slice(from, from + 3)) ?? [];
  if (marks === "") return null;
  const close = marks.length === 3 ? text.indexOf(marks, from + 3) : (closeOf(text, { character: marks, escapes: 0, from: from + 1 }, text.length) ?? -1);
  const lineEnd = endOfLine(text, from);
  if (close !== -1 && (marks.length === 3 || close > lineEnd) && !isJoined(text, lineEnd))
    return { from, to: afterQuote(text, from, close + marks.length), by: marks + maskLines(text.slice(from + marks.length, close)) + marks };
  return close === -1 && marks.length === 3 ? { from, to: text.length, by: marks + maskLines(text.slice(from + 3)) } : null;
}

/**
 * A value in `argv[]=` of `systemctl show`, where blanks part words and belong to them: it ends where one of flintlockd's
 * flags or the next field begins.
 */
const afterWord = new RegExp(` (?:--(?:${Object.keys(flintlockdDefaults).join("|")})(?=[ =])|; (?:ignore_errors|flags)=)`, "g");

export function printedEdit(text: string, from: number): Edit | null {
  const lineEnd = endOfLine(text, from);
  afterWord.lastIndex = from;
  const to = Math.min(afterWord.exec(text)?.index ?? lineEnd, lineEnd);
  return to <= from ? null : { from, to, by: mask };
}

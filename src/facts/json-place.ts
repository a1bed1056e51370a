/** Where a text stops being JSON (RFC 8259): V8 tells the place for some faults only. One pass, no recursion. Pure. */

export interface JsonPlace {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
  /** What could have stood there. */
  expected: string;
}

/** Null where it is JSON. */
export function jsonFault(text: string): JsonPlace | null {
  const fault = faultIn(text);
  if (fault === null) return null;
  const before = text.slice(0, fault.at);
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line += 1;
  return { line, column: fault.at - before.lastIndexOf("\n"), expected: fault.expected };
}

type Awaited = "a value" | "a value or ]" | "a name or }" | "a name" | "a colon" | "a comma or }" | "a comma or ]" | "the end";

function faultIn(text: string): { at: number; expected: string } | null {
  const open: ("{" | "[")[] = [];
  let awaited = "a value" as Awaited;
  const afterValue = (): Awaited => (open.length === 0 ? "the end" : open.at(-1) === "{" ? "a comma or }" : "a comma or ]");
  for (let at = 0; ;) {
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
    const character = text[at];
    if (character === undefined) return awaited === "the end" ? null : { at, expected: awaited };
    if (
      (character === "}" && (awaited === "a name or }" || awaited === "a comma or }")) ||
      (character === "]" && (awaited === "a value or ]" || awaited === "a comma or ]"))
    ) {
      open.pop();
      awaited = afterValue();
      at += 1;
    } else if (character === "," && (awaited === "a comma or }" || awaited === "a comma or ]")) {
      awaited = awaited === "a comma or }" ? "a name" : "a value";
      at += 1;
    } else if (character === ":" && awaited === "a colon") {
      awaited = "a value";
      at += 1;
    } else if (character === '"' && (awaited === "a name" || awaited === "a name or }" || awaited === "a value" || awaited === "a value or ]")) {
      const end = endOfString(text, at + 1);
      if (end.fault !== null) return { at: end.at, expected: end.fault };
      awaited = awaited === "a name" || awaited === "a name or }" ? "a colon" : afterValue();
      at = end.at;
    } else if (awaited === "a value" || awaited === "a value or ]") {
      if (character === "{" || character === "[") {
        open.push(character);
        awaited = character === "{" ? "a name or }" : "a value or ]";
        at += 1;
        continue;
      }
      plain.lastIndex = at;
      if (!plain.test(text)) return { at, expected: awaited };
      at = plain.lastIndex;
      awaited = afterValue();
    } else return { at, expected: awaited };
  }
}

const space = /[ \t\r\n]*/y;
const plain = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
/** What ends a string, or begins something that is not simply itself. */
const special = /["\\\0-\x1f]/g;

function endOfString(text: string, from: number): { at: number; fault: string | null } {
  for (let at = from; ; at = escape.lastIndex) {
    special.lastIndex = at;
    if (!special.test(text)) return { at: text.length, fault: "the end of a text (a quote)" };
    const found = special.lastIndex - 1;
    if (text[found] === '"') return { at: found + 1, fault: null };
    escape.lastIndex = found;
    if (!escape.test(text)) return { at: found, fault: text[found] === "\\" ? "an escape that JSON knows" : "no control character in a text" };
  }
}

/** JSON, with or without comments and trailing commas, as trees. The one importer of jsonc-parser. */

import { parseTree, printParseErrorCode, stripComments, visit, type Node, type ParseError } from "jsonc-parser";
import type { DocumentError, Entry, ListTree, MapTree, ScalarTree, Tree, TreeDocument } from "../facts/tree.ts";

export interface JsonText {
  documents: TreeDocument[];
  /** The first comment or trailing comma: no JSON in the strict sense, and refused by protobuf's reader. */
  extras: { start: number; what: "comment" | "trailing comma" } | null;
}

/** One document after the other: a file may hold several, as `jq` writes them. `origin` is what is added to every offset. Throws RangeError where it is nested too deeply. */
export function parseJson(text: string, origin = 0): JsonText {
  const documents: TreeDocument[] = [];
  let extras: JsonText["extras"] = null;
  let from = 0;
  do {
    const rest = from === 0 ? text : text.slice(from);
    const strict: ParseError[] = [];
    let node = parseTree(rest, strict, { disallowComments: true });
    let errors = withoutRest(strict);
    if (errors.length > 0) {
      const lenient: ParseError[] = [];
      node = parseTree(rest, lenient, { allowTrailingComma: true });
      errors = withoutRest(lenient);
      if (errors.length === 0) extras ??= firstExtra(text, from);
    }
    if (!node && errors.length === 0) break;
    const offset = origin + from;
    const end = node ? from + node.offset + node.length : text.length;
    documents.push({ root: node ? treeOf(node, offset) : null, errors: errors.map((error) => errorOf(error, offset)), start: offset, end: origin + end });
    if (errors.length > 0) break;
    from = end;
  } while (from < text.length && !blank(text, from));
  const comment = text.indexOf("/", from);
  if (documents.length > 0 && comment >= from && blank(text, from)) extras ??= { start: comment, what: "comment" };
  return { documents, extras: extras && { ...extras, start: origin + extras.start } };
}

/** What follows the first document is the next one, not an error. */
function withoutRest(errors: readonly ParseError[]): ParseError[] {
  const rest = errors.find(({ error }) => printParseErrorCode(error) === "EndOfFileExpected");
  return rest ? errors.filter(({ offset }) => offset < rest.offset) : [...errors];
}

/** Whether only white space and comments follow. */
function blank(text: string, from: number): boolean {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x2f) return stripComments(text.slice(at)).trim() === "";
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return false;
  }
  return true;
}

function firstExtra(text: string, from: number): JsonText["extras"] {
  let found: JsonText["extras"] = null;
  let comma: number | null = null;
  const value = (): void => {
    comma = null;
  };
  const end = (): void => {
    if (comma !== null && (found === null || found.start > from + comma)) found = { start: from + comma, what: "trailing comma" };
    comma = null;
  };
  visit(
    text.slice(from),
    {
      onComment: (offset) => {
        if (found === null || found.start > from + offset) found = { start: from + offset, what: "comment" };
      },
      onSeparator: (character, offset) => {
        if (character === ",") comma = offset;
      },
      onObjectProperty: value,
      onObjectBegin: value,
      onArrayBegin: value,
      onLiteralValue: value,
      onObjectEnd: end,
      onArrayEnd: end,
    },
    { allowTrailingComma: true },
  );
  return found;
}

/** `PropertyNameExpected` → "property name expected" */
function errorOf({ error, offset, length }: ParseError, from: number): DocumentError {
  const words = printParseErrorCode(error).replaceAll(/(?<!^)[A-Z]/g, (letter) => ` ${letter}`);
  return { message: words.toLowerCase(), start: from + offset, end: from + offset + length };
}

class JsonMap implements MapTree {
  readonly kind = "map";
  readonly flow = true;
  #entries: readonly Entry[] | undefined;

  constructor(
    private readonly children: readonly Node[],
    readonly start: number,
    readonly end: number,
    private readonly from: number,
  ) {}

  get entries(): readonly Entry[] {
    return (this.#entries ??= this.children.flatMap(({ children }): Entry[] => {
      const [key, value] = children ?? [];
      if (!key || !value || typeof key.value !== "string") return [];
      const keyStart = this.from + key.offset;
      return [{ key: key.value, keyStart, keyEnd: keyStart + key.length, value: treeOf(value, this.from), merged: false, alias: null }];
    }));
  }
}

class JsonList implements ListTree {
  readonly kind = "list";
  readonly flow = true;
  #items: readonly Tree[] | undefined;

  constructor(
    private readonly children: readonly Node[],
    readonly start: number,
    readonly end: number,
    private readonly from: number,
  ) {}

  get items(): readonly Tree[] {
    return (this.#items ??= this.children.map((child) => treeOf(child, this.from)));
  }
}

function treeOf(node: Node, from: number): Tree {
  const start = from + node.offset;
  const end = start + node.length;
  if (node.type === "object") return new JsonMap(node.children ?? [], start, end, from);
  if (node.type === "array") return new JsonList(node.children ?? [], start, end, from);
  return scalar(node.value, start, end);
}

function scalar(value: unknown, start: number, end: number): ScalarTree {
  if (typeof value === "string") return { kind: "scalar", value, style: "double", start, end };
  return { kind: "scalar", value: typeof value === "number" || typeof value === "boolean" ? value : null, style: "plain", start, end };
}

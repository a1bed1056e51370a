/** Any YAML file: what it says, and where in it. The one importer of yaml. */

import { isAlias, isMap, isScalar, LineCounter, parseAllDocuments, visit, type Document, type Pair, type ParsedNode, type Scalar, type YAMLMap } from "yaml";
import type { YamlScalar } from "./go-scalar.ts";
import type { ParsedMapping, YamlEntry, YamlProblem } from "./mapping.ts";
import type { MappingLayout, ValueLayout } from "./yaml-patch.ts";
import { strictness } from "./yaml-strict.ts";

/** The mapping of the first document; keys that `<<` brings in included. Empty where the file holds nothing. */
export function parseYaml(original: string): ParsedMapping | { problem: YamlProblem } {
  // yaml.v3 takes these for line breaks (YAML 1.1); one character for another, so that every offset stays.
  const text = original.replace(/\r(?!\n)|[\u0085\u2028\u2029]/g, "\n");
  const lines = new LineCounter();
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, keepSourceTokens: true, merge: true, prettyErrors: false });
    const documents = Array.isArray(parsed) ? parsed : [];
    const [document] = documents;
    const problem = problemIn(text, document, lines);
    if (problem) return { problem };
    const place = (offset: number): { line: number; column: number } => at(lines, offset);
    const second = documents[1] ? place(documents[1].range[0]) : null;
    const contents = document?.contents ?? null;
    const common = { documents: documents.length, second };
    if (!document || contents === null || isEmpty(contents)) return { entries: [], layout: { kind: "empty", end: endOf(text, document) }, ...common };
    if (!isMap(contents)) return { problem: { code: "NOT_A_MAPPING", message: "the file is not a mapping of keys to values", ...place(contents.range[0]) } };
    return { entries: entriesOf(document, contents, place), layout: layoutOf(text, document, contents), ...common };
  } catch (error) {
    // Aliases that multiply without end, or nesting too deep for the stack.
    return { problem: { code: "UNPARSABLE", message: error instanceof Error ? firstLine(error.message) : "it cannot be read", line: null, column: null } };
  }
}

type Root = Document.Parsed;

const isEmpty = (node: ParsedNode): boolean => isScalar(node) && node.value === null && node.range[0] === node.range[1];

function problemIn(text: string, document: Root | undefined, lines: LineCounter): YamlProblem | null {
  const [error] = document?.errors ?? [];
  const offence = strictness(text, document ? tabRanges(document) : [], document?.range[2] ?? text.length);
  const first = error && (!offence || error.pos[0] <= offence.offset) ? { offset: error.pos[0], message: ownWords(error.message), code: error.code } : offence;
  if (first) return problemAt(text, first, lines);
  let dangling: { offset: number } | undefined;
  if (document)
    visit(document, {
      Alias(_, node) {
        if (node.resolve(document) !== undefined) return undefined;
        dangling = { offset: node.range?.[0] ?? 0 };
        return visit.BREAK;
      },
    });
  return dangling ? { code: "UNPARSABLE", message: "no anchor has the name that stands after the *", ...at(lines, dangling.offset) } : null;
}

/** Where a tab at the beginning of a line does no harm. */
function tabRanges(document: Root): [number, number][] {
  const ranges: [number, number][] = [];
  visit(document, {
    Node(_, node) {
      const flow = !isScalar(node) && "flow" in node && node.flow;
      if (node.range && (flow || (isScalar(node) && node.type !== "PLAIN"))) ranges.push([node.range[0], node.range[1]]);
    },
  });
  return ranges;
}

function problemAt(text: string, { offset, message, code }: { offset: number; message: string; code: string }, lines: LineCounter): YamlProblem {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const tab = /^[ ]*\t/.exec(text.slice(lineStart, lineStart + 1000));
  if (code === "DUPLICATE_KEY") return { code, message: "the same key stands there twice", ...at(lines, offset) };
  if (tab) return { code: "UNPARSABLE", message: "a tab where YAML allows only spaces (indentation)", ...at(lines, lineStart + tab[0].length - 1) };
  return { code: "UNPARSABLE", message, ...at(lines, offset) };
}

/** The parser's first line, without what it quotes of the file: that may be a secret. */
export const ownWords = (message: string): string =>
  firstLine(message)
    .replace(/^(Block scalar header includes extra characters|Not a YAML token|Could not resolve tag|Unexpected [\w-]+ token in YAML stream): .*$/, "$1")
    .replace(/^(?:The \S+ tag has no suffix|Verbatim tags aren't resolved, so .*)$/, "A tag that stands for nothing");

const firstLine = (message: string): string => message.split("\n")[0] ?? message;

function at(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function entriesOf(document: Root, map: YAMLMap.Parsed, place: (offset: number) => { line: number; column: number }): YamlEntry[] {
  const own = map.items.flatMap((pair) => {
    const key = keyOf(pair);
    if (key === null || isMerge(pair)) return [];
    const { value } = pair;
    const js: unknown = value === null ? null : value.toJS(document);
    const inner = isMap(value) ? { entries: entriesOf(document, value, place) } : {};
    const meant = isAlias(value) ? value.resolve(document) : value;
    const scalar = isScalar(meant) ? scalarOf(meant) : meant === null ? plainNull : null;
    return [{ key, value: js, scalar, ...place(pair.key.range[0]), ...inner }];
  });
  const merge = map.items.find(isMerge);
  if (!merge) return own;
  const all: unknown = map.toJS(document);
  const names = new Set(own.map((entry) => entry.key));
  const merged = typeof all === "object" && all !== null ? Object.entries(all).filter(([name]) => !names.has(name)) : [];
  return [...own, ...merged.map(([key, value]: [string, unknown]) => ({ key, value, scalar: fromValue(value), ...place(merge.key.range[0]) }))];
}

const plainNull: YamlScalar = { style: "plain", text: "", tag: "" };

function scalarOf(node: Scalar): YamlScalar {
  const plain = node.type === "PLAIN" || node.type === undefined;
  return { style: plain ? "plain" : "quoted", text: plain ? (node.source ?? "") : String(node.value), tag: node.tag ?? "" };
}

function fromValue(value: unknown): YamlScalar | null {
  if (typeof value === "object" && value !== null) return null;
  return { style: typeof value === "string" ? "quoted" : "plain", text: String(value), tag: "" };
}

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

const keyOf = (pair: ParsedPair): string | null => (isScalar(pair.key) ? (pair.key.type === "PLAIN" ? pair.key.source : String(pair.key.value)) : null);

const isMerge = (pair: ParsedPair): boolean => isScalar(pair.key) && pair.key.type === "PLAIN" && pair.key.source === "<<";

/** Where the first document's content ends: at its `...`, else at the end of the text. */
function endOf(text: string, document: Root | undefined): number {
  const from = document?.range[1] ?? 0;
  const marker = /(?:^|\n)\.\.\.(?=[ \t\r\n]|$)/.exec(text.slice(from));
  return marker ? from + marker.index + (marker[0].startsWith("\n") ? 1 : 0) : text.length;
}

function layoutOf(text: string, document: Root, map: YAMLMap.Parsed): MappingLayout {
  const values = new Map(map.items.flatMap((pair) => (keyOf(pair) === null || isMerge(pair) ? [] : [[keyOf(pair) ?? "", valueLayout(pair)] as const])));
  const { srcToken } = map;
  if (srcToken?.type === "flow-collection") {
    const last = map.items.at(-1);
    return { kind: "flow", open: srcToken.start.offset + 1, lastEnd: last ? (last.value ?? last.key).range[1] : null, values };
  }
  const first = map.items[0]?.key.range[0] ?? map.range[0];
  // An explicit key has its `? ` before it.
  const lineStart = text.lastIndexOf("\n", first - 1) + 1;
  return {
    kind: "block",
    first: srcToken?.offset ?? first,
    indent: " ".repeat(srcToken && "indent" in srcToken ? srcToken.indent : first - lineStart),
    end: endOf(text, document),
    values,
  };
}

function valueLayout(pair: ParsedPair): ValueLayout {
  const colon = pair.srcToken?.sep?.find((token) => token.type === "map-value-ind");
  const node = pair.value;
  const anchored = isScalar(node) && (node.tag !== undefined || node.anchor !== undefined);
  const style =
    isScalar(node) && !isAlias(node) ? ({ PLAIN: "plain", QUOTE_SINGLE: "single", QUOTE_DOUBLE: "double" } as const)[String(node.type) as "PLAIN"] : undefined;
  return {
    colonEnd: colon ? colon.offset + 1 : null,
    start: node ? node.range[0] : null,
    end: node ? node.range[1] : null,
    style: style ?? null,
    bare: node === null || (isEmpty(node) && !anchored),
  };
}

export { isAlias, isMap, isPair, isScalar, isSeq, visit, type Document, type ParsedNode, type YAMLMap, type YAMLSeq } from "yaml";

/** Every document of a text, with all its errors; keys that stand twice are none. For src/facts/yaml-tree.ts, which makes trees of them. */
export function parseDocuments(text: string): Document.Parsed[] {
  const parsed = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, logLevel: "silent" });
  return Array.isArray(parsed) ? parsed : [];
}

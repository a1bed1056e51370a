/** A file of specs: its text, what it parses to, and where things stand in it. */

import type { DocumentError, Place, TreeDocument } from "../facts/tree.ts";
import { treeDocument } from "../facts/yaml-tree.ts";
import { parseDocuments } from "../facts/yaml.ts";
import { strictTree } from "./json-strict.ts";
import { parseJson, type JsonText } from "./json.ts";
import { tabProblem } from "./tabs.ts";
import { maskTemplates, templatesInStrings, type Template } from "./templates.ts";

export interface Source {
  /** As it was named; `-` for standard input. */
  name: string;
  text: string;
  form: "json" | "yaml";
  documents: readonly TreeDocument[];
  templates: readonly Template[];
  /** Null where it is JSON in the strict sense, or YAML. */
  extras: JsonText["extras"];
  /** A piece of a document, as manuals show them: no outer braces, or `...` for what is left out. */
  fragment: boolean;
  /** Null: it parses, or what does not is none of our business. */
  problem: SourceProblem | null;
  position: (offset: number) => Position;
}

export interface Position {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
}

export interface SourceProblem extends Place {
  kind: "tab" | "template" | "syntax";
  message: string;
}

/** Whether it may hold a MicroVM's spec at all: most files of a folder are told apart by this alone. */
export function mayHoldSpecs(text: string): boolean {
  return text.includes("nterfaces") || text.includes("Microvm") || text.includes("microvm") || text.includes("root_volume") || text.includes("rootVolume");
}

export function readSource(name: string, text: string): Source {
  const wanted = formOf(name, text);
  const source = wanted === "json" ? readJson(name, text) : readYaml(name, text);
  if (wanted === "json" && source.problem && !/\.jsonc?$/i.test(name)) {
    // YAML may begin with a brace, too.
    const yaml = readYaml(name, text);
    if (!yaml.problem) return yaml;
  }
  return source;
}

function formOf(name: string, text: string): "json" | "yaml" {
  if (name.endsWith(".json")) return "json";
  if (/\.ya?ml$/i.test(name)) return "yaml";
  return /\.jsonc?$/i.test(name) || /^\uFEFF?\s*(?:[[{"]|\/[/*])/.test(text.slice(0, 4_000)) ? "json" : "yaml";
}

/** Templates within strings are no obstacle; where they stand for values, they are masked. */
function readJson(name: string, text: string): Source {
  const bare = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text;
  const root = strictTree(bare);
  if (root !== null) {
    const documents = [{ root, errors: [], start: 0, end: text.length }];
    return {
      name,
      text,
      form: "json",
      documents,
      templates: templatesInStrings(bare, false),
      extras: null,
      fragment: false,
      problem: null,
      position: positionIn(text),
    };
  }
  const common = { name, text, form: "json", position: positionIn(text) } as const;
  const asItIs = firstGood(bare);
  if ("documents" in asItIs) return { ...common, ...asItIs, templates: templatesInStrings(bare, asItIs.extras !== null), problem: null };
  const { text: masked, templates } = maskTemplates(bare, "json");
  const filled = templates.length === 0 ? asItIs : firstGood(masked);
  if ("documents" in filled) return { ...common, ...filled, templates, problem: null };
  const kind = templates.length > 0 ? "template" : "syntax";
  return { ...common, documents: [], extras: null, fragment: false, templates, problem: { kind, ...asItIs.error } };
}

type Reading = JsonText & { fragment: boolean };

function firstGood(text: string): Reading | { error: DocumentError } {
  let first: DocumentError | null = null;
  for (const { fragment, parse } of readings(text)) {
    const json = parse();
    const error = json.documents.flatMap(({ errors }) => errors)[0];
    if (!error) return { ...json, fragment };
    first ??= { ...error, start: Math.max(error.start, 0) };
  }
  return { error: first ?? { message: "it cannot be read", start: 0, end: 0 } };
}

/** As it stands; without the lines that say `...`; and with the braces that a fragment lacks. */
function* readings(text: string): Generator<{ fragment: boolean; parse: () => JsonText }> {
  yield { fragment: false, parse: () => parsed(() => parseJson(text)) };
  const filled = text.replaceAll(/^([ \t]*)(?:\.\.\.|…)([ \t]*,?[ \t]*)(?=\r?$)/gm, (line) => " ".repeat(line.length));
  if (filled !== text) yield { fragment: true, parse: () => parsed(() => parseJson(filled)) };
  yield { fragment: true, parse: () => parsed(() => parseJson(`{${filled}\n}`, -1)) };
}

function parsed(parse: () => JsonText): JsonText {
  try {
    return parse();
  } catch (error) {
    // Brackets nested too deeply for the stack.
    const message = error instanceof RangeError ? "it is nested too deeply to be read" : "it cannot be read";
    return { documents: [{ root: null, errors: [{ message, start: 0, end: 0 }], start: 0, end: 0 }], extras: null };
  }
}

function readYaml(name: string, text: string): Source {
  const { text: masked, templates } = maskTemplates(text, "yaml");
  const common = { name, text, form: "yaml", templates, extras: null, fragment: false, position: positionIn(text) } as const;
  try {
    const documents = parseDocuments(masked).map(treeDocument);
    return { ...common, documents, problem: yamlProblem(text, documents, templates) };
  } catch {
    return { ...common, documents: [], problem: { kind: "syntax", message: "it is nested too deeply to be read", start: 0, end: 0 } };
  }
}

/** Of the first document that may hold a spec and does not parse. */
function yamlProblem(text: string, documents: readonly TreeDocument[], templates: readonly Template[]): SourceProblem | null {
  for (const { errors, start, end } of documents) {
    const [error] = errors;
    if (!error || (documents.length > 1 && !mayHoldSpecs(text.slice(start, end)))) continue;
    const tab = tabProblem(text, start, errors);
    if (tab) return { kind: "tab", ...tab };
    return { kind: templates.some((template) => template.start < end && template.end > start) ? "template" : "syntax", ...error };
  }
  return null;
}

/** A few places are counted out; where more are asked for, the starts of lines are kept. */
function positionIn(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  let asked = 0;
  const mark = text.startsWith("\uFEFF") ? 1 : 0;
  return (offset) => {
    asked += 1;
    if (asked > 4) starts ??= lineStarts(text);
    const { line, start } = starts ? lineAt(starts, offset) : counted(text, offset);
    return { line, column: Math.max(offset - start + 1 - (line === 1 ? mark : 0), 1) };
  };
}

function counted(text: string, offset: number): { line: number; start: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", start)) {
    line += 1;
    start = at + 1;
  }
  return { line, start };
}

function lineAt(starts: readonly number[], offset: number): { line: number; start: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, start: starts[low] ?? 0 };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Tabs where YAML allows only spaces (YAML 1.2.2, 6.1): told as such, and repaired where the repair can mean only one thing. */

import type { DocumentError } from "../facts/tree.ts";
import { saying } from "../facts/tree.ts";
import { treeDocument } from "../facts/yaml-tree.ts";
import { parseDocuments } from "../facts/yaml.ts";
import { maskTemplates } from "./templates.ts";

/** The tab behind a document's errors: in the indentation of a line that has one, or of the first line that begins with a tab before it. */
export function tabProblem(text: string, documentStart: number, errors: readonly DocumentError[]): { start: number; end: number; message: string } | null {
  for (const { start } of errors) {
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const tab = tabInIndent(text, lineStart) ?? earlierTab(text, documentStart, lineStart);
    if (tab !== null) return { start: tab, end: tab + 1, message: "a tab in the indentation, where YAML allows only spaces" };
  }
  return null;
}

function tabInIndent(text: string, lineStart: number): number | null {
  const indent = /^[ ]*\t/.exec(text.slice(lineStart, lineStart + 1_000));
  return indent ? lineStart + indent[0].length - 1 : null;
}

function earlierTab(text: string, from: number, to: number): number | null {
  const found = /(?:^|\n)[ ]*\t[ \t]*[^\s#]/.exec(text.slice(from, to));
  return found ? from + found.index + found[0].indexOf("\t") : null;
}

export type TabRepair = { text: string; width: number; lines: number } | { ambiguous: number[] } | null;

/** Widths that people give a tab; the document's own step goes first. */
const widths = [2, 4, 8];

/** Null: no width makes it parse. Ambiguous: several do, and it then says different things. */
export function repairTabs(text: string): TabRepair {
  const own = ownStep(text);
  const tried = [...(own === null ? [] : [own]), ...widths.filter((width) => width !== own)].map((width) => ({ width, ...expanded(text, width) }));
  const good = tried.flatMap((attempt) => {
    const says = meaning(attempt.text);
    return says === null ? [] : [{ ...attempt, says }];
  });
  const [first] = good;
  if (!first) return null;
  if (good.some(({ says }) => says !== first.says)) return { ambiguous: good.map(({ width }) => width) };
  return { text: first.text, width: first.width, lines: first.lines };
}

/** Null: they can be repaired. */
export function whyTabsStay(repair: TabRepair): string | null {
  if (repair === null) return "it does not parse with any number of spaces for a tab";
  return "ambiguous" in repair ? `with ${repair.ambiguous.join(", ")} spaces for a tab it says different things` : null;
}

function meaning(text: string): string | null {
  try {
    const documents = parseDocuments(maskTemplates(text, "yaml").text).map(treeDocument);
    return documents.some(({ errors }) => errors.length > 0) ? null : documents.map(({ root }) => saying(root)).join("\n");
  } catch {
    return null;
  }
}

/** The smallest indentation by spaces. */
function ownStep(text: string): number | null {
  let step: number | null = null;
  for (const match of text.matchAll(/^([ ]+)(?=[^\s#])/gm)) {
    const width = match[1]?.length ?? 0;
    if (step === null || width < step) step = width;
  }
  return step;
}

/** Each line's indentation with spaces for its tabs; what a block of text has after its own indentation stays. */
function expanded(text: string, width: number): { text: string; lines: number } {
  let changed = 0;
  /** Of the block of text that the line may belong to: its parent's indentation, and its own once a line showed it. */
  let block: { parent: number; indent: string | null } | null = null;
  const lines = text.split("\n").map((line) => {
    const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
    const rest = line.slice(indent.length);
    const blank = rest === "" || rest === "\r";
    if (block !== null && blank) return line;
    if (block !== null && widthOf(indent, width) > block.parent) {
      block.indent ??= ownIndent(indent, block.parent);
      if (!indent.startsWith(block.indent) || !block.indent.includes("\t")) return line;
      changed += 1;
      return spaces(block.indent, width) + line.slice(block.indent.length);
    }
    block = blockHeader.test(rest) ? { parent: widthOf(indent, width) + (/^(?:- +)*/.exec(rest)?.[0].length ?? 0), indent: null } : null;
    if (blank || !indent.includes("\t")) return line;
    changed += 1;
    return spaces(indent, width) + rest;
  });
  return { text: lines.join("\n"), lines: changed };
}

/** A line that ends in `|` or `>` with its indicators. */
const blockHeader = /(?:^|[:\-?]\s+)(?:[&!][^\s]*\s+)*[|>][0-9+-]{0,2}[ \t]*(?:#[^\n]*)?\r?$/;

/** Spaces beyond the parent's are the block's indentation, and a tab after them is text. */
function ownIndent(indent: string, parent: number): string {
  const leading = /^[ ]*/.exec(indent)?.[0] ?? "";
  return leading.length > parent ? leading : indent;
}

const widthOf = (indent: string, width: number): number => spaces(indent, width).length;

const spaces = (indent: string, width: number): string => indent.replaceAll("\t", " ".repeat(width));

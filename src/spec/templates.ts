/**
 * Text that is still a template: `${NAME}` as clusterctl fills it in, `{{ … }}` as Helm does. What will stand there cannot be
 * told, so it is masked, character for character, before the text is parsed; every offset stays, and the mask is never written.
 */

import type { Place } from "../facts/tree.ts";

export interface Template extends Place {
  /** A line of its own that is no value but decides about others: `{{- if … }}`. */
  directive: boolean;
}

export interface Masked {
  text: string;
  templates: readonly Template[];
}

export function maskTemplates(text: string, form: "json" | "yaml"): Masked {
  if (!text.includes("${") && !text.includes("{{")) return { text, templates: [] };
  const found = templatesIn(text);
  if (found.length === 0) return { text, templates: [] };
  const strings = form === "json" ? stringsIn(text) : [];
  const parts: string[] = [];
  let at = 0;
  let string = 0;
  for (const template of found) {
    while ((strings[string]?.end ?? Infinity) <= template.start) string += 1;
    const inString = (strings[string]?.start ?? Infinity) < template.start;
    parts.push(text.slice(at, template.start), maskOf(text.slice(template.start, template.end), form, template.directive, inString));
    at = template.end;
  }
  parts.push(text.slice(at));
  return { text: parts.join(""), templates: found };
}

function maskOf(template: string, form: "json" | "yaml", directive: boolean, inString: boolean): string {
  const letters = (text: string, letter: string): string => text.replaceAll(/[^\r\n]/g, letter);
  if (directive)
    return form === "json"
      ? letters(template, " ")
      : template
          .split("\n")
          .map((line) => line.replace(/^[ \t]*[^\s]/, (start) => `${start.slice(0, -1)}#`).replaceAll(/[^\s#]/g, "x"))
          .join("\n");
  if (form === "yaml" || inString) return letters(template, "x");
  return `"${letters(template.slice(1, -1), "x")}"`;
}

function templatesIn(text: string): Template[] {
  const found: Template[] = [];
  let from = 0;
  for (;;) {
    const start = nextStart(text, from);
    if (start === -1) return found;
    const end = text[start] === "$" ? closingBrace(text, start + 1) : closingPair(text, start + 2);
    if (end === -1) {
      from = start + 2;
      continue;
    }
    found.push({ start, end, directive: text[start] === "{" && aloneOnItsLines(text, start, end) });
    from = end;
  }
}

function nextStart(text: string, from: number): number {
  const dollar = text.indexOf("${", from);
  const braces = text.indexOf("{{", from);
  if (dollar === -1 || braces === -1) return Math.max(dollar, braces);
  return Math.min(dollar, braces);
}

/** The brace that closes `${`, on the same line; -1 where there is none. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}" && (depth -= 1) === 0) return at + 1;
  }
  return -1;
}

/** An action may span lines, but not without end: a text of many `{{` and no `}}` is none. */
const maxAction = 10_000;

function closingPair(text: string, from: number): number {
  const close = text.slice(from, from + maxAction).indexOf("}}");
  return close === -1 ? -1 : from + close + 2;
}

function aloneOnItsLines(text: string, start: number, end: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const lineEnd = text.indexOf("\n", end);
  const after = text.slice(end, lineEnd === -1 ? text.length : lineEnd);
  return before.trim() === "" && after.trim() === "";
}

/** Of JSON that parses as it is: each string by itself. Comments may hold quotes, so that with them no more than a line is looked at. */
export function templatesInStrings(text: string, commented: boolean): Template[] {
  if (!text.includes("${") && !text.includes("{{")) return [];
  const places = commented
    ? linesOf(text).flatMap((line) =>
        stringsIn(text.slice(line.start, line.end)).map(({ start, end }) => ({ start: line.start + start, end: line.start + end })),
      )
    : stringsIn(text);
  return places.flatMap(({ start, end }) =>
    templatesIn(text.slice(start, end)).map((template) => ({ start: start + template.start, end: start + template.end, directive: false })),
  );
}

function linesOf(text: string): Place[] {
  const lines: Place[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    lines.push({ start, end: end === -1 ? text.length : end });
    start = end === -1 ? text.length : end + 1;
  }
  return lines;
}

/** The strings of a JSON text, without their quotes. */
function stringsIn(text: string): Place[] {
  const found: Place[] = [];
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    let end = at + 1;
    while (end < text.length && text[end] !== '"' && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
    found.push({ start: at, end });
    at = end + 1;
  }
  return found;
}

/** Whether any of them touches the place. They are in the order of the text. */
export function touched(templates: readonly Template[], { start, end }: Place): boolean {
  return templates.length > 0 && templates.some((template) => template.start < end && template.end > start);
}

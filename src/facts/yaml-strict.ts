/**
 * Where gopkg.in/yaml.v3, which flintlockd reads its file with, stops although YAML 1.2 would go on: scannerc.go
 * (yaml_parser_scan_to_next_token, yaml_parser_scan_version_directive) and readerc.go (control characters).
 */

export interface Offence {
  offset: number;
  message: string;
  code: string;
}

/** `tabsIn`: ranges of quotes, flow collections and blocks of text; `end`: of the first document. Later ones are not read. */
export function strictness(text: string, tabsIn: readonly (readonly [number, number])[], end: number): Offence | null {
  const control = /[^\t\n\r\x20-\x7E\x85\xA0-\uD7FF\uD800-\uDFFF\uE000-\uFEFE\uFF00-\uFFFD]/.exec(text.replace(/^\uFEFF/, " "));
  const version = /^%YAML[ \t]+(?!1\.1\s)/m.exec(text.slice(0, 1000));
  const tab = blankLineTab(text.slice(0, end), tabsIn);
  const offences = [
    ...(control ? [{ offset: control.index, message: `control character U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}` }] : []),
    ...(version ? [{ offset: version.index, message: "flintlockd reads YAML 1.1 only, and stops at another %YAML line" }] : []),
    ...(tab === null ? [] : [{ offset: tab, message: "a tab" }]),
  ].sort((a, b) => a.offset - b.offset);
  return offences[0] ? { ...offences[0], code: "UNPARSABLE" } : null;
}

/** A line of blanks with a tab in it, outside of quotes, flow collections and blocks of text. */
function blankLineTab(text: string, tabsIn: readonly (readonly [number, number])[]): number | null {
  if (!text.includes("\t")) return null;
  let start = 0;
  for (const line of text.split("\n")) {
    const blanks = /^[ \t]*/.exec(line)?.[0] ?? "";
    const tab = start + blanks.indexOf("\t");
    const nothingElse = ["", "\r", "#"].includes(line.charAt(blanks.length));
    if (blanks.includes("\t") && nothingElse && !tabsIn.some(([from, to]) => tab >= from && tab < to)) return tab;
    start += line.length + 1;
  }
  return null;
}

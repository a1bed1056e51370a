/** What stands in a secret's place. Every line break stays, so that a place in a file or a diff is the same before and after. */

export const mask = "********";
/** Where YAML expects a plain value, in which a `*` at the beginning would name an anchor. */
export const plainMask = `<${mask}>`;

/** From `from` to `to` of a text stands a secret; `by` takes its place. */
export interface Edit {
  from: number;
  to: number;
  by: string;
}

/** Each line's text replaced, the first by `first`; how deep a line begins and what ends it stay. */
export function maskLines(text: string, first = mask): string {
  return text
    .split("\n")
    .map((line, index) => {
      const [, indent = "", content = "", end = ""] = /^([ \t]*)([^]*?)(\s*)$/.exec(line) ?? [];
      return content === "" ? line : `${index === 0 ? "" : indent}${index === 0 ? first : mask}${end}`;
    })
    .join("\n");
}

/** The same of a unit file's lines that a backslash joins: only the first is left with something in it. */
export function maskJoined(text: string): string {
  return text
    .split("\n")
    .map((line, index, all) => `${index === 0 ? mask : ""}${index < all.length - 1 ? (/\\?\r?$/.exec(line)?.[0] ?? "") : ""}`)
    .join("\n");
}

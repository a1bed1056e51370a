/** Folds one line at spaces to a number of columns; colour takes none. */

import { stripVTControlCharacters } from "node:util";

/** `width` 0: as it is. Further lines begin with `indent`. A word longer than a line stays whole. */
export function fold(line: string, width: number, indent: string): string {
  if (width <= 0 || columns(line) <= width) return line;
  const lead = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = lead;
  let empty = true;
  for (const word of line.slice(lead.length).split(" ")) {
    if (!empty && columns(current) + 1 + columns(word) > width) {
      lines.push(current);
      current = indent;
      empty = true;
    }
    current = empty ? current + word : `${current} ${word}`;
    empty = false;
  }
  return [...lines, current].join("\n");
}

const columns = (text: string): number => stripVTControlCharacters(text).length;

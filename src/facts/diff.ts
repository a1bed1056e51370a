/** Two texts as one unified diff (diffutils manual, "Unified Format"), with secrets masked. */

import { maskSecrets } from "../secrets.ts";

const context = 2;

/** Empty where the texts are the same. One hunk: an edit of one key, or a small file of our own, needs no more. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const from = Math.max(0, head - context);
  const oldTo = Math.min(old.length, old.length - tail + context);
  const nowTo = Math.min(now.length, now.length - tail + context);
  // As a whole: where a value begins and ends, other lines may tell.
  const oldMasked = linesOf(maskSecrets(before));
  const nowMasked = linesOf(maskSecrets(after));
  const shown = [
    ...oldMasked.slice(from, head).map((line) => ` ${line}`),
    ...oldMasked.slice(head, old.length - tail).map((line) => `-${line}`),
    ...nowMasked.slice(head, now.length - tail).map((line) => `+${line}`),
    ...oldMasked.slice(old.length - tail, oldTo).map((line) => ` ${line}`),
  ];
  return (
    [`--- ${before === "" ? "/dev/null" : path}`, `+++ ${path}`, `@@ -${range(from, oldTo)} +${range(from, nowTo)} @@`, ...shown.map(shownLine)].join("\n") +
    "\n"
  );
}

/** Each with its line break, so that a missing last one is a difference. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** `FIRST,COUNT`; an empty range names the line before it. */
export const range = (from: number, to: number): string => (to - from === 1 ? String(from + 1) : `${to === from ? from : from + 1},${to - from}`);

function shownLine(line: string): string {
  return line.endsWith("\n") ? line.replace(/\r?\n$/, "") : `${line}\n\\ No newline at end of file`;
}

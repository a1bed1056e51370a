/** Two texts as one unified diff (diffutils manual, "Unified Format"), with the lines that hold secrets masked. */

const context = 2;
const mask = "***";

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
  const oldMasked = maskedLines(old);
  const nowMasked = maskedLines(now);
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
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** `FIRST,COUNT`; an empty range names the line before it. */
const range = (from: number, to: number): string => (to - from === 1 ? String(from + 1) : `${to === from ? from : from + 1},${to - from}`);

function shownLine(line: string): string {
  return line.endsWith("\n") ? line.replace(/\r?\n$/, "") : `${line}\n\\ No newline at end of file`;
}

/** From the telling part of the name on; bounded, so that no line takes more than linear time. */
const secretKey = /(?:token|passw|secret|credential|api-?key|private-?key)[\w-]{0,64}["']?[ \t]{0,16}[:=]/i;

/** The value of a secret goes, on its own line and on those indented below it. */
function maskedLines(lines: readonly string[]): string[] {
  let deeperThan = -1;
  return lines.map((line) => {
    const end = /\r?\n?$/.exec(line)?.[0] ?? "";
    const text = line.slice(0, line.length - end.length);
    const indent = text.length - text.trimStart().length;
    if (deeperThan >= 0 && (text.trim() === "" || indent > deeperThan)) return (text.trim() === "" ? "" : " ".repeat(indent) + mask) + end;
    deeperThan = -1;
    const key = secretKey.exec(text);
    if (!key) return text.replace(/\/\/[^/\s@]{1,500}@/g, `//${mask}@`) + end;
    // Whatever else stands on that line goes too: what ends a value depends on quotes that may span lines.
    deeperThan = indent;
    return `${text.slice(0, key.index)}${key[0]} ${mask}${end}`;
  });
}

/** Two texts of one file as a unified diff (diffutils manual, "Unified Format") that patch(1) takes: a hunk for each place that changes. */

import { maskSecrets, printable } from "../evidence.ts";
import { linesOf, range } from "../facts/diff.ts";

const context = 3;

interface Hunk {
  /** Lines from 0, end exclusive. */
  old: [number, number];
  now: [number, number];
}

export function unified(name: string, before: string, after: string): string {
  if (before === after) return "";
  const old = linesOf(before);
  const now = linesOf(after);
  const shown = printable(name).replaceAll("\n", "\\n");
  // Masked as a whole: where a value begins and ends, other lines may tell.
  const [shownOld, shownNow] = [before, after].map((text) => linesOf(maskSecrets(text)).map(shownLine)) as [string[], string[]];
  const body = grouped(changed(old, now)).map((hunks) => hunkText(hunks, shownOld, shownNow));
  return `--- ${shown}\n+++ ${shown}\n${body.join("")}`;
}

/**
 * Where the two differ. Patches replace lines or add a few, so that after a difference the nearest line that is the same in
 * both is looked for, a few lines ahead; no general search for the shortest script is needed.
 */
function changed(old: readonly string[], now: readonly string[]): Hunk[] {
  const hunks: Hunk[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i += 1;
      j += 1;
      continue;
    }
    const [di, dj] = resync(old, now, i, j);
    hunks.push({ old: [i, i + di], now: [j, j + dj] });
    i += di;
    j += dj;
  }
  return hunks;
}

const reach = 12;

/** How far each has to go on until two lines in a row are the same; to the end where they are not within reach. */
function resync(old: readonly string[], now: readonly string[], i: number, j: number): [number, number] {
  if (old.length === now.length && i === j) {
    let far = 1;
    while (i + far < old.length && old[i + far] !== now[j + far]) far += 1;
    return [far, far];
  }
  const same = (a: number, b: number): boolean => (a < old.length && b < now.length ? old[a] === now[b] : a >= old.length && b >= now.length);
  for (let sum = 1; sum <= 2 * reach; sum += 1)
    for (let di = Math.min(sum, old.length - i); di >= Math.max(0, sum - (now.length - j)); di -= 1) {
      const dj = sum - di;
      if (same(i + di, j + dj) && same(i + di + 1, j + dj + 1)) return [di, dj];
    }
  return [old.length - i, now.length - j];
}

function grouped(hunks: readonly Hunk[]): Hunk[][] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1);
    const previous = last?.at(-1);
    if (last && previous && hunk.old[0] - previous.old[1] <= 2 * context) last.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

function hunkText(hunks: readonly Hunk[], old: readonly string[], now: readonly string[]): string {
  const [first, last] = [hunks[0], hunks.at(-1)];
  if (!first || !last) return "";
  const from = Math.max(0, first.old[0] - context);
  const to = Math.min(old.length, last.old[1] + context);
  const nowFrom = first.now[0] - (first.old[0] - from);
  const nowTo = last.now[1] + (to - last.old[1]);
  const lines: string[] = [];
  let at = from;
  for (const hunk of hunks) {
    lines.push(...old.slice(at, hunk.old[0]).map((line) => ` ${line}`));
    lines.push(...old.slice(...hunk.old).map((line) => `-${line}`));
    lines.push(...now.slice(...hunk.now).map((line) => `+${line}`));
    at = hunk.old[1];
  }
  lines.push(...old.slice(at, to).map((line) => ` ${line}`));
  return `@@ -${range(from, to)} +${range(nowFrom, nowTo)} @@\n${lines.join("")}`;
}

/** Control characters are shown, tabs and a carriage return at the end stay. */
function shownLine(line: string): string {
  const [, text = "", end = ""] = /^([^]*?)(\r?\n?)$/.exec(line) ?? [];
  const safe = text
    .split("\t")
    .map((part) => printable(part, Infinity))
    .join("\t");
  return end.endsWith("\n") ? `${safe}${end}` : `${safe}${end}\n\\ No newline at end of file\n`;
}

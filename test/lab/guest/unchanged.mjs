// The proof that a run wrote nothing: everything that it could have changed, before and after.

import assert from "node:assert/strict";
import { picture } from "./picture.mjs";

/** Runs `act` and fails where anything changed meanwhile; `except`: units and files that change by themselves, as a unit that crash-loops does. */
export async function unchangedBy(act, { except = [] } = {}) {
  const before = await picture(except);
  const value = await act();
  const after = await picture(except);
  for (const part of Object.keys(before)) assert.deepEqual(difference(before[part], after[part]), [], `unchanged: ${part}`);
  return value;
}

function difference(before, after) {
  const [old, now] = [new Set(before), new Set(after)];
  return [...before.filter((line) => !now.has(line)).map((line) => `- ${line}`), ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`)];
}

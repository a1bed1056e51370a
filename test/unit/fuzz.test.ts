/** What fuzzing found, and what it starts from: each target bears it. The long run is ./scripts/fuzz. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { FixError } from "../../src/errors.ts";
import { seedsOf, targets, type Target } from "../fuzz/targets.ts";

const folder = new URL("../fuzz/seeds/", import.meta.url);
const root = new URL("../../", import.meta.url).pathname;

/** What moves a cursor, hides or reorders text. */
const raw = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

async function said({ run, mayRefuse }: Target, bytes: Uint8Array): Promise<readonly string[]> {
  try {
    return await run(bytes);
  } catch (error) {
    if (mayRefuse && error instanceof FixError) return [];
    throw error;
  }
}

describe("every reader of text from outside bears", () => {
  const found = readdirSync(folder).flatMap((name) => readdirSync(new URL(`${name}/`, folder)).map((file) => ({ name, file })));

  test.each(found)("$name: $file", async ({ name, file }) => {
    const target = targets.find((each) => each.name === name);
    if (!target) throw new Error(`there is no target ${name}`);
    for (const text of await said(target, Uint8Array.from(readFileSync(new URL(`${name}/${file}`, folder))))) expect(text).not.toMatch(raw);
  });

  test.each(targets.map(({ name }) => name))("%s: what it starts from, whole and cut off", async (name) => {
    const target = targets.find((each) => each.name === name);
    const seeds = target ? seedsOf(target, root).slice(0, 12) : [];
    expect(seeds.length).toBeGreaterThan(0);
    for (const seed of seeds)
      for (const part of [seed, seed.subarray(0, seed.length >> 1), seed.subarray(seed.length >> 1)])
        for (const text of target ? await said(target, part) : []) expect(text).not.toMatch(raw);
  });
});

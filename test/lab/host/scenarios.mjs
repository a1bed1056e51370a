// The scenarios: the files of test/lab/scenarios, each a module that says what it is about.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** { name, about, boots, disks, seconds, needs } of each, those that take long first: so two workers end at about the same time. */
export async function scenarios(root) {
  const folder = join(root, "test/lab/scenarios");
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => file.slice(0, -4));
  const all = await Promise.all(
    names.map(async (name) => {
      const { about, boots, disks, seconds = 40, needs = null } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
      return { name, about, boots, disks, seconds, needs };
    }),
  );
  return all.sort((x, y) => Number(Boolean(y.boots)) - Number(Boolean(x.boots)) || y.seconds - x.seconds || x.name.localeCompare(y.name));
}

/** Those that are named, whole or by a beginning that ends with `*`. */
export function chosen(all, words) {
  if (words.length === 0) return all;
  const unknown = words.filter((word) => !all.some(({ name }) => fits(name, word)));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(", ")}; see ./scripts/lab --list`);
  return all.filter(({ name }) => words.some((word) => fits(name, word)));
}

const fits = (name, word) => (word.endsWith("*") ? name.startsWith(word.slice(0, -1)) : name === word);

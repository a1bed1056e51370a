// Planted bugs: test/lab/mutations/NAME.json is { scenario, why, file, from, to }; the program is built again with that one text replaced.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function mutants(root) {
  const folder = join(root, "test/lab/mutations");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({ name: file.slice(0, -5), ...JSON.parse(readFileSync(join(folder, file), "utf8")) }));
}

const parts = ["src", "remediations", "scripts", "package.json", "tsconfig.json"];

/** Of all that a program is built from. */
function sourcesKey(root) {
  const hash = createHash("sha256");
  const files = parts.flatMap((part) =>
    statSync(join(root, part)).isDirectory() ? readdirSync(join(root, part), { recursive: true, withFileTypes: true }) : [],
  );
  for (const { parentPath, path = parentPath, name } of files.filter((file) => file.isFile()))
    hash.update(join(path, name)).update(readFileSync(join(path, name)));
  return hash.digest("hex");
}

/** The path of a fix.js with the bug in it, built where that was not done before from the same sources. */
export function mutantProgram(root, out, mutant) {
  const key = createHash("sha256").update(sourcesKey(root)).update(JSON.stringify(mutant)).digest("hex").slice(0, 16);
  const folder = join(out, "mutants");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${mutant.name}.${key}.js`);
  if (existsSync(file)) return file;
  for (const old of readdirSync(folder)) if (old.startsWith(`${mutant.name}.`)) rmSync(join(folder, old));
  build(root, join(out, `mutant-${process.pid}`), mutant, file);
  return file;
}

function build(root, folder, { name, file, from, to }, target) {
  mkdirSync(folder, { recursive: true });
  try {
    for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const text = readFileSync(join(folder, file), "utf8");
    if (text.split(from).length !== 2) throw new Error(`mutant ${name}: its text is in ${file} ${text.split(from).length - 1} times, not once: ${from}`);
    writeFileSync(
      join(folder, file),
      text.replace(from, () => to),
    );
    const built = spawnSync("node", ["scripts/build.mjs", "--no-caches"], { cwd: folder, encoding: "utf8" });
    if (built.status !== 0) throw new Error(`mutant ${name} does not build: ${built.stderr}`);
    copyFileSync(join(folder, "dist/fix.js"), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

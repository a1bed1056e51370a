// Planted bugs: test/lab/mutations/NAME.json is { scenario, why, file, from, to }; the program is built again with that one text replaced.

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function mutants(root) {
  const folder = join(root, "test/lab/mutations");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({ name: file.slice(0, -5), ...JSON.parse(readFileSync(join(folder, file), "utf8")) }));
}

/** Builds a fix.js with the bug in it, as `to`. */
export function buildMutant(root, out, { name, file, from, to }, target) {
  const folder = join(out, `mutant-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    for (const part of ["src", "remediations", "scripts", "package.json", "tsconfig.json"]) cpSync(join(root, part), join(folder, part), { recursive: true });
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

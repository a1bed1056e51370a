/** Files that a person asked for by name: a saved plan, a capture. */

import { FixError, reasonOf } from "../errors.ts";
import { replaceFile } from "../host/atomic.ts";
import { lstatSync, realpathSync } from "node:fs";
import { dirname, basename, join } from "node:path";

/** Written whole or not at all, readable by its owner only: it tells much of a host. */
export function saveNew(path: string, text: string, option: string): void {
  try {
    const target = join(realpathSync(dirname(path)), basename(path));
    if (exists(target) && !lstatSync(target).isFile()) throw new Error("it is there already and is not a regular file");
    replaceFile(target, text, { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  } catch (error) {
    throw new FixError("NOT_SAVED", `${option} ${path}: ${reasonOf(error)}`, "name a file in a folder that can be written", 1, { cause: error });
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

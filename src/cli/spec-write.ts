/** Writes a patched spec: through links to the file itself, with its mode and owner, and never over what somebody else changed meanwhile. */

import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { replaceFile } from "../host/atomic.ts";

/** Throws where it cannot be done; the file is then as it was. */
export function writeSpec(name: string, before: string, after: string): void {
  const path = realpathSync(name);
  const { mode, uid, gid } = statSync(path);
  accessSync(path, constants.W_OK);
  if (!readFileSync(path).equals(Buffer.from(before, "utf8"))) throw new Error("it was changed by somebody else since it was read");
  replaceFile(path, after, { mode: mode & 0o7777, uid, gid });
}

// Folders, walked and compared in this process: under User-Mode Linux each process that is started costs more than reading a hundred files.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Path and status of the folder and everything in it, in order; `skip` leaves out a path and what is under it. */
export function* tree(path, skip = () => false) {
  if (skip(path)) return;
  let stat;
  try {
    stat = lstatSync(path, { bigint: true });
  } catch {
    return;
  }
  yield { path, stat };
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(path).sort()) yield* tree(join(path, name), skip);
}

/** Names, kinds, modes, owners and contents are the same; times do not count. */
export function sameTree(one, other) {
  const [old, now] = [one, other].map((root) =>
    [...tree(root)].map(({ path, stat }) => `${path.slice(root.length)} ${stat.mode} ${stat.uid}:${stat.gid} ${contentOf(path, stat)}`),
  );
  return old.length === now.length && old.every((line, i) => line === now[i]);
}

function contentOf(path, stat) {
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() ? readFileSync(path, "latin1") : "";
}

/** What a pool lies on, against the two files that should be below it. Pure. */

import type { LoopDevice } from "./loop.ts";
import type { PoolFile, PoolFiles } from "../survey/pool-files.ts";

export interface Ground {
  files: PoolFiles;
  /** Kernel names of what the pool lies on (loop0), from sysfs. */
  slaves: readonly string[];
  units: { containerd: string; flintlockd: string };
}

export type Footing =
  /** Both files, the whole of each. */
  | { on: "own" }
  /** Files that were deleted, or replaced, under it. */
  | { on: "deleted"; loops: LoopDevice[] }
  /** Its own file, but not the whole of it, or not to be written. */
  | { on: "part"; file: PoolFile; loop: LoopDevice }
  /** Something else where `file` should be. */
  | { on: "other"; file: PoolFile }
  /** Neither of the files and no loop device: a pool that was made in another way. */
  | { on: "devices" };

export function footing({ files, slaves }: Ground): Footing {
  const holds = (path: string): boolean => slaves.includes(path.slice("/dev/".length));
  const loops = files.deleted.filter(({ path }) => holds(path));
  if (loops.length > 0) return { on: "deleted", loops };
  const both = [files.data, files.metadata];
  const onLoops = slaves.length > 0 && slaves.every((name) => /^loop\d+$/.test(name));
  if (!onLoops && !both.some((file) => file.loops.some(holds))) return { on: "devices" };
  for (const file of both) {
    if (file.loops.some(holds)) continue;
    const loop = file.oddLoops.find(({ path }) => holds(path));
    return loop ? { on: "part", file, loop } : { on: "other", file };
  }
  return { on: "own" };
}

/** `loop0 (/srv/data) and loop1 (/srv/metadata)` */
export function groundWords({ files, slaves }: Ground): string {
  return slaves
    .map((name) => {
      const file = files.loops.find(({ path }) => path === `/dev/${name}`)?.backFile;
      return file === undefined ? name : `${name} (${file})`;
    })
    .join(" and ");
}

/** The exact manual way to take a pool apart, in the order in which device-mapper lets go of things. Pure text. */

import type { LoopDevice } from "./loop.ts";
import type { Ground } from "./pool-footing.ts";

/** Nothing writes to the pool after it: a volume that is still open cannot be removed. containerd makes all of them again when it starts. */
function volumesOff(pool: string, { units }: Ground): string {
  const volumes = `${pool}-snap-`;
  return `systemctl stop ${units.flintlockd} ${units.containerd}; end the MicroVMs that still run, which lose nothing but their run (fuser --verbose /dev/mapper/${volumes}* names their processes); ls /dev/mapper | grep '^${volumes}' | xargs --no-run-if-empty dmsetup remove --retry`;
}

export function takeApart(pool: string, ground: Ground): string {
  return `${volumesOff(pool, ground)}; ${removed(pool, ground)}`;
}

function removed(pool: string, { slaves }: Ground): string {
  const loops = slaves.filter((name) => /^loop\d+$/.test(name)).map((name) => `/dev/${name}`);
  return `dmsetup remove --retry ${pool}${loops.length > 0 ? `; losetup --detach ${loops.join(" ")}` : ""}`;
}

/**
 * Copies files that exist only as long as their loop device does. The pool is suspended for it, which commits its metadata (dm-thin.c,
 * pool_postsuspend), and not removed: a loop device that is to be cleared with its last use would go with it. What the block device has
 * in its cache may be older than what the pool wrote past it.
 */
export function saveDeleted(pool: string, ground: Ground, loops: readonly LoopDevice[]): string {
  const { folder, folderExists } = ground.files;
  const copies = loops.map(
    ({ path, backFile }) =>
      `blockdev --flushbufs ${path} && cp --sparse=always ${path} ${backFile}.saved && mv --backup=numbered ${backFile}.saved ${backFile}`,
  );
  const copy = ["", ...(folderExists ? [] : [`mkdir --parents ${folder}`]), ...copies].join(" && ");
  return `save it while it is attached: ${volumesOff(pool, ground)}; dmsetup suspend ${pool}${copy}. Only when that is done: ${removed(pool, ground)}; fix --apply`;
}

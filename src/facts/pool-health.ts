/** What is wrong with a pool that is there, and whether a full one can grow. Pure. */

import { gib } from "./disk.ts";
import type { Growable, Judgement, PoolFault } from "./pool-fault.ts";
import type { Ground } from "./pool-footing.ts";
import { byFiles } from "./pool-layout.ts";
import { byStatus, foreignTable } from "./pool-status.ts";
import type { PoolDevice } from "../survey/pool.ts";
import type { PoolFiles } from "../survey/pool-files.ts";

/** Of the file system, left to others. */
const reserve = 512 * 1024 ** 2;
const leastGrowth = 64 * 1024 ** 2;
/** LVM's own default of thin_pool_autoextend_percent in provision.sh's profile. */
const growthShare = 0.2;
/** `ground`: null where the pool is not on files of its own (LVM). */
export function judgePool(pool: string, device: PoolDevice, ground: Ground | null): Judgement | { unclear: string } {
  const files = ground?.files ?? null;
  if (device.changing) return { unclear: `pool ${pool} had a second table a moment ago: somebody is changing it right now` };
  const faults: PoolFault[] = [];
  if (device.target !== "thin-pool") {
    faults.push(foreignTable(pool, device));
  } else {
    if (!device.status) return { unclear: `the status of pool ${pool} has a shape that is not known: ${device.statusText}` };
    faults.push(...byStatus(pool, device, device.status, files));
  }
  if (device.inactive !== "" && device.info.state === "ACTIVE")
    faults.unshift({
      is: "inactive-table",
      summary: `an inactive table was left behind on pool ${pool} (Tables present: ${device.info.tables})`,
      breaks: false,
      reason: null,
    });
  const layout = ground && device.status ? byFiles(pool, device.status, device.table, ground) : { faults: [], growable: null };
  const all = [...faults, ...layout.faults];
  return { faults: all, growable: growth(pool, device, files, all, layout.growable) };
}

/**
 * A full pool on a sparse file grows by a fifth, as far as the file system really has room. Growing resumes the pool, so it waits
 * for whatever else keeps that from serving: a suspended one may be somebody's operation.
 */
function growth(pool: string, device: PoolDevice, files: PoolFiles | null, faults: PoolFault[], begun: Growable | null): Growable | null {
  const full = faults.find(({ is }) => is === "out-of-data-space");
  if (faults.some((fault) => fault.breaks && fault !== full)) return null;
  if (!full || !files || !device.table || begun) return begun;
  const { data, space } = files;
  if (faults.some(({ is }) => is === "table-differs") || data.loops.length === 0) {
    full.reason = {
      code: "POOL_FULL",
      message: `pool ${pool} is full, and not grown as long as it does not lie on the whole of ${data.path}`,
      hint: `dmsetup table ${pool}; losetup --list`,
    };
    return null;
  }
  const block = device.table.blockSectors * 512;
  // What the file has not written yet will need room too.
  const room = space.free - reserve - (data.size - data.allocated);
  const to = Math.floor((data.size + Math.min(Math.max(data.size * growthShare, leastGrowth), room)) / block) * block;
  if (to - data.size < leastGrowth) {
    full.reason = {
      code: "NO_SPACE_TO_GROW",
      message: `pool ${pool} is full, and the file system of ${files.folder} has ${gib(space.free)} free, too little to grow into`,
      hint: `make room there (df -h ${files.folder}) or delete MicroVMs that are not wanted any more, then fix --dry-run`,
    };
    return null;
  }
  return { path: data.path, loop: data.loops[0] ?? "", from: data.size, to, table: device.table };
}

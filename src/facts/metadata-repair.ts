/** The exact manual way from damaged metadata of a thin pool to a sound file. Pure text. */

import type { PoolFiles } from "../survey/pool-files.ts";

export interface Repair {
  /** How long the new file is to be, in bytes; default: as long as the damaged one. */
  bytes?: number;
  /** The superblock cannot be read, so that thin_repair has to be told what it said. In sectors of 512 bytes. */
  lostSuperblock?: { blockSectors: number };
  /** Thin devices that containerd remembers of the pool; null where that is not known. Without any, the hint counts none. */
  devices?: number | null;
}

/** provision.sh: DATA_BLOCK_SIZE, in sectors of 512 bytes. */
export const usualBlockSectors = 128;

/**
 * On a copy, into a new file, so that the damaged one stays (thin_repair(8)). A sound result may still have lost every
 * device, which thin_check does not mind: so what thin_ls lists is to be compared before it is put in place.
 */
export function repairHint({ data, metadata }: PoolFiles, { bytes = metadata.size, lostSuperblock, devices = null }: Repair = {}): string {
  const path = metadata.real;
  const told = lostSuperblock ? ` ${superblockWords(data.size, lostSuperblock.blockSectors)}` : "";
  const count =
    devices === null || devices === 0
      ? "every thin device that containerd remembers"
      : `the ${devices} thin device${devices === 1 ? "" : "s"} that containerd remembers`;
  return [
    `with the pool not attached${lostSuperblock ? " (thin_repair then searches all of the file, which takes minutes)" : ""}: cp --sparse=always ${path} ${path}.damaged`,
    `truncate --size=${bytes} ${path}.repaired`,
    `thin_repair -i ${path}.damaged -o ${path}.repaired${told}`,
    `thin_check ${path}.repaired`,
    `thin_ls ${path}.repaired. Only if that lists ${count} (what it does not list is lost): mv ${path}.repaired ${path}, then fix --dry-run`,
  ].join(" && ");
}

/** containerd never sets a transaction id (plugins/snapshots/devmapper/dmsetup), so that of its pools is 0. */
function superblockWords(dataBytes: number, blockSectors: number): string {
  return `--transaction-id 0 --data-block-size ${blockSectors} --nr-data-blocks ${Math.floor(dataBytes / 512 / blockSectors)}`;
}

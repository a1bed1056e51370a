/**
 * How a pool on loop files can be had back, or why it must not be touched (flintlock: hack/scripts/provision.sh,
 * do_all_devpool; kernel: drivers/md/dm-thin.c, dm-thin-metadata.c). Pure.
 */

import { oneMissing, startAnew, unfit } from "./devpool-reasons.ts";
import { gib } from "./disk.ts";
import { repairHint, usualBlockSectors } from "./metadata-repair.ts";
import { metadataBlockBytes, type Superblock } from "./thin-superblock.ts";
import type { MissingMount, PoolFile, PoolFiles } from "../survey/pool-files.ts";

export interface Devpool {
  pool: string;
  folder: string;
  /**
   * existing: both files hold a pool. blank: both were made and nothing was written since. new: neither is there.
   * unfinished: a run of this tool ended after `data` had its name and before `metadata` had.
   */
  files: "existing" | "blank" | "new" | "unfinished";
  makeFolder: boolean;
  data: { path: string; bytes: number; loop: string | null };
  metadata: { path: string; bytes: number; loop: string | null };
  /** Of the table, in sectors of 512 bytes. */
  sectors: number;
  blockSectors: number;
  /** A device of the pool's name without any table is in the way. */
  tableless: boolean;
  /** Said where the files may grow beyond what the file system has; null where they cannot. */
  overcommitted: string | null;
}

export interface Reason {
  code: string;
  message: string;
  hint: string;
}

/** depends: on what containerd remembers, which was not told. */
export type DevpoolChoice = { is: "possible"; devpool: Devpool } | { is: "refused"; reason: Reason } | { is: "depends" };

export interface DevpoolLook {
  pool: string;
  /** `PATH:LINE` of pool_name. */
  poolWhere: string;
  containerdUnit: string;
  flintlockdUnit: string;
  containerdRoot: string;
  files: PoolFiles;
  /** Null where there is none, or it was not asked for. */
  superblock: Superblock | null;
  missingMount: MissingMount | null;
  tableless: boolean;
  /** Snapshots that containerd remembers; null where that was not asked for, or could not be told. */
  remembered: number | null;
}

/** provision.sh: DATA_SPARSE_SIZE, METADATA_SPARSE_SIZE, DATA_BLOCK_SIZE. */
export const newSizes = { data: 100 * 1024 ** 3, metadata: 10 * 1024 ** 3 };
const leastFree = 1024 ** 3;

/** A file system may keep a block of its own for an empty file (ZFS), but one with data in it has more. */
export const untouched = (file: PoolFile): boolean => file.allocated <= 512;

export function chooseDevpool(look: DevpoolLook): DevpoolChoice {
  const { files } = look;
  const { data, metadata } = files;
  const reason = unfit(look);
  if (reason) return { is: "refused", reason };
  if (data.is === "absent" && metadata.is === "absent") return anew(look);
  if (data.is === "file" && metadata.is === "absent" && isUnfinished(files)) return withoutMemory(look, possible(look, "unfinished"));
  if (data.is === "absent" || metadata.is === "absent") return { is: "refused", reason: oneMissing(look) };
  return existing(look);
}

/** `data` got its name, `metadata` had been made and not yet renamed. */
function isUnfinished({ data, newMetadata }: PoolFiles): boolean {
  return untouched(data) && data.size === newSizes.data && newMetadata.is === "file" && untouched(newMetadata);
}

function anew(look: DevpoolLook): DevpoolChoice {
  const { files } = look;
  for (const file of [files.newData, files.newMetadata])
    if (file.is === "odd" || (file.is === "file" && !untouched(file)))
      return {
        is: "refused",
        reason: {
          code: "POOL_FILE_ODD",
          message: `${file.path}, where this tool makes new files, ${file.is === "odd" ? `is ${file.why}` : "holds data"}`,
          hint: `see what it is, move it away, then fix --dry-run: ls -la ${files.folder}`,
        },
      };
  if (files.space.free < leastFree)
    return {
      is: "refused",
      reason: {
        code: "NO_SPACE_FOR_POOL",
        message: `new pool files would have ${gib(files.space.free)} of free space to grow into, below 1 GiB, on the file system of ${files.folder}`,
        hint: `make room there (df -h ${files.folder}), then fix --dry-run`,
      },
    };
  return withoutMemory(look, possible(look, "new"));
}

/** A new pool is made only where containerd remembers nothing of an old one. */
function withoutMemory(look: DevpoolLook, choice: DevpoolChoice): DevpoolChoice {
  if (look.remembered === null) return { is: "depends" };
  if (look.remembered === 0) return choice;
  const { data, metadata } = look.files;
  return {
    is: "refused",
    reason: {
      code: "SNAPSHOTS_REMEMBERED",
      message: `containerd remembers ${look.remembered} snapshot${look.remembered === 1 ? "" : "s"} of ${look.pool}, and the files that held ${look.remembered === 1 ? "it" : "them"} are gone: with new empty files nothing would work`,
      hint: `restore ${data.path} and ${metadata.path} from a backup, then fix --dry-run. ${startAnew(look)}`,
    },
  };
}

function existing(look: DevpoolLook): DevpoolChoice {
  const { files, superblock } = look;
  const { data, metadata } = files;
  const withoutSuperblock = repairHint(files, { lostSuperblock: { blockSectors: usualBlockSectors }, devices: look.remembered });
  const refuse = (code: string, message: string, hint: string): DevpoolChoice => ({ is: "refused", reason: { code, message, hint } });
  if (superblock?.is === "blank") {
    if (untouched(data) && untouched(metadata)) return withoutMemory(look, possible(look, "blank"));
    // The kernel takes a superblock of zeros for a new pool and formats it (dm-thin-metadata.c, __open_or_format_metadata).
    return refuse(
      "METADATA_ZEROED",
      `the superblock of ${metadata.path} is all zeros although data was written: the kernel would take it for a new pool and format it`,
      `restore ${metadata.path} from a backup; or, where only its beginning was lost, ${withoutSuperblock}. ${startAnew(look)}`,
    );
  }
  if (superblock === null || superblock.is === "foreign")
    return refuse("METADATA_DAMAGED", `${metadata.path} does not begin with the superblock of a thin pool`, withoutSuperblock);
  const wanted = superblock.dataBlocks * superblock.blockSectors * 512;
  if (data.size < wanted)
    return refuse(
      "DATA_FILE_TOO_SHORT",
      `${data.path} is ${gib(data.size)} long, and the pool's metadata knows ${gib(wanted)}: the end was cut off`,
      `what was there is lost unless there is a backup. If it was truncated by mistake and not written to since: truncate --size=${wanted} ${data.path}, then fix --dry-run`,
    );
  if (metadata.size < superblock.metadataBlocks * metadataBlockBytes)
    return refuse(
      "METADATA_TOO_SHORT",
      `${metadata.path} is ${gib(metadata.size)} long, and its own superblock knows ${gib(superblock.metadataBlocks * metadataBlockBytes)}`,
      repairHint(files, { bytes: superblock.metadataBlocks * metadataBlockBytes }),
    );
  if (superblock.needsCheck)
    return refuse(
      "NEEDS_CHECK",
      `the pool's metadata ${metadata.path} carries the flag needs_check: writing it failed once, and the pool would come up read-only`,
      `thin_check ${metadata.path} && thin_check --clear-needs-check-flag ${metadata.path} && fix --apply; if thin_check finds damage: ${repairHint(files)}`,
    );
  return possible(look, "existing", superblock.blockSectors);
}

function possible(look: DevpoolLook, kind: Devpool["files"], blockSectors = usualBlockSectors): DevpoolChoice {
  const { files, pool, tableless } = look;
  const made = kind === "new";
  const data = made ? newSizes.data : files.data.size;
  const metadata = kind === "new" || kind === "unfinished" ? newSizes.metadata : files.metadata.size;
  return {
    is: "possible",
    devpool: {
      pool,
      folder: files.folder,
      files: kind,
      makeFolder: !files.folderExists,
      data: { path: files.data.path, bytes: data, loop: files.data.loops[0] ?? null },
      metadata: { path: files.metadata.path, bytes: metadata, loop: files.metadata.loops[0] ?? null },
      sectors: Math.floor(data / 512),
      blockSectors,
      tableless,
      overcommitted: overcommitment(files, data, metadata),
    },
  };
}

export function overcommitment({ data, metadata, space, folder }: PoolFiles, dataBytes: number, metadataBytes: number): string | null {
  const growth = dataBytes + metadataBytes - data.allocated - metadata.allocated;
  if (growth <= space.free) return null;
  return `the pool's sparse files may still grow by ${gib(growth)}, and the file system of ${folder} has ${gib(space.free)} free: it is overcommitted by ${gib(growth - space.free)} and fills up before the pool does`;
}

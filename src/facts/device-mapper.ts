/**
 * What dmsetup says of a device (kernel: Documentation/admin-guide/device-mapper/thin-provisioning.rst, drivers/md/dm-thin.c
 * pool_status; dmsetup(8)).
 */

/** The kernel takes 127 bytes of anything but `/`; a name that looks like an option would reach dmsetup as one. */
export function isDeviceName(name: string): boolean {
  return /^[A-Za-z0-9_.+@:=#][A-Za-z0-9_.+@:=#-]{0,126}$/.test(name) && name !== "." && name !== "..";
}

export type PoolMode = "rw" | "ro" | "out_of_data_space" | "fail";

export interface PoolStatus {
  /** Of the pool's data, each 512 bytes. */
  sectors: number;
  mode: PoolMode;
  transaction: number;
  /** Blocks. */
  metadata: { used: number; total: number };
  data: { used: number; total: number };
  discard: string;
  /** queue_if_no_space or error_if_no_space */
  whenFull: string;
  needsCheck: boolean;
  /** As dmsetup prints it. */
  text: string;
}

/** Of a line `0 SECTORS thin-pool …`; null where it is none, or has a shape that is not known. */
export function parsePoolStatus(text: string): PoolStatus | null {
  const line = text.trim();
  const [, length, target, ...words] = line.split(/\s+/);
  const sectors = whole(length);
  if (target !== "thin-pool" || sectors === null) return null;
  if (words[0] === "Fail" || words[0] === "Error") return { ...nothing, sectors, mode: "fail", text: line };
  const metadata = fraction(words[1]);
  const data = fraction(words[2]);
  const transaction = whole(words[0]);
  const mode = words.slice(3).find((word) => word === "rw" || word === "ro" || word === "out_of_data_space");
  if (transaction === null || metadata === null || data === null || mode === undefined) return null;
  return {
    sectors,
    mode,
    transaction,
    metadata,
    data,
    discard: words.find((word) => word.endsWith("discard") || word.includes("discard_")) ?? "",
    whenFull: words.find((word) => word.endsWith("_if_no_space")) ?? "",
    needsCheck: words.includes("needs_check"),
    text: line,
  };
}

const nothing = { transaction: 0, metadata: { used: 0, total: 0 }, data: { used: 0, total: 0 }, discard: "", whenFull: "", needsCheck: false };

export interface PoolTable {
  /** Sectors of 512 bytes. */
  sectors: number;
  /** MAJOR:MINOR or a path. */
  metadata: string;
  data: string;
  blockSectors: number;
  lowWater: number;
  features: string[];
  text: string;
}

/** `0 SECTORS thin-pool META DATA BLOCK LOWWATER [N FEATURE…]` */
export function parsePoolTable(text: string): PoolTable | null {
  const line = text.trim();
  const [start, length, target, metadata, data, block, low, , ...features] = line.split(/\s+/);
  const [sectors, blockSectors, lowWater] = [whole(length), whole(block), whole(low)];
  if (start !== "0" || target !== "thin-pool" || metadata === undefined || data === undefined) return null;
  if (sectors === null || blockSectors === null || lowWater === null) return null;
  return { sectors, metadata, data, blockSectors, lowWater, features, text: line };
}

export interface DeviceInfo {
  /** ACTIVE, SUSPENDED */
  state: string;
  /** `LIVE`, `INACTIVE`, `LIVE & INACTIVE`, `None` */
  tables: string;
  readOnly: boolean;
  openCount: number;
  /** MAJOR:MINOR */
  number: string;
  /** LVM's begin with `LVM-`; empty where there is none. */
  uuid: string;
}

/** Of `dmsetup info NAME`. */
export function parseInfo(text: string): DeviceInfo | null {
  const fields = new Map(
    text.split("\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
    }),
  );
  const state = fields.get("State");
  const tables = fields.get("Tables present");
  const number = fields.get("Major, minor")?.replaceAll(" ", "").replace(",", ":");
  if (state === undefined || tables === undefined || number === undefined) return null;
  return {
    state: state.replace(" (READ-ONLY)", ""),
    tables,
    readOnly: state.includes("READ-ONLY"),
    openCount: whole(fields.get("Open count")) ?? 0,
    number,
    uuid: fields.get("UUID") ?? "",
  };
}

/** The table of a pool on loop devices, as provision.sh makes it. */
export function loadArgument(sectors: number, metadata: string, data: string, blockSectors: number): string {
  // provision.sh, create_dev_thinpool: block size 128, low water mark 32768.
  return `0 ${sectors} thin-pool ${metadata} ${data} ${blockSectors} 32768 1 skip_block_zeroing`;
}

function fraction(word: string | undefined): { used: number; total: number } | null {
  const [used, total] = (word ?? "").split("/").map(whole);
  return used === undefined || total === undefined || used === null || total === null ? null : { used, total };
}

function whole(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : null;
}

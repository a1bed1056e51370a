/**
 * What a pool's status and tables mean (kernel: thin-provisioning.rst, "Status"; drivers/md/dm-thin.c). Pure.
 */

import { gib } from "./disk.ts";
import { repairHint, type Reason } from "./devpool.ts";
import { metadataBlockBytes } from "./thin-superblock.ts";
import type { PoolTable } from "./device-mapper.ts";
import type { PoolDevice } from "../survey/pool.ts";
import type { PoolFiles } from "../survey/pool-files.ts";

export interface PoolFault {
  is: "inactive-table" | "suspended" | "fail" | "read-only" | "needs-check" | "out-of-data-space" | "metadata-full" | "table-differs" | "not-grown" | "unfinished";
  summary: string;
  /** True where nothing can rely on the pool. */
  breaks: boolean;
  /** Why it is not touched; null where a step mends it. */
  reason: Reason | null;
}

/** The data file may grow so far, or has grown and the pool does not know. */
export interface Growable {
  path: string;
  loop: string;
  from: number;
  to: number;
  table: PoolTable;
}

export interface Judgement {
  faults: PoolFault[];
  growable: Growable | null;
}

/** Of the file system, left to others. */
const reserve = 512 * 1024 ** 2;
const leastGrowth = 64 * 1024 ** 2;
/** LVM's own default of thin_pool_autoextend_percent in provision.sh's profile. */
const growthShare = 0.2;
const metadataNearlyFull = 0.9;

/** `files`: null where the pool is not on files of its own (LVM). `slaves`: kernel names of what it lies on. */
export function judgePool(pool: string, device: PoolDevice, files: PoolFiles | null, slaves: readonly string[]): Judgement | { unclear: string } {
  if (device.changing) return { unclear: `pool ${pool} had a second table a moment ago: somebody is changing it right now` };
  const faults: PoolFault[] = [];
  if (device.target !== "thin-pool") {
    faults.push(foreignTable(pool, device));
  } else {
    if (!device.status) return { unclear: `the status of pool ${pool} has a shape that is not known: ${device.statusText}` };
    faults.push(...byStatus(pool, device, device.status, files));
  }
  if (device.inactive !== "" && device.info.state === "ACTIVE")
    faults.unshift({ is: "inactive-table", summary: `an inactive table was left behind on pool ${pool} (Tables present: ${device.info.tables})`, breaks: false, reason: null });
  const layout = files && device.table ? byFiles(pool, device.table, device.status?.metadata.total ?? 0, files, slaves) : { faults: [], growable: null };
  const all = [...faults, ...layout.faults];
  return { faults: all, growable: growth(pool, device, files, all, layout.growable) };
}

function byStatus(pool: string, device: PoolDevice, status: NonNullable<PoolDevice["status"]>, files: PoolFiles | null): PoolFault[] {
  const broken = (is: PoolFault["is"], summary: string, reason: Reason): PoolFault => ({ is, summary, breaks: true, reason });
  const found: PoolFault[] = [];
  if (device.info.state !== "ACTIVE")
    found.push(
      broken("suspended", `pool ${pool} is suspended: every access to it waits`, {
        code: "POOL_SUSPENDED",
        message: `pool ${pool} is suspended, which may be somebody's operation (a resize, a snapshot of the metadata)`,
        hint: `if nobody is at work on it (ps, the shell history): dmsetup resume ${pool}`,
      }),
    );
  if (status.mode === "fail")
    return [...found, broken("fail", `pool ${pool} has failed (Fail): its metadata could not be written or read`, { code: "POOL_FAILED", message: `pool ${pool} has failed: the kernel gave up on its metadata (dmesg | grep thin)`, hint: byHand(pool, files) })];
  if (status.needsCheck)
    found.push(broken("needs-check", `pool ${pool} is read-only until its metadata is checked (needs_check)`, { code: "POOL_NEEDS_CHECK", message: `the metadata of pool ${pool} carries the flag needs_check: writing it failed once (dmesg | grep thin)`, hint: byHand(pool, files) }));
  else if (status.mode === "ro")
    found.push(broken("read-only", `pool ${pool} is read-only`, { code: "POOL_READ_ONLY", message: `pool ${pool} is read-only: it was attached so, or ran out of metadata space (dmesg | grep thin)`, hint: byHand(pool, files) }));
  if (status.mode === "out_of_data_space" && files === null)
    found.push(
      broken("out-of-data-space", `pool ${pool} is full: ${status.data.used} of ${status.data.total} blocks`, {
        code: "POOL_FULL",
        message: `pool ${pool} has no free block left, and its volume group is not extended by this tool`,
        hint: `vgs; lvextend --extents +100%FREE ${lvmName(pool)} where the group has room, else add a disk: vgextend VG /dev/DISK`,
      }),
    );
  if (status.mode === "out_of_data_space" && files !== null) found.push({ is: "out-of-data-space", summary: `pool ${pool} is full: ${status.data.used} of ${status.data.total} blocks, writes wait or fail`, breaks: true, reason: null });
  if (status.metadata.total > 0 && status.metadata.used / status.metadata.total >= metadataNearlyFull)
    found.push({
      is: "metadata-full",
      summary: `the metadata of pool ${pool} is nearly full: ${status.metadata.used} of ${status.metadata.total} blocks`,
      breaks: false,
      reason: {
        code: "METADATA_NEARLY_FULL",
        message: `the metadata of pool ${pool} has ${status.metadata.total - status.metadata.used} of ${status.metadata.total} blocks left; full, the pool turns read-only and needs a check`,
        hint: files ? `delete MicroVMs that are not wanted any more; or, with flintlockd and containerd stopped: ${growMetadata(pool, files)}` : `lvextend --poolmetadatasize +1G ${lvmName(pool)}`,
      },
    });
  return found;
}

function foreignTable(pool: string, device: PoolDevice): PoolFault {
  return {
    is: "table-differs",
    summary: `device ${pool} is no thin-pool but ${device.target === "" ? "without a live table" : device.target}`,
    breaks: true,
    reason: {
      code: "NOT_A_THIN_POOL",
      message: `device ${pool} has the table "${device.tableText}", which is no thin pool`,
      hint:
        device.target === "linear" && device.info.uuid.startsWith("LVM-")
          ? `LVM keeps thin volumes of its own in that pool, which puts a layer over it that containerd cannot use: lvs --all; give containerd a pool of its own`
          : `see what made it: dmsetup table ${pool}; dmsetup deps -o devname ${pool}`,
    },
  };
}

/** What the table names against what is on the disk. */
function byFiles(pool: string, table: PoolTable, metadataBlocks: number, files: PoolFiles, slaves: readonly string[]): Judgement {
  const differs = (code: string, message: string, hint: string): Judgement => ({ faults: [{ is: "table-differs", summary: message, breaks: false, reason: { code, message, hint } }], growable: null });
  const { data, metadata, deleted } = files;
  const gone = deleted.find((loop) => slaves.includes(loop.path.slice("/dev/".length)));
  if (gone)
    return differs(
      "FILE_DELETED_IN_USE",
      `pool ${pool} runs on ${gone.path}, whose file ${gone.backFile} was deleted: its data is gone with the next reboot`,
      `save it while it is attached: stop flintlockd and containerd, then cp --sparse=always ${gone.path} ${gone.backFile}.saved; mv ${gone.backFile}.saved ${gone.backFile}`,
    );
  const under = (file: PoolFiles["data"]): boolean => file.loops.some((loop) => slaves.includes(loop.slice("/dev/".length)));
  const onLoops = slaves.length > 0 && slaves.every((name) => /^loop\d+$/.test(name));
  // Neither of the files and no loop device: a pool that was made in another way, which is nobody's fault.
  if (!onLoops && !under(data) && !under(metadata)) return { faults: [], growable: null };
  for (const file of [data, metadata])
    if (!under(file))
      return differs(
        "POOL_ON_OTHER_FILES",
        `pool ${pool} lies on ${slaves.map((name) => backed(name, files)).join(" and ")}, and not on ${file.path}${file.is === "file" ? "" : ", which does not exist"}: after a reboot ${file.is === "file" ? "other data" : "nothing"} would be found there`,
        `see which file is the pool's: losetup --list; dmsetup deps -o devname ${pool}`,
      );
  const known = metadataBlocks * metadataBlockBytes;
  if (metadata.size < known)
    return differs("METADATA_TOO_SHORT", `${metadata.path} is ${gib(metadata.size)} long, and pool ${pool} uses ${gib(known)} of it: the file was cut under a live pool`, `stop flintlockd and containerd before anything else is written; restore ${metadata.path} from a backup, or ${repairHint(files)}`);
  const bytes = table.sectors * 512;
  const whole = Math.floor(data.size / 512) * 512;
  if (whole < bytes)
    return differs("DATA_FILE_TOO_SHORT", `${data.path} is ${gib(data.size)} long, and pool ${pool} is ${gib(bytes)}: the file was cut under a live pool`, `stop flintlockd and containerd; truncate --size=${bytes} ${data.path} && losetup --set-capacity ${data.loops[0] ?? "LOOP"}; what was cut off is lost: check every MicroVM's volume (fsck)`);
  if (whole > bytes)
    return {
      faults: [{ is: "not-grown", summary: `${data.path} is ${gib(data.size)} long, and pool ${pool} uses ${gib(bytes)} of it: growing it was begun and not finished`, breaks: false, reason: null }],
      growable: { path: data.path, loop: loopUnder(data, slaves), from: data.size, to: data.size, table },
    };
  return { faults: [], growable: null };
}

function backed(name: string, { loops }: PoolFiles): string {
  const file = loops.find(({ path }) => path === `/dev/${name}`)?.backFile;
  return file === undefined ? name : `${name} (${file})`;
}

const loopUnder = (file: PoolFiles["data"], slaves: readonly string[]): string => file.loops.find((loop) => slaves.includes(loop.slice("/dev/".length))) ?? "";

/** A full pool on a sparse file grows by a fifth, as far as the file system really has room. */
function growth(pool: string, device: PoolDevice, files: PoolFiles | null, faults: PoolFault[], begun: Growable | null): Growable | null {
  const full = faults.find(({ is }) => is === "out-of-data-space");
  if (!full || !files || !device.table || device.info.state !== "ACTIVE") return begun;
  if (begun) return begun;
  const { data, space } = files;
  if (faults.some(({ is }) => is === "table-differs") || data.loops.length === 0) {
    full.reason = { code: "POOL_FULL", message: `pool ${pool} is full, and it does not lie on ${data.path}, so it is not grown`, hint: `dmsetup table ${pool}; losetup --list` };
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

const lvmName = (pool: string): string => pool.replaceAll("--", "\u0000").replace("-", "/").replaceAll("\u0000", "-");

/** The exact manual way: everything off the pool, the metadata checked, and repaired into a new file. */
function byHand(pool: string, files: PoolFiles | null): string {
  const stop = "stop what uses it (systemctl stop flintlockd and containerd, end the MicroVMs)";
  if (!files) return `${stop}, then: lvchange --activate n ${lvmName(pool)} && lvconvert --repair ${lvmName(pool)} && lvchange --activate y ${lvmName(pool)} (lvmthin(7); it runs thin_check and thin_repair into a new volume)`;
  const { metadata } = files;
  return `${stop}, then: dmsetup remove ${pool}-snap-… and ${pool}; thin_check ${metadata.path}; if it is sound: thin_check --clear-needs-check-flag ${metadata.path}; if not, ${repairHint(files)}; last: fix --apply`;
}

function growMetadata(pool: string, { metadata }: PoolFiles): string {
  const loop = metadata.loops[0] ?? "LOOP";
  return `truncate --size=+1G ${metadata.path} && losetup --set-capacity ${loop} && dmsetup suspend ${pool} && dmsetup resume ${pool} (16 GiB is the most it can use)`;
}

/** What a pool's status means (kernel: thin-provisioning.rst, "Status"; drivers/md/dm-thin.c, pool_status). Pure. */

import type { Reason } from "./devpool.ts";
import { repairHint } from "./metadata-repair.ts";
import type { PoolFault } from "./pool-fault.ts";
import type { PoolDevice } from "../survey/pool.ts";
import type { PoolFiles } from "../survey/pool-files.ts";

const metadataNearlyFull = 0.9;

/** `files`: null where the pool is not on files of its own (LVM). */
export function byStatus(pool: string, device: PoolDevice, status: NonNullable<PoolDevice["status"]>, files: PoolFiles | null): PoolFault[] {
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
    return [
      ...found,
      broken("fail", `pool ${pool} has failed (Fail): its metadata could not be written or read`, {
        code: "POOL_FAILED",
        message: `pool ${pool} has failed: the kernel gave up on its metadata (dmesg | grep thin)`,
        hint: byHand(pool, files),
      }),
    ];
  if (status.needsCheck)
    found.push(
      broken("needs-check", `pool ${pool} is read-only until its metadata is checked (needs_check)`, {
        code: "POOL_NEEDS_CHECK",
        message: `the metadata of pool ${pool} carries the flag needs_check: writing it failed once (dmesg | grep thin)`,
        hint: byHand(pool, files),
      }),
    );
  else if (status.mode === "ro")
    found.push(
      broken("read-only", `pool ${pool} is read-only`, {
        code: "POOL_READ_ONLY",
        message: `pool ${pool} is read-only: it was attached so, or ran out of metadata space (dmesg | grep thin)`,
        hint: byHand(pool, files),
      }),
    );
  if (status.mode === "out_of_data_space" && files === null)
    found.push(
      broken("out-of-data-space", `pool ${pool} is full: ${status.data.used} of ${status.data.total} blocks`, {
        code: "POOL_FULL",
        message: `pool ${pool} has no free block left, and its volume group is not extended by this tool`,
        hint: `vgs; lvextend --extents +100%FREE ${lvmName(pool)} where the group has room, else add a disk: vgextend VG /dev/DISK`,
      }),
    );
  if (status.mode === "out_of_data_space" && files !== null)
    found.push({
      is: "out-of-data-space",
      summary: `pool ${pool} is full: ${status.data.used} of ${status.data.total} blocks, writes wait or fail`,
      breaks: true,
      reason: null,
    });
  if (status.metadata.total > 0 && status.metadata.used / status.metadata.total >= metadataNearlyFull)
    found.push({
      is: "metadata-full",
      summary: `the metadata of pool ${pool} is nearly full: ${status.metadata.used} of ${status.metadata.total} blocks`,
      breaks: false,
      reason: {
        code: "METADATA_NEARLY_FULL",
        message: `the metadata of pool ${pool} has ${status.metadata.total - status.metadata.used} of ${status.metadata.total} blocks left; full, the pool turns read-only and needs a check`,
        hint: files
          ? `delete MicroVMs that are not wanted any more; or, with flintlockd and containerd stopped: ${growMetadata(pool, files)}`
          : `lvextend --poolmetadatasize +1G ${lvmName(pool)}`,
      },
    });
  return found;
}

export function foreignTable(pool: string, device: PoolDevice): PoolFault {
  return {
    is: "table-differs",
    summary: `device ${pool} is no thin-pool but ${device.target === "" ? "without a live table" : device.target}`,
    breaks: true,
    reason: {
      code: "NOT_A_THIN_POOL",
      message: `device ${pool} has the table "${device.tableText ?? ""}", which is no thin pool`,
      hint:
        device.target === "linear" && device.info.uuid.startsWith("LVM-")
          ? `LVM keeps thin volumes of its own in that pool, which puts a layer over it that containerd cannot use: lvs --all; give containerd a pool of its own`
          : `see what made it: dmsetup table ${pool}; dmsetup deps -o devname ${pool}`,
    },
  };
}

const lvmName = (pool: string): string => pool.replaceAll("--", "\u0000").replace("-", "/").replaceAll("\u0000", "-");

/** The exact manual way: everything off the pool, the metadata checked, and repaired into a new file. */
function byHand(pool: string, files: PoolFiles | null): string {
  const stop = "stop what uses it (systemctl stop flintlockd and containerd, end the MicroVMs)";
  if (!files)
    return `${stop}, then: lvchange --activate n ${lvmName(pool)} && lvconvert --repair ${lvmName(pool)} && lvchange --activate y ${lvmName(pool)} (lvmthin(7); it runs thin_check and thin_repair into a new volume)`;
  const { metadata } = files;
  return `${stop}, then: dmsetup remove ${pool}-snap-… and ${pool}; thin_check ${metadata.path}; if it is sound: thin_check --clear-needs-check-flag ${metadata.path}; if not, ${repairHint(files)}; last: fix --apply`;
}

function growMetadata(pool: string, { metadata }: PoolFiles): string {
  const loop = metadata.loops[0] ?? "LOOP";
  return `truncate --size=+1G ${metadata.path} && losetup --set-capacity ${loop} && dmsetup suspend ${pool} && dmsetup resume ${pool} (16 GiB is the most it can use)`;
}

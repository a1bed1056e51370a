/**
 * How a production host's pool can be had back from LVM, or why it must not be touched (flintlock: hack/scripts/provision.sh,
 * do_all_direct_lvm; lvm.conf(5), lvmsystemid(7), lvmlockd(8)). Pure.
 */

import type { Reason } from "./devpool.ts";
import { deviceNameOf, namesOf, unfinishedTag, type Row } from "./lvm.ts";
import { switchedOff, untouchable, type Volume } from "./volume-group.ts";
import type { Lvm } from "../survey/lvm.ts";

export interface LvmLook {
  pool: string;
  /** `PATH:LINE` of pool_name. */
  poolWhere: string;
  containerdUnit: string;
  lvm: Lvm;
  /** Snapshots that containerd remembers; null where that could not be told. */
  remembered: number | null;
}

/** What a volume group that this tool began to make already has. */
export type Stage = "nothing" | "group" | "data" | "metadata";

export type LvmChoice = { is: "activate"; volume: Volume } | { is: "provision"; volume: Volume; from: Stage } | { is: "refused"; reason: Reason };

const refused = (code: string, message: string, hint: string): LvmChoice => ({ is: "refused", reason: { code, message, hint } });

export function chooseLvm(look: LvmLook): LvmChoice {
  const { pool, poolWhere, lvm } = look;
  const mismatch = misnamed(look);
  if (mismatch) return mismatch;
  const names = namesOf(pool);
  if (!names)
    return refused(
      "POOL_NAME_NOT_LVM",
      `pool_name ${pool} (${poolWhere}) is no name that LVM gives a device: a volume group, a hyphen, a logical volume, each hyphen within them doubled`,
      `see which pools there are: lvs --options vg_name,lv_name,lv_dm_path,segtype; then set pool_name in ${poolWhere} and: systemctl restart ${look.containerdUnit}`,
    );
  const volume = { pool, ...names };
  const groups = lvm.volumeGroups.filter((row) => row["vg_name"] === names.volumeGroup);
  const [group] = groups;
  if (!group) return fromNothing(look, volume);
  if (groups.length > 1)
    return refused(
      "VOLUME_GROUP_TWICE",
      `there are ${groups.length} volume groups named ${names.volumeGroup} (a copied disk?)`,
      `rename the one that is not the pool's: vgs --options vg_name,vg_uuid,pv_name; vgrename UUID NEWNAME`,
    );
  const reason = untouchable(lvm, volume, group);
  return reason ? { is: "refused", reason } : withGroup(look, volume, group);
}

/** provision.sh advises NAME-thinpool, which is not what device-mapper calls a volume group with a hyphen. */
function misnamed({ pool, poolWhere, lvm, containerdUnit }: LvmLook): LvmChoice | null {
  const right = lvm.logicalVolumes
    .filter((row) => row["segtype"] === "thin-pool")
    .find((row) => `${row["vg_name"] ?? ""}-${plain(row)}` === pool && deviceNameOf(row["vg_name"] ?? "", plain(row)) !== pool);
  if (!right) return null;
  const group = right["vg_name"] ?? "";
  const name = deviceNameOf(group, plain(right));
  return refused(
    "POOL_NAME_MISMATCH",
    `pool_name in ${poolWhere} is ${pool}, but the device of thin pool ${group}/${plain(right)} is ${name}: device-mapper doubles each hyphen of an LVM name (provision.sh advises the wrong one)`,
    `set pool_name = "${name}" in ${poolWhere}, then: systemctl restart ${containerdUnit}`,
  );
}

/** Internal volumes are listed in brackets. */
const plain = (row: Row): string => (row["lv_name"] ?? "").replaceAll(/[[\]]/g, "");

function fromNothing({ remembered, poolWhere }: LvmLook, volume: Volume): LvmChoice {
  if (remembered !== 0)
    return refused(
      "VOLUME_GROUP_GONE",
      `no disk of this host holds volume group ${volume.volumeGroup}, ${remembered === null ? "and it cannot be told whether containerd remembers snapshots of it" : `and containerd remembers ${remembered} snapshot${remembered === 1 ? "" : "s"} of its pool`}: its disk is missing, and a new pool would be an empty one`,
      `attach the disk again (lsblk, dmesg, pvs), or set the right pool_name in ${poolWhere}, then fix --dry-run`,
    );
  return { is: "provision", volume, from: "nothing" };
}

function withGroup(look: LvmLook, volume: Volume, group: Row): LvmChoice {
  const { volumeGroup, logicalVolume } = volume;
  const volumes = look.lvm.logicalVolumes.filter((row) => row["vg_name"] === volumeGroup);
  const pool = volumes.find((row) => plain(row) === logicalVolume);
  if (pool?.["segtype"] === "thin-pool") {
    const reason = switchedOff(look.lvm, volume, group, pool);
    return reason ? { is: "refused", reason } : { is: "activate", volume };
  }
  const other = thinPools(volumes)[0];
  if (other !== undefined)
    return refused(
      "POOL_NAME_WRONG",
      `volume group ${volumeGroup} has no thin pool ${logicalVolume}, which pool_name ${look.pool} (${look.poolWhere}) means, but a thin pool whose device is ${other}`,
      `if that is the pool: set pool_name = "${other}" in ${look.poolWhere}, then: systemctl restart ${look.containerdUnit}`,
    );
  const stage = stageOf(volume, volumes);
  const ours = (group["vg_tags"] ?? "").split(",").includes(unfinishedTag);
  if (ours && stage) return { is: "provision", volume, from: stage };
  const what = volumes.length === 0 ? "no logical volume at all" : volumes.map((row) => `${plain(row)} (${row["segtype"] ?? ""})`).join(", ");
  return refused(
    "HALF_MADE_VOLUME_GROUP",
    `volume group ${volumeGroup} is there, but without a thin pool ${logicalVolume}: it has ${what}. This tool did not make it, and does not guess what it is for`,
    stage
      ? `to finish it by hand as provision.sh would: ${byHand(volume, stage).join(" && ")}`
      : `see what is on it: lvs --all ${volumeGroup}. If nothing of it is wanted any more: vgremove ${volumeGroup}, then fix --dry-run`,
  );
}

/** Device-mapper names of the thin pools among these volumes. */
export function thinPools(volumes: readonly Row[]): string[] {
  return volumes.filter((row) => row["segtype"] === "thin-pool").map((row) => deviceNameOf(row["vg_name"] ?? "", plain(row)));
}

/** Null where there is anything that provision.sh would not have made on the way. */
function stageOf({ logicalVolume }: Volume, volumes: readonly Row[]): Stage | null {
  const names = volumes.filter((row) => row["segtype"] === "linear").map(plain);
  if (names.length !== volumes.length) return null;
  if (names.length === 0) return "group";
  if (names.length === 1 && names[0] === logicalVolume) return "data";
  return names.length === 2 && names.includes(logicalVolume) && names.includes(`${logicalVolume}meta`) ? "metadata" : null;
}

/** provision.sh, create_logical_volume: 95 % for data, 1 % for metadata, blocks of 512 KiB, not zeroed. */
export function volumeCommands({ volumeGroup, logicalVolume }: Volume, from: Stage): string[][] {
  const pool = `${volumeGroup}/${logicalVolume}`;
  const commands = [
    ["lvcreate", "--wipesignatures", "y", "--name", logicalVolume, "--extents", "95%VG", volumeGroup],
    ["lvcreate", "--wipesignatures", "y", "--name", `${logicalVolume}meta`, "--extents", "1%VG", volumeGroup],
    ["lvconvert", "--yes", "--zero", "n", "--chunksize", "512K", "--thinpool", pool, "--poolmetadata", `${pool}meta`],
  ];
  return commands.slice({ nothing: 0, group: 0, data: 1, metadata: 2 }[from]);
}

const byHand = (volume: Volume, stage: Stage): string[] => volumeCommands(volume, stage).map((argv) => argv.join(" "));

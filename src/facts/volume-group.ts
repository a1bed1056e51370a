/** What speaks against touching a volume group, or activating its pool (lvm.conf(5), lvmsystemid(7), lvmlockd(8), vgexport(8)). Pure. */

import type { Reason } from "./devpool.ts";
import { listed, type Row } from "./lvm.ts";
import type { Lvm } from "../survey/lvm.ts";

export interface Volume {
  pool: string;
  volumeGroup: string;
  logicalVolume: string;
}

const because = (code: string, message: string, hint: string): Reason => ({ code, message, hint });

/** Against any change of the group, whatever is in it. */
export function untouchable(lvm: Lvm, { volumeGroup }: Volume, group: Row): Reason | null {
  const systemId = group["vg_systemid"] ?? "";
  if (systemId !== "" && systemId !== lvm.systemId)
    return because(
      "FOREIGN_SYSTEM_ID",
      `volume group ${volumeGroup} belongs to the system ${systemId}, and this one is ${lvm.systemId === "" ? "without a system ID" : lvm.systemId}: another host may be using it`,
      `if it was moved here for good: ${adopt(systemId, lvm.systemId, volumeGroup)} (lvmsystemid(7))`,
    );
  const lock = group["vg_lock_type"] ?? "";
  if (lock !== "" && lock !== "none")
    return because(
      "SHARED_LOCK_TYPE",
      `volume group ${volumeGroup} is shared between hosts (lock type ${lock})`,
      `start its lock manager and activate it there: vgchange --lockstart ${volumeGroup} (lvmlockd(8))`,
    );
  if ((group["vg_exported"] ?? "") !== "")
    return because(
      "VOLUME_GROUP_EXPORTED",
      `volume group ${volumeGroup} is exported: somebody prepared it to be moved to another host`,
      `if it is to stay here: vgimport ${volumeGroup}`,
    );
  const physical = lvm.physicalVolumes.filter((row) => row["vg_name"] === volumeGroup);
  const missing = Math.max(Number(group["vg_missing_pv_count"] ?? 0), physical.filter((row) => (row["pv_missing"] ?? "") !== "").length);
  if (missing > 0 || (group["vg_partial"] ?? "") !== "")
    return because(
      "MISSING_PHYSICAL_VOLUME",
      `volume group ${volumeGroup} is not complete: ${missing} of its physical volumes ${missing === 1 ? "is" : "are"} missing`,
      `attach the missing disk: pvs --options pv_name,pv_uuid,pv_missing,vg_name; lsblk`,
    );
  const twice = physical.filter((row) => (row["pv_duplicate"] ?? "") !== "");
  // LVM lists a PV once, under the device that it prefers, and tells of the others only here (lib/cache/lvmcache.c).
  const warned = lvm.warnings.find((line) => /duplicate PV|found same device|was already found on|Not using device \S+ for PV|\bprefers device\b/i.test(line));
  if (twice.length > 0 || warned !== undefined)
    return because(
      "DUPLICATE_PHYSICAL_VOLUME",
      `a physical volume is seen on more than one device (${twice.map((row) => row["pv_name"] ?? "").join(", ") || (warned ?? "").slice(0, 200)}): a copy, or a path of a multipath disk`,
      `find out which is the copy (pvs --all --options pv_name,pv_uuid,pv_duplicate; multipath -ll) and detach it or filter it (lvm.conf, devices/filter)`,
    );
  return null;
}

/** lvmsystemid(7), "Overriding system ID": a host with an ID lists the other as its own too; one without takes the other's for the one command. */
function adopt(foreign: string, local: string, volumeGroup: string): string {
  // LVM allows no other characters in it.
  const id = foreign.replaceAll(/[^A-Za-z0-9+_.-]/g, "?");
  return local === ""
    ? `vgchange --yes --config 'global{system_id_source="lvmlocal"}local{system_id="${id}"}' --systemid '' ${volumeGroup}`
    : `vgchange --yes --config 'local/extra_system_ids=["${id}"]' --systemid ${local} ${volumeGroup}`;
}

/** Against activating the pool. */
export function switchedOff(lvm: Lvm, { volumeGroup, logicalVolume }: Volume, group: Row, volume: Row): Reason | null {
  const name = `${volumeGroup}/${logicalVolume}`;
  const lists = [
    ["activation/volume_list", lvm.activation.volumeList],
    ["activation/auto_activation_volume_list", lvm.activation.autoActivationVolumeList],
  ] as const;
  for (const [setting, list] of lists) {
    const answer = list === null ? "yes" : listed(list, volumeGroup, logicalVolume);
    if (answer === "yes") continue;
    return because(
      "ACTIVATION_SWITCHED_OFF",
      `LVM's setting ${setting} ${answer === "no" ? `does not name ${name}` : `names tags, and whether one of them is ${name}'s cannot be told`}: it is inactive on purpose`,
      `see lvmconfig ${setting}; if it is to be active here, add "${volumeGroup}" to it in /etc/lvm/lvm.conf`,
    );
  }
  if (group["vg_autoactivation"] === "" || volume["lv_autoactivation"] === "")
    return because(
      "ACTIVATION_SWITCHED_OFF",
      `autoactivation of ${name} was switched off (--setautoactivation n): it is inactive on purpose`,
      `if it is to be active here: vgchange --setautoactivation y ${volumeGroup} && lvchange --setautoactivation y ${name}, then fix --dry-run`,
    );
  if ((volume["lv_skip_activation"] ?? "") !== "")
    return because(
      "ACTIVATION_SWITCHED_OFF",
      `${name} carries LVM's flag to be skipped when volumes are activated`,
      `if it is to be active here: lvchange --setactivationskip n ${name}, then fix --dry-run`,
    );
  if ((volume["lv_health_status"] ?? "") !== "")
    return because(
      "POOL_NEEDS_REPAIR",
      `LVM says that ${name} is not sound: ${volume["lv_health_status"] ?? ""}`,
      `lvs --all --options +lv_health_status,lv_check_needed ${volumeGroup}; lvconvert --repair ${name} (lvmthin(7))`,
    );
  return null;
}

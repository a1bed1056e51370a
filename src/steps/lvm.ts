/** Steps on a pool that lies on LVM. */

import { unifiedDiff } from "../facts/diff.ts";
import { volumeCommands, type Stage } from "../facts/direct-lvm.ts";
import type { Volume } from "../facts/volume-group.ts";
import { gib } from "../facts/disk.ts";
import { autoextendProfile, profileName, profilePath, unfinishedTag } from "../facts/lvm.ts";
import type { FindingId } from "../report.ts";
import type { Disk } from "../survey/disks.ts";
import type { Action, Step } from "./action.ts";

const lvmMs = 300_000;
const run = (...argv: string[]): Action => ({ do: "run", argv, timeoutMs: lvmMs });

function settled(pool: string): Action[] {
  return [
    { do: "await", that: { is: "pool-active", pool }, withinMs: 15_000 },
    { do: "await", that: { is: "device-node", path: `/dev/mapper/${pool}` }, withinMs: 15_000 },
  ];
}

/** The pool alone: other volumes of the group are nobody's business here. */
export function activateDirectLvm({ pool, volumeGroup, logicalVolume }: Volume, because: FindingId[]): Step {
  return {
    key: "activate-direct-lvm",
    id: "activate-direct-lvm",
    title: `activate thin pool ${volumeGroup}/${logicalVolume}`,
    because,
    risk: "safe",
    impact: "no data is touched, no running MicroVM is touched",
    actions: [run("lvchange", "--activate", "y", `${volumeGroup}/${logicalVolume}`), ...settled(pool)],
    done: { is: "pool-active", pool },
    provides: ["pool"],
    after: ["flintlockd-stopped"],
    needs: [],
  };
}

export interface Provision {
  volume: Volume;
  from: Stage;
  /** Where the group is not there yet. */
  disk: Disk | null;
  /** False where its profile is there already: it is then left as it is. */
  writeProfile: boolean;
  script: { argv: string[]; sha256: string } | null;
}

export function provisionDirectLvm(provision: Provision, because: FindingId[]): Step {
  const { volume, disk } = provision;
  const { pool, volumeGroup } = volume;
  return {
    key: "provision-direct-lvm",
    id: "provision-direct-lvm",
    title: disk ? `make volume group ${volumeGroup} with a thin pool on ${disk.path}` : `finish the thin pool of volume group ${volumeGroup}`,
    because,
    risk: disk ? "destructive" : "safe",
    impact: disk
      ? `everything on ${describe(disk)} is lost; it is empty as far as can be seen`
      : `nothing is on volume group ${volumeGroup} yet: a run of this tool that was cut off had begun it`,
    actions: [...(disk ? guarded(disk) : []), ...profile(provision), ...making(provision), ...finishing(volume, provision.script === null), ...settled(pool)],
    done: { is: "pool-active", pool },
    provides: ["pool"],
    after: ["flintlockd-stopped"],
    needs: [],
    inhibitShutdown: true,
  };
}

/** What this tool began and a cut-off run did not come to: profile, monitoring, and the mark of it. */
export function finishDirectLvm(volume: Volume, writeProfile: boolean, because: FindingId[]): Step {
  return {
    key: "provision-direct-lvm",
    id: "provision-direct-lvm",
    title: `finish volume group ${volume.volumeGroup}: its autoextend profile, applied and monitored`,
    because,
    risk: "safe",
    impact: "no data is touched, no running MicroVM is touched",
    actions: [...profile({ volume, writeProfile }), ...finishing(volume, true)],
    provides: ["pool-upkeep"],
    after: [],
    needs: [],
  };
}

export function describe({ path, name, model, serial, bytes }: Disk): string {
  const known = [`/dev/${name}` === path ? "" : `/dev/${name}`, model, serial === "" ? "" : `serial ${serial}`, gib(bytes)].filter((word) => word !== "");
  return `${path} (${known.join(", ")})`;
}

function guarded({ path, diskseq, bytes, serial }: Disk): Action[] {
  return [{ do: "require", that: { is: "disk-blank", path, diskseq, bytes, serial }, because: "the disk is not what the plan meant" }];
}

function profile({ volume, writeProfile }: Pick<Provision, "volume" | "writeProfile">): Action[] {
  const path = profilePath(volume.volumeGroup);
  if (!writeProfile) return [];
  return [{ do: "write-file", path, text: autoextendProfile, mode: 0o644, before: null, diff: unifiedDiff(path, "", autoextendProfile) }];
}

function making({ volume, from, disk, script }: Provision): Action[] {
  const { volumeGroup } = volume;
  if (script && disk) {
    const path = script.argv.at(-1) ?? "";
    return [
      { do: "require", that: { is: "file-sha256", path, sha256: script.sha256 }, because: `${path} changed since the plan was made` },
      // It keeps only the last part of the path (do_all_direct_lvm), so the kernel's own name it has to be.
      run(...script.argv, "direct_lvm", "-y", "-s", "-d", `/dev/${disk.name}`, "-t", volumeGroup),
    ];
  }
  return [
    // vgcreate makes the physical volume too. It asks, and without an answer fails, where it finds anything on the disk.
    ...(from === "nothing" && disk ? [run("vgcreate", "--addtag", unfinishedTag, volumeGroup, disk.path)] : []),
    ...volumeCommands(volume, from).map((argv) => run(...argv)),
  ];
}

function finishing({ volumeGroup, logicalVolume }: Volume, tagged: boolean): Action[] {
  const pool = `${volumeGroup}/${logicalVolume}`;
  return [
    run("lvchange", "--metadataprofile", profileName(volumeGroup), pool),
    run("lvchange", "--monitor", "y", pool),
    ...(tagged ? [run("vgchange", "--deltag", unfinishedTag, volumeGroup)] : []),
  ];
}

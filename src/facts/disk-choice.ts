/** Which disk a volume group is made on: only ever the one that was named, and only where it is empty. Pure. */

import { gib } from "./disk.ts";
import type { Reason } from "./devpool.ts";
import type { Disk } from "../survey/disks.ts";

export interface Consent {
  disk: string | null;
  allowDestructive: boolean;
}

export function chooseDisk(disks: readonly Disk[], { disk: wanted, allowDestructive }: Consent, volumeGroup: string): { disk: Disk } | { reason: Reason } {
  const free = disks.filter(({ taken }) => taken.length === 0);
  const list = disks.length === 0 ? "this host has no disk that could be used" : `disks: ${disks.map(describeCandidate).join("; ")}`;
  const example = `fix --apply --allow destructive --disk ${free[0]?.path ?? "PATH"}`;
  const none = free.length === 0 ? "attach an empty disk, then fix --dry-run shows it here" : example;
  if (wanted === null) return refuse("DISK_NEEDED", `there is no volume group ${volumeGroup}, and a disk to make it on has to be named; ${list}`, none);
  const path = wanted.startsWith("/") ? wanted : `/dev/${wanted}`;
  const disk = disks.find(({ aliases }) => aliases.includes(path));
  if (!disk) return refuse("NO_SUCH_DISK", `--disk ${wanted} is no disk of this host; ${list}`, none);
  if (disk.taken.length > 0)
    return refuse(
      "DISK_NOT_EMPTY",
      `--disk ${wanted}: ${disk.taken.join("; ")}. A disk with anything on it is refused, also with consent`,
      `choose another one, or empty it by hand where you are sure (wipefs, blkdiscard); ${list}`,
    );
  if (disk.path === `/dev/${disk.name}` && disk.diskseq === "")
    return refuse(
      "DISK_NOT_HELD",
      `${disk.path} has no link in /dev/disk/by-id and this kernel gives it no diskseq: it could be another disk by the time it is written to`,
      "see udevadm info --query=property --name " + disk.path,
    );
  if (!allowDestructive)
    return refuse(
      "DESTRUCTIVE_WITHOUT_CONSENT",
      `making volume group ${volumeGroup} takes all of ${describeCandidate(disk)}`,
      `if that is what you want: fix --apply --allow destructive --disk ${disk.path}`,
    );
  return { disk };
}

/** One line: path, size, model, serial, and whether it is free. */
export function describeCandidate({ path, name, bytes, model, serial, taken }: Disk): string {
  const node = `/dev/${name}`;
  const words = [node === path ? "" : node, gib(bytes), model === "" ? "model unknown" : model, serial === "" ? "no serial" : `serial ${serial}`].filter(
    (word) => word !== "",
  );
  return `${path} (${words.join(", ")}): ${taken.length === 0 ? "free" : `not free, ${taken.join(", ")}`}`;
}

const refuse = (code: string, message: string, hint: string): { reason: Reason } => ({ reason: { code, message, hint } });

/** Disks that a volume group could be made on, and why each is or is not free (lsblk(8), wipefs(8), proc_swaps(5)). */

export interface BlockDevice {
  /** Kernel name: sdb */
  name: string;
  /** The device that it is part of or lies on; empty for a whole disk. */
  parent: string;
  /** disk, part, lvm, raid1, crypt, mpath, loop, rom, … */
  type: string;
  /** Bytes. */
  size: number;
  readOnly: boolean;
  model: string;
  serial: string;
  fileSystem: string;
  partitionTable: string;
  mountPoint: string;
}

/** Asked for with these columns: each of them is in every lsblk since util-linux 2.33. */
export const blockColumns = "KNAME,PKNAME,TYPE,SIZE,RO,MODEL,SERIAL,FSTYPE,PTTYPE,MOUNTPOINT";

/** Null where the text is no such list. */
export function parseBlockDevices(text: string): BlockDevice[] | null {
  const list = field(parsed(text), "blockdevices");
  if (!Array.isArray(list)) return null;
  return list.flatMap(flat);
}

/** Depending on its columns lsblk nests what lies on a device, or repeats it for each. */
function flat(item: unknown): BlockDevice[] {
  const name = word(field(item, "kname"));
  if (!/^[A-Za-z0-9!._-]+$/.test(name)) return [];
  const children = field(item, "children");
  return [
    {
      name,
      parent: word(field(item, "pkname")),
      type: word(field(item, "type")),
      size: Number(word(field(item, "size"))) || 0,
      readOnly: ["true", "1"].includes(word(field(item, "ro"))),
      model: word(field(item, "model")).trim(),
      serial: word(field(item, "serial")).trim(),
      fileSystem: word(field(item, "fstype")),
      partitionTable: word(field(item, "pttype")),
      mountPoint: word(field(item, "mountpoint")),
    },
    ...(Array.isArray(children) ? children.flatMap(flat) : []),
  ];
}

/** Types of the signatures that `wipefs --no-act --json` finds; null where the text is no such list. No output: none. */
export function parseSignatures(text: string): string[] | null {
  if (text.trim() === "") return [];
  const list = field(parsed(text), "signatures");
  return Array.isArray(list) ? list.map((item) => word(field(item, "type"))) : null;
}

/** Kernel names of the devices that are swapped to. */
export function swapDevices(swaps: string): string[] {
  return swaps.split("\n").flatMap((line) => /^\/dev\/(\S+)/.exec(line)?.[1] ?? []);
}

/** A disk that is worth naming: whole, and not made of memory or a drive for media. */
export function isDisk({ name, type, parent, size }: BlockDevice): boolean {
  return type === "disk" && parent === "" && size > 0 && !/^(?:zram|ram|fd|sr|loop|nbd|mtdblock)\d/.test(name);
}

/** Smaller than this no MicroVM's first volume fits (provision.sh: base_image_size is 1 GiB or more). */
export const leastBytes = 1024 ** 3;

const meanings: Record<string, string> = {
  LVM2_member: "it is an LVM physical volume",
  linux_raid_member: "it is a member of a software RAID",
  zfs_member: "it is a member of a ZFS pool",
  swap: "it is swap space",
  crypto_LUKS: "it is encrypted (LUKS)",
  gpt: "it has a partition table (gpt)",
  dos: "it has a partition table (dos)",
  ceph_bluestore: "it belongs to Ceph",
};

/** Why a disk is not free, as far as names and labels tell; empty: nothing speaks against it. */
export function obstacles(
  disk: BlockDevice,
  all: readonly BlockDevice[],
  signatures: readonly string[],
  holders: readonly string[],
  swaps: readonly string[],
): string[] {
  const parts = all.filter(({ parent, type }) => parent === disk.name && type === "part");
  const inUse = [disk, ...parts].filter(({ mountPoint }) => mountPoint !== "");
  const found = [
    ...(disk.readOnly ? ["it is read-only"] : []),
    ...(disk.size < leastBytes ? [`it is too small (${gib(disk.size)})`] : []),
    ...inUse.map(({ name, mountPoint }) => (mountPoint === "[SWAP]" ? `${name} is swapped to` : `${name} is mounted at ${mountPoint}`)),
    ...[disk, ...parts].filter(({ name, mountPoint }) => mountPoint !== "[SWAP]" && swaps.includes(name)).map(({ name }) => `${name} is swapped to`),
    ...(parts.length > 0 ? [`it has partitions (${parts.map(({ name }) => name).join(", ")})`] : []),
    ...(holders.length > 0 ? [`it is held by ${holders.join(", ")}`] : []),
    ...[disk.partitionTable, disk.fileSystem, ...signatures].filter((type) => type !== "").map((type) => meanings[type] ?? `it holds ${type}`),
  ];
  return [...new Set(found)];
}

/** "1.4 GiB"; below 1 GiB in MiB. */
export function gib(bytes: number): string {
  if (bytes > 0 && bytes < 1024 ** 2) return `${Math.ceil(bytes / 1024)} KiB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(0)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const word = (value: unknown): string => (typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "");

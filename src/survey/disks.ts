/** The host's disks, each with its lasting name, what it is known by, and why it is or is not free. Only read. */

import { blockColumns, isDisk, obstacles, parseBlockDevices, parseSignatures, swapDevices, type BlockDevice } from "../facts/disk.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface Disk {
  /** Kernel name: sdb */
  name: string;
  /** /dev/disk/by-id/…, which means the same disk after a reboot; /dev/NAME where there is none. */
  path: string;
  /** Every path that means it. */
  aliases: string[];
  bytes: number;
  model: string;
  serial: string;
  /** Of the kernel, new for each disk that is attached (sysfs-block, diskseq); empty before Linux 5.15. */
  diskseq: string;
  /** Why it is not free; empty: it is. */
  taken: string[];
}

export async function disks(survey: Survey): Promise<Answer<Disk[]>> {
  return disksOf(survey.host);
}

/** `only`: kernel name of the one disk that is wanted. */
export async function disksOf(host: Inspector, only?: string): Promise<Answer<Disk[]>> {
  const [listed, swaps, names] = await Promise.all([
    host.ask({ ask: "command", argv: ["lsblk", "--json", "--bytes", "--output", blockColumns] }),
    host.ask({ ask: "file", path: "/proc/swaps" }),
    byId(host),
  ]);
  if (listed.kind !== "known") return unknown(listed.why);
  const all = listed.value.status === 0 ? parseBlockDevices(listed.value.stdout) : null;
  if (!all) return unknown(`lsblk did not answer: ${listed.value.stderr.trim().split("\n")[0] ?? ""}`);
  if (swaps.kind !== "known") return unknown(swaps.why);
  if (names.kind !== "known") return unknown(names.why);
  const chosen = all.filter((device) => isDisk(device) && (only === undefined || device.name === only));
  const swapped = swapDevices(swaps.value.text);
  return known(await Promise.all(chosen.map((device) => diskOf(host, device, all, swapped, names.value))), listed.at);
}

async function diskOf(
  host: Inspector,
  device: BlockDevice,
  all: readonly BlockDevice[],
  swaps: readonly string[],
  names: ReadonlyMap<string, string[]>,
): Promise<Disk> {
  const { name, size, model, serial } = device;
  const node = `/dev/${name.replaceAll("!", "/")}`;
  const [holders, diskseq, signatures] = await Promise.all([
    host.ask({ ask: "directory", path: `/sys/block/${name}/holders` }),
    host.ask({ ask: "file", path: `/sys/block/${name}/diskseq` }),
    host.ask({ ask: "command", argv: ["wipefs", "--no-act", "--json", node] }),
  ]);
  const found = signatures.kind === "known" && signatures.value.status === 0 ? parseSignatures(signatures.value.stdout) : null;
  const taken = [
    ...obstacles(device, all, found ?? [], valueOf(holders) ?? [], swaps),
    ...(found === null ? ["its signatures could not be read"] : []),
    ...(holders.kind === "unknown" ? [holders.why] : []),
  ];
  // What names and labels do not tell, the bytes do; a disk that is in use is not opened for it.
  const blank = taken.length === 0 ? await host.ask({ ask: "blank", path: node }) : null;
  if (blank?.kind === "known") {
    if (!blank.value.firstMiBZero) taken.push("its first MiB is not zero");
    if (!blank.value.lastMiBZero) taken.push("its last MiB is not zero");
  } else if (blank) taken.push(blank.why.includes("EBUSY") ? "something has it open for itself" : blank.why);
  const aliases = [...(names.get(name) ?? []), node];
  return { name, path: aliases[0] ?? node, aliases, bytes: size, model, serial, diskseq: valueOf(diskseq)?.text.trim() ?? "", taken };
}

/** Kernel name → links in /dev/disk/by-id, the most telling first: a WWN says nothing to a person. */
async function byId(host: Inspector): Promise<Answer<Map<string, string[]>>> {
  const folder = "/dev/disk/by-id";
  const entries = await host.ask({ ask: "directory", path: folder });
  if (entries.kind === "unknown") return entries;
  const links = (valueOf(entries) ?? []).filter((entry) => !/^(?:lvm-|dm-|md-)|-part\d+$/.test(entry));
  const targets = await Promise.all(links.map((entry) => host.ask({ ask: "link", path: `${folder}/${entry}` })));
  const found = new Map<string, string[]>();
  const order = links.map((entry, index) => ({ entry, index })).sort((one, other) => rank(one.entry) - rank(other.entry) || one.index - other.index);
  for (const { entry, index } of order) {
    const name = valueOf(targets[index] ?? unknown(""))
      ?.split("/")
      .at(-1);
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), `${folder}/${entry}`]);
  }
  return known(found);
}

const rank = (entry: string): number => (/^(?:wwn|nvme-eui|nvme-nvme|scsi-3|scsi-SATA)/.test(entry) ? 1 : 0);

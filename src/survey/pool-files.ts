/** The files behind a dev host's pool, what they are attached to, and the file system that holds them. */

import { isWhole, loopColumns, loopInSysfs, loopsOf, parseLoops, type LoopDevice } from "../facts/loop.ts";
import { fstabPoints, isBelow, mountPoints, mountUnits } from "../facts/mounts.ts";
import { parseSuperblock, superblockBytes, type Superblock } from "../facts/thin-superblock.ts";
import { known, mapAnswer, unknown, valueOf, type Answer, type Inspector, type Space } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface PoolFile {
  path: string;
  /** Where a symlink leads; else `path`. */
  real: string;
  is: "absent" | "file" | "odd";
  /** Why it is odd: a folder, a dangling link, … */
  why: string;
  /** Bytes. */
  size: number;
  allocated: number;
  device: string;
  inode: number;
  /** Loop devices over the whole of it, lowest number first. */
  loops: string[];
  /** Loop devices over a part of it, or read-only. */
  oddLoops: LoopDevice[];
  /** Names of the device-mapper devices that lie on these loop devices. */
  users: string[];
}

export interface PoolFiles {
  folder: string;
  folderExists: boolean;
  data: PoolFile;
  metadata: PoolFile;
  /** Of this tool: made under these names and renamed, data first, so that what is between is told apart. */
  newData: PoolFile;
  newMetadata: PoolFile;
  /** Of the nearest folder that exists. */
  space: Space;
  /** Every loop device of this host and the file behind it. */
  loops: LoopDevice[];
  /** Loop devices whose file is gone from its name: its data is on disk only until the loop is detached. */
  deleted: LoopDevice[];
}

export const newSuffix = ".fix-new";

export async function poolFiles(survey: Survey): Promise<Answer<PoolFiles>> {
  const config = await survey.containerd();
  if (config.kind !== "known") return unknown(config.why);
  const folder = config.value.rootPath;
  if (folder === null) return unknown("containerd's configuration names no root_path");
  const { host } = survey;
  const [loops, status] = await Promise.all([loopDevices(survey), host.ask({ ask: "status", path: folder })]);
  if (loops.kind !== "known") return unknown(loops.why);
  if (status.kind === "unknown") return status;
  if (status.kind === "known" && status.value.type !== "directory" && status.value.type !== "link")
    return unknown(`${folder} is no folder but a ${status.value.type}`);
  const names = ["data", "metadata", `data${newSuffix}`, `metadata${newSuffix}`];
  const files = await Promise.all(names.map((name) => poolFile(host, `${folder}/${name}`, loops.value)));
  const [data, metadata, newData, newMetadata] = files.map((answer) => valueOf(answer));
  if (!data || !metadata || !newData || !newMetadata) return unknown(files.flatMap((answer) => (answer.kind === "known" ? [] : [answer.why]))[0] ?? "");
  const space = await spaceAt(host, folder);
  if (space.kind !== "known") return unknown(space.why);
  return known(
    {
      folder,
      folderExists: status.kind === "known",
      data,
      metadata,
      newData,
      newMetadata,
      space: space.value,
      loops: loops.value,
      deleted: loops.value.filter((loop) => loop.deleted && isBelow(loop.backFile, folder)),
    },
    space.at,
  );
}

async function poolFile(host: Inspector, path: string, loops: readonly LoopDevice[]): Promise<Answer<PoolFile>> {
  const nothing = { path, real: path, why: "", size: 0, allocated: 0, device: "", inode: 0, loops: [], oddLoops: [], users: [] };
  let real = path;
  for (let links = 0; links < 8; links += 1) {
    const status = await host.ask({ ask: "status", path: real });
    if (status.kind === "unknown") return status;
    if (status.kind === "absent")
      return known(real === path ? { ...nothing, is: "absent" } : { ...nothing, is: "odd", why: `a link to ${real}, which does not exist` });
    const { type, size, allocated, device, inode } = status.value;
    if (type === "link") {
      const target = await host.ask({ ask: "link", path: real });
      if (target.kind !== "known") return unknown(target.why);
      real = target.value.startsWith("/") ? target.value : `${real.slice(0, real.lastIndexOf("/"))}/${target.value}`;
      continue;
    }
    if (type !== "file") return known({ ...nothing, real, is: "odd", why: `a ${type}` });
    const attached = loopsOf(loops, { device, inode });
    const users = await usersOf(
      host,
      attached.map((loop) => loop.path.slice("/dev/".length)),
    );
    return known({
      path,
      real,
      is: "file",
      why: "",
      size,
      allocated,
      device,
      inode,
      loops: attached.filter(isWhole).map((loop) => loop.path),
      oddLoops: attached.filter((loop) => !isWhole(loop)),
      users,
    });
  }
  return known({ ...nothing, is: "odd", why: "a chain of links without an end" });
}

async function usersOf(host: Inspector, loops: readonly string[]): Promise<string[]> {
  const held = await Promise.all(loops.map((loop) => host.ask({ ask: "directory", path: `/sys/block/${loop}/holders` })));
  const holders = held.flatMap((answer) => valueOf(answer) ?? []);
  const names = await Promise.all(holders.map((holder) => host.ask({ ask: "file", path: `/sys/block/${holder}/dm/name` })));
  return [...new Set(names.map((name, index) => valueOf(name)?.text.trimEnd() ?? holders[index] ?? ""))];
}

/**
 * losetup is asked only where sysfs shows a loop device with a file: it is not what loads the module. It asks the kernel for the very file behind
 * each, whatever its path leads to now; at a glance the path is enough, as long as it leads to a file.
 */
async function loopDevices({ host, glance }: Survey): Promise<Answer<LoopDevice[]>> {
  const block = await host.ask({ ask: "directory", path: "/sys/block" });
  if (block.kind !== "known") return unknown(block.why);
  const loops = block.value.filter((name) => /^loop\d+$/.test(name));
  const backed = await Promise.all(loops.map((name) => host.ask({ ask: "status", path: `/sys/block/${name}/loop/backing_file` })));
  if (backed.every(({ kind }) => kind === "absent")) return known([], block.at);
  if (glance) {
    const seen = await Promise.all(loops.filter((_, index) => backed[index]?.kind !== "absent").map((name) => inSysfs(host, name)));
    if (seen.every((loop) => loop !== null)) return known(seen, block.at);
  }
  const listed = await host.ask({ ask: "command", argv: ["losetup", "--list", "--json", "--output", loopColumns] });
  if (listed.kind !== "known") return unknown(listed.why);
  const parsed = listed.value.status === 0 ? parseLoops(listed.value.stdout) : null;
  return parsed ? known(parsed, listed.at) : unknown(`losetup --list did not answer: ${listed.value.stderr.trim().split("\n")[0] ?? ""}`);
}

async function inSysfs(host: Inspector, name: string): Promise<LoopDevice | null> {
  const text = async (file: string): Promise<string> => valueOf(await host.ask({ ask: "file", path: `/sys/block/${name}/${file}` }))?.text ?? "";
  const [backingFile, offset, sizeLimit, readOnly] = await Promise.all([text("loop/backing_file"), text("loop/offset"), text("loop/sizelimit"), text("ro")]);
  const file = await host.ask({ ask: "status", path: backingFile.replace(/\n$/, "") });
  return loopInSysfs({ name, backingFile, offset, sizeLimit, readOnly, file: valueOf(file) ?? null });
}

async function spaceAt(host: Inspector, folder: string): Promise<Answer<Space>> {
  for (let path = folder; ; path = path.slice(0, path.lastIndexOf("/")) || "/") {
    const space = await host.ask({ ask: "space", path });
    if (space.kind !== "absent" || path === "/") return space;
  }
}

/** Null where there is no metadata file, or it is too short to have one. */
export async function superblockOf(host: Inspector, { metadata }: PoolFiles): Promise<Answer<Superblock | null>> {
  if (metadata.is !== "file") return known(null);
  return mapAnswer(await host.ask({ ask: "bytes", path: metadata.real, offset: 0, length: superblockBytes }), parseSuperblock);
}

export interface MissingMount {
  where: string;
  /** Who says that it should be mounted. */
  says: string;
}

/** fstab and systemd's mount units (made from fstab, or written by hand) say what should be mounted at or above the folder. */
export async function missingMount(host: Inspector, folder: string): Promise<Answer<MissingMount | null>> {
  const [mountinfo, fstab, units] = await Promise.all([
    host.ask({ ask: "file", path: "/proc/self/mountinfo" }),
    host.ask({ ask: "file", path: "/etc/fstab" }),
    host.ask({ ask: "command", argv: ["systemctl", "show", "--no-pager", "--property=Id,Where", "--", "*.mount"] }),
  ]);
  if (mountinfo.kind !== "known") return unknown(mountinfo.why);
  if (fstab.kind === "unknown") return fstab;
  const mounted = mountPoints(mountinfo.value.text);
  const wanted = [
    ...fstabPoints(valueOf(fstab)?.text ?? "").map(({ where, what, line }) => ({ where, says: `/etc/fstab:${line} (${what})` })),
    ...mountUnits(valueOf(units)?.stdout ?? "").map(({ where, id }) => ({ where, says: id })),
  ];
  return known(wanted.find(({ where }) => isBelow(folder, where) && !mounted.has(where)) ?? null);
}

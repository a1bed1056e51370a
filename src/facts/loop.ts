/** Loop devices and the files behind them, as `losetup --list --json` (losetup(8)) or sysfs (kernel: Documentation/ABI/testing/sysfs-block-loop) tell. */

export interface LoopDevice {
  /** /dev/loopN */
  path: string;
  backFile: string;
  /** The file behind it was removed, or another has its name now. */
  deleted: boolean;
  /** Of the file behind it; device as MAJOR:MINOR. */
  device: string;
  inode: number;
  offset: number;
  sizeLimit: number;
  readOnly: boolean;
}

/** Asked for with these columns. */
export const loopColumns = "NAME,SIZELIMIT,OFFSET,RO,BACK-FILE,BACK-INO,BACK-MAJ:MIN";

/** Null where the text is no such list. Without any loop device losetup prints nothing. */
export function parseLoops(text: string): LoopDevice[] | null {
  if (text.trim() === "") return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const list: unknown = isFields(value) ? value["loopdevices"] : undefined;
  return Array.isArray(list) ? list.flatMap(loopOf) : null;
}

/** Texts of /sys/block/loopN/{loop/backing_file,loop/offset,loop/sizelimit,ro}, and what the path of its file leads to. */
export interface LoopInSysfs {
  name: string;
  backingFile: string;
  offset: string;
  sizeLimit: string;
  readOnly: string;
  file: { device: string; inode: number } | null;
}

/** Null where its file is not known by that path, or a number is none. */
export function loopInSysfs({ name, backingFile, offset, sizeLimit, readOnly, file }: LoopInSysfs): LoopDevice | null {
  const path = backingFile.replace(/\n$/, "");
  const [from, limit] = [offset, sizeLimit].map((text) => (/^\d{1,15}\n?$/.test(text) ? Number(text) : null));
  if (file === null || typeof from !== "number" || typeof limit !== "number" || !/^[01]\n?$/.test(readOnly) || path.endsWith(deletedMark)) return null;
  return { path: `/dev/${name}`, backFile: path, deleted: false, ...file, offset: from, sizeLimit: limit, readOnly: readOnly.startsWith("1") };
}

/** The kernel adds this to the path of a file that is gone (d_path); a file may also really end so. */
const deletedMark = " (deleted)";

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

function loopOf(value: unknown): LoopDevice[] {
  if (!isFields(value)) return [];
  const path = word(value["name"]);
  if (!/^\/dev\/loop\d+$/.test(path)) return [];
  const backFile = word(value["back-file"]);
  return [
    {
      path,
      backFile: backFile.endsWith(deletedMark) ? backFile.slice(0, -deletedMark.length) : backFile,
      deleted: backFile.endsWith(deletedMark),
      device: word(value["back-maj:min"]).trim(),
      inode: Number(value["back-ino"]),
      offset: Number(value["offset"]),
      sizeLimit: Number(value["sizelimit"]),
      readOnly: value["ro"] === true || value["ro"] === 1 || value["ro"] === "1",
    },
  ];
}

/** losetup of util-linux before 2.33 prints numbers as strings. */
const word = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** Those that show the whole of this very file, lowest number first. */
export function loopsOf(loops: readonly LoopDevice[], file: { device: string; inode: number }): LoopDevice[] {
  return loops.filter((loop) => loop.device === file.device && loop.inode === file.inode).sort((one, other) => numberOf(one) - numberOf(other));
}

/** Why it does not show its whole file, to be read and written; empty where it does. */
export function oddness({ readOnly, offset, sizeLimit }: LoopDevice): string {
  const why = [
    ...(readOnly ? ["is read-only"] : []),
    ...(offset === 0 ? [] : [`begins at byte ${offset} of it (offset)`]),
    ...(sizeLimit === 0 ? [] : [`shows ${sizeLimit} bytes of it (sizelimit)`]),
  ];
  return why.join(" and ");
}

export const isWhole = (loop: LoopDevice): boolean => oddness(loop) === "";

const numberOf = ({ path }: LoopDevice): number => Number(path.slice("/dev/loop".length));

/** Loop devices and the files behind them, as `losetup --list --json` tells (losetup(8)). */

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
      // The kernel adds this to the path of a file that is gone (d_path); a file may also really end so.
      backFile: backFile.replace(/ \(deleted\)$/, ""),
      deleted: backFile.endsWith(" (deleted)"),
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

export const isWhole = (loop: LoopDevice): boolean => loop.offset === 0 && loop.sizeLimit === 0 && !loop.readOnly;

const numberOf = ({ path }: LoopDevice): number => Number(path.slice("/dev/loop".length));

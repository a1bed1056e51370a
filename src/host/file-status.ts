/** What stat(2) tells, as the house speaks of it. */

import type { Stats } from "node:fs";
import type { FileStatus, FileType } from "./inspector.ts";

export function fileType(stats: Stats): FileType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isBlockDevice()) return "block";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "other";
}

/** Linux dev_t as glibc's major(3) and minor(3) split it, within what a double holds exactly. */
export function deviceNumber(dev: number): string {
  const major = Math.floor(dev / 0x100) & 0xfff;
  const minor = (dev & 0xff) | (Math.floor(dev / 0x1000) & 0xfff00);
  return `${String(major)}:${String(minor)}`;
}

export function statusOf(stats: Stats): FileStatus {
  const type = fileType(stats);
  return {
    type,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    allocated: stats.blocks * 512,
    mtimeMs: Math.floor(stats.mtimeMs),
    device: deviceNumber(stats.dev),
    ...(type === "block" || type === "char" ? { special: deviceNumber(stats.rdev) } : {}),
    inode: stats.ino,
  };
}

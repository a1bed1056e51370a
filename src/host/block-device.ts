/** Whether a block device holds anything where partition tables and file systems have their marks. */

import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from "node:fs";
import { deviceNumber } from "./file-status.ts";
import type { Blankness } from "./inspector.ts";

const mebibyte = 1024 * 1024;

/** O_EXCL without O_CREAT on a block device fails with EBUSY where it is mounted or held (open(2)). */
export function blankness(path: string): Blankness {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_EXCL | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isBlockDevice()) throw new Error("it is not a block device");
    const size = sizeOf(stats);
    return {
      firstMiBZero: zeroAt(descriptor, 0, Math.min(mebibyte, size)),
      lastMiBZero: zeroAt(descriptor, Math.max(0, size - mebibyte), Math.min(mebibyte, size)),
      size,
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes: /sys/dev/block/MAJOR:MINOR/size counts sectors of 512, whatever the device's own block size. */
const sizeOf = (stats: Stats): number => Number(readFileSync(`/sys/dev/block/${deviceNumber(stats.rdev)}/size`, "utf8")) * 512;

function zeroAt(descriptor: number, position: number, length: number): boolean {
  const bytes = Buffer.alloc(length, 1);
  const read = readSync(descriptor, bytes, 0, length, position);
  return read === length && bytes.every((byte) => byte === 0);
}

/** Files as text, pieces of them as bytes, and keys of bbolt databases. Nothing here waits for a writer, or reads without end. */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { sha256 } from "../digest.ts";
import { readBolt } from "../facts/bolt.ts";
import { fileType } from "./file-status.ts";
import type { BoltKeys, BoltQuestion, BytesQuestion, FileQuestion, FileText } from "./inspector.ts";

/** Nothing that is read for a diagnosis is longer; what is, is not what it claims to be. */
const maxFileBytes = 4 * 1024 * 1024;

export function readText({ path, tailBytes }: FileQuestion): FileText {
  // O_NONBLOCK: opening a FIFO that somebody put in a file's place must not wait for a writer.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`it is a ${fileType(stats)}, not a regular file`);
    if (stats.size > maxFileBytes && tailBytes === undefined) throw new Error(`it is ${String(stats.size)} bytes long, more than ${String(maxFileBytes)}`);
    const bytes = tailBytes === undefined ? readWhole(descriptor, stats.size) : readTail(descriptor, stats.size, tailBytes);
    const text = bytes.toString("utf8");
    const utf8 = !text.includes("\uFFFD") || Buffer.from(text, "utf8").equals(bytes);
    const content = utf8 ? text : Buffer.from(bytes);
    return {
      text,
      utf8,
      get sha256() {
        return sha256(content);
      },
      mode: stats.mode & 0o7777,
      uid: stats.uid,
      gid: stats.gid,
      size: stats.size,
      mtimeMs: Math.floor(stats.mtimeMs),
      // Only a write, or a change of owner or name, sets ctime, and nobody can set it back (inode(7)).
      identity: [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(" "),
    };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Nearly all that is read is short and lies in /proc or /sys, where no length is told beforehand: readFileSync would take 64 KiB of fresh
 * memory for each.
 */
const scratch = Buffer.allocUnsafeSlow(65_536);

/** What is short is in `scratch`, until the next one is read. `size`: 0 where none is told. */
function readWhole(descriptor: number, size: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, scratch, length, scratch.length - length, null);
    length += read;
    if (read === 0 || length === size) break;
    if (length < scratch.length) continue;
    parts.push(Buffer.from(scratch));
    length = 0;
    if (parts.length * scratch.length > maxFileBytes) throw new Error(`it goes on for more than ${String(maxFileBytes)} bytes`);
  }
  const last = scratch.subarray(0, length);
  return parts.length === 0 ? last : Buffer.concat([...parts, last]);
}

function readTail(descriptor: number, size: number, tailBytes: number): Buffer {
  const length = Math.min(size, tailBytes, maxFileBytes);
  const bytes = Buffer.alloc(length);
  const read = readSync(descriptor, bytes, 0, length, size - length);
  return bytes.subarray(0, read);
}

export function readBytes({ path, offset, length }: BytesQuestion): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    return readAt(descriptor, offset, Math.min(length, 65_536)).toString("base64");
  } finally {
    closeSync(descriptor);
  }
}

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const more = readSync(descriptor, bytes, read, length - read, offset + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

/** containerd may write at the same time (its lock is not asked for, so that it never waits for us): read until nothing changed meanwhile. */
export function readKeys({ path, bucket }: BoltQuestion): BoltKeys {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`it is a ${fileType(stats)}, not a regular file`);
    const look = () => readBolt((offset, length) => readAt(descriptor, offset, length), fstatSync(descriptor).size, bucket);
    let last = look();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const again = look();
      if (last.is === "read" && again.is === "read" && last.transaction === again.transaction) return { count: again.count, entries: again.entries };
      last = again;
    }
    throw new Error(last.is === "damaged" ? last.why : "it changes all the time");
  } finally {
    closeSync(descriptor);
  }
}

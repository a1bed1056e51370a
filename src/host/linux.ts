/** The host that this process runs on, read only. Files are read straight from /proc, /sys and the file system. */

import { setMaxListeners } from "node:events";
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statfsSync, type Stats } from "node:fs";
import { sha256 } from "../digest.ts";
import { codeOf, reasonOf } from "../errors.ts";
import { readBolt } from "../facts/bolt.ts";
import {
  absent,
  known,
  unknown,
  type Answer,
  type AnswerOf,
  type Blankness,
  type BoltKeys,
  type BoltQuestion,
  type BytesQuestion,
  type Clock,
  type CommandQuestion,
  type CommandResult,
  type FileQuestion,
  type FileStatus,
  type FileText,
  type FileType,
  type Inspector,
  type Question,
  type Space,
} from "./inspector.ts";
import { query } from "./query.ts";

/** Nothing that is read for a diagnosis is longer; what is, is not what it claims to be. */
const maxFileBytes = 4 * 1024 * 1024;
const mebibyte = 1024 * 1024;

type Handlers = {
  [Ask in Question["ask"]]: (question: Extract<Question, { ask: Ask }>, signal?: AbortSignal) => AnswerOf[Ask] | Promise<Answer<AnswerOf[Ask]>>;
};

export class LinuxHost implements Inspector {
  /** `signal`: aborted when the look has taken too long; what is asked later is then `unknown`. */
  constructor(private readonly signal?: AbortSignal) {
    // A look asks a hundred things at the same time, and each listens for the end of it.
    if (signal) setMaxListeners(0, signal);
  }

  static clock(): Clock {
    return clock();
  }

  async ask<Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>> {
    type A = Answer<AnswerOf[Q["ask"]]>;
    if (this.signal?.aborted === true) return unknown("the look took longer than --timeout allows");
    try {
      const handler = handlers[question.ask] as (q: Q, signal?: AbortSignal) => AnswerOf[Q["ask"]] | Promise<A>;
      const answer = handler(question, this.signal);
      return answer instanceof Promise ? await this.inTime(answer) : known(answer, new Date().toISOString());
    } catch (error) {
      return failure(question, error);
    }
  }

  private async inTime<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
    const { signal } = this;
    if (signal === undefined) return answer;
    let stop: (() => void) | undefined;
    const late = new Promise<Answer<T>>((resolve) => {
      stop = () => resolve(unknown("no answer within the time that --timeout allows"));
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      if (stop) signal.removeEventListener("abort", stop);
    }
  }
}

const handlers: Handlers = {
  file: readText,
  directory: ({ path }) => readdirSync(path).sort(),
  status: ({ path }) => statusOf(lstatSync(path)),
  link: ({ path }) => readlinkSync(path),
  space: ({ path }) => spaceOf(path),
  blank: ({ path }) => blankness(path),
  bytes: readBytes,
  bolt: readKeys,
  command: runCommand,
  clock: () => clock(),
};

function failure(question: Question, error: unknown): Answer<never> {
  const code = codeOf(error);
  const what = "path" in question ? question.path : question.ask;
  // ESRCH: an entry of /proc whose process went away.
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ESRCH") return absent(`${what} does not exist`);
  if (code === "EACCES" || code === "EPERM") return unknown(`${what} cannot be read without root (${code})`);
  return unknown(`${what} cannot be read: ${reasonOf(error)}`);
}

function readText({ path, tailBytes }: FileQuestion): FileText {
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

function readBytes({ path, offset, length }: BytesQuestion): string {
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
function readKeys({ path, bucket }: BoltQuestion): BoltKeys {
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

function fileType(stats: Stats): FileType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isBlockDevice()) return "block";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "other";
}

/** Linux dev_t as glibc's major(3) and minor(3) split it, within what a double holds exactly. */
function deviceNumber(dev: number): string {
  const major = Math.floor(dev / 0x100) & 0xfff;
  const minor = (dev & 0xff) | (Math.floor(dev / 0x1000) & 0xfff00);
  return `${String(major)}:${String(minor)}`;
}

function statusOf(stats: Stats): FileStatus {
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

function spaceOf(path: string): Space {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { free: bavail * bsize, total: blocks * bsize };
}

/** O_EXCL without O_CREAT on a block device fails with EBUSY where it is mounted or held (open(2)). */
function blankness(path: string): Blankness {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_EXCL | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isBlockDevice()) throw new Error("it is not a block device");
    const size = blockSize(path);
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
function blockSize(path: string): number {
  const { special } = statusOf(statFollowed(path));
  if (special === undefined) throw new Error("it is not a block device");
  return Number(readFileSync(`/sys/dev/block/${special}/size`, "utf8")) * 512;
}

function statFollowed(path: string): Stats {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return fstatSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function zeroAt(descriptor: number, position: number, length: number): boolean {
  const bytes = Buffer.alloc(length, 1);
  const read = readSync(descriptor, bytes, 0, length, position);
  return read === length && bytes.every((byte) => byte === 0);
}

async function runCommand({ argv, timeoutMs = 10_000, maxBytes = 16 * mebibyte }: CommandQuestion, signal?: AbortSignal): Promise<Answer<CommandResult>> {
  const outcome = await query(argv, { timeoutMs, maxBytes, ...(signal ? { signal } : {}) });
  if (outcome.kind === "ended") return known(outcome.result, new Date().toISOString());
  return outcome.kind === "not-found" ? absent(outcome.why) : unknown(outcome.why);
}

function clock(): Clock {
  return {
    nowMs: Date.now(),
    // CLOCK_MONOTONIC, as systemd and journald count; /proc/uptime would count the time asleep.
    monotonicUs: Math.floor(Number(process.hrtime.bigint() / 1000n)),
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().replaceAll("-", ""),
    // As uname(2) tells them; Node's os would have to be loaded.
    hostName: readFileSync("/proc/sys/kernel/hostname", "utf8").trim(),
    kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
    uid: process.getuid?.() ?? -1,
    pid: process.pid,
  };
}

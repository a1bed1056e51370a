/**
 * The read-only side of a host. Code that looks is handed an `Inspector` and nothing else, so it cannot write.
 *
 * Every look at a host is a `Question` (plain data) with an `Answer` (plain data). A capture is a list of such pairs: what
 * `fix capture` saves, what `--from` replays and what the tests are made of are the same thing.
 */

export type Question =
  | FileQuestion
  | { ask: "directory"; path: string }
  | { ask: "status"; path: string }
  | { ask: "link"; path: string }
  | { ask: "space"; path: string }
  | { ask: "blank"; path: string }
  | BytesQuestion
  | BoltQuestion
  | CommandQuestion
  | { ask: "clock" };

export interface FileQuestion {
  ask: "file";
  path: string;
  /** Only the last so many bytes are read. */
  tailBytes?: number;
}

/** Some bytes of a regular file or block device: at most 64 KiB. */
export interface BytesQuestion {
  ask: "bytes";
  path: string;
  offset: number;
  length: number;
}

/** The keys of a bucket of a bbolt database (containerd's own state), read without its lock. */
export interface BoltQuestion {
  ask: "bolt";
  path: string;
  /** Names from the root inwards; "*" is any bucket at that level. A bucket that is not there has no keys. */
  bucket: string[];
}

/** So long a program may take where its question does not say. */
export const usualTimeoutMs = 10_000;

export interface CommandQuestion {
  ask: "command";
  /** argv[0] is a bare name, found in the fixed safe PATH, or an absolute path. Never a shell. */
  argv: string[];
  /** Default: usualTimeoutMs. */
  timeoutMs?: number;
  /** Bound of stdout in bytes; what is longer is cut and `truncated` set. Default 16 MiB. */
  maxBytes?: number;
}

/** A regular file's text. What is not a regular file, or is longer than 4 MiB, is `unknown`, never read. */
export interface FileText {
  text: string;
  /** False where the bytes are no valid UTF-8 (each bad byte then reads as U+FFFD). */
  utf8: boolean;
  /** Lower-case hex SHA-256 of the bytes as they are on disk. */
  sha256: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch. */
  mtimeMs: number;
  /** Device, inode, size and times: while these are the same, nobody has written to the file. A capture has none. */
  identity?: string;
}

export type FileType = "file" | "directory" | "link" | "block" | "char" | "fifo" | "socket" | "other";

/** lstat(2): of the link itself, not of what it points to. */
export interface FileStatus {
  type: FileType;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  /** Bytes that are really allocated (st_blocks × 512). */
  allocated: number;
  mtimeMs: number;
  /** st_dev, as MAJOR:MINOR. */
  device: string;
  /** st_rdev, as MAJOR:MINOR; only of a block or char device. */
  special?: string;
  inode: number;
}

/** statfs(2) of the file system that holds the path, in bytes. */
export interface Space {
  free: number;
  total: number;
}

/** Whether a block device is empty at both ends and nobody uses it (opened with O_EXCL, read only). */
export interface Blankness {
  firstMiBZero: boolean;
  lastMiBZero: boolean;
  /** Bytes. */
  size: number;
}

export interface BoltKeys {
  count: number;
  /** The first 256; `value` is text of at most 4 KiB, null for a bucket. */
  entries: { bucket: string[]; key: string; value: string | null }[];
}

export interface CommandResult {
  /** Exit status; null where a signal ended it. */
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
}

export interface Clock {
  /** Milliseconds since the epoch, by the host's wall clock. */
  nowMs: number;
  /** Microseconds since boot (CLOCK_MONOTONIC as the journal and systemd count it: without suspend). */
  monotonicUs: number;
  bootId: string;
  hostName: string;
  /** `uname -r` */
  kernel: string;
  /** uid of the process that looks. */
  uid: number;
  /** Its own number: it, and what it starts, come and go. */
  pid?: number;
}

export interface AnswerOf {
  file: FileText;
  directory: string[];
  status: FileStatus;
  link: string;
  space: Space;
  blank: Blankness;
  /** base64; shorter than asked for where the file ends. */
  bytes: string;
  bolt: BoltKeys;
  command: CommandResult;
  clock: Clock;
}

/** A value, or that there is no such thing, or why it cannot be told. `unknown` is never taken for either. */
export type Answer<T> = Known<T> | Absent | Unknown;
export interface Known<T> {
  kind: "known";
  value: T;
  /** ISO 8601, UTC: when it was looked at. */
  at: string;
}
export interface Absent {
  kind: "absent";
  why: string;
}
export interface Unknown {
  kind: "unknown";
  why: string;
}

export interface Inspector {
  /** Never rejects: what goes wrong is an `unknown` answer with the reason. */
  ask<Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>>;
}

export const known = <T>(value: T, at = ""): Known<T> => ({ kind: "known", value, at });
export const absent = (why: string): Absent => ({ kind: "absent", why });
export const unknown = (why: string): Unknown => ({ kind: "unknown", why });

/** The value where it is known, else undefined: for places where absent and unknown mean the same. */
export const valueOf = <T>(answer: Answer<T>): T | undefined => (answer.kind === "known" ? answer.value : undefined);

/** Applies `f` to a known value and hands the other two on. */
export function mapAnswer<T, U>(answer: Answer<T>, f: (value: T) => U): Answer<U> {
  return answer.kind === "known" ? { kind: "known", value: f(answer.value), at: answer.at } : answer;
}

/** The question as a key: its fields that change the answer, in a fixed order. Limits of time and size are not among them. */
export function keyOf(question: Question): string {
  switch (question.ask) {
    case "file":
      return JSON.stringify(["file", question.path, question.tailBytes ?? null]);
    case "command":
      return JSON.stringify(["command", ...question.argv]);
    case "clock":
      return '["clock"]';
    case "directory":
    case "status":
    case "link":
    case "space":
    case "blank":
      return JSON.stringify([question.ask, question.path]);
    default:
      return JSON.stringify(question);
  }
}

/**
 * One run acts at a time. flock(2) is held by the kernel for as long as this process lives and not a moment longer, so
 * neither a killed run nor rubbish in the file nor a reused PID can block anybody.
 */

import { spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { FixError, reasonOf } from "../errors.ts";
import { environment } from "./process-group.ts";

export const defaultLockPath = "/run/flintlock-fix.lock";

/** Takes the lock or throws a FixError with exit status 5. The file stays: removing it would let two runs hold one each. */
export function takeLock(path: string): () => void {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    throw new FixError("NO_LOCK", `the lock ${path} cannot be opened: ${reasonOf(error)}`, "name another with FLINTLOCK_FIX_LOCK", 1, { cause: error });
  }
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    throw new FixError("NO_LOCK", `the lock ${path} is not a regular file`, "remove it, or name another with FLINTLOCK_FIX_LOCK");
  }
  // util-linux's flock(1) locks the open file that it inherits from us; when it has ended, we still hold it.
  const taken = spawnSync("flock", ["--nonblock", "3"], { stdio: ["ignore", "ignore", "pipe", descriptor], env: environment(), timeout: 10_000 });
  if (taken.status === 0) {
    remember(descriptor);
    return () => closeSync(descriptor);
  }
  const holder = holderOf(descriptor);
  closeSync(descriptor);
  if (taken.status === 1 && holder !== null)
    throw new FixError("LOCKED", `another run holds ${path} (process ${holder})`, "wait for it, or see what it does: fix status", 5);
  if (taken.status === 1)
    throw new FixError("LOCKED", `another run or program holds ${path}; which one is not known`, `wait for it, or see what has it open: fuser -v ${path}`, 5);
  throw new FixError(
    "NO_LOCK",
    `the lock ${path} could not be taken: ${taken.error ? reasonOf(taken.error) : taken.stderr.toString().trim()}`,
    "flock(1) is in util-linux",
  );
}

function remember(descriptor: number): void {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, `${String(process.pid)}\n`, 0);
  } catch {
    // Only for the message of the next one; a full /run must not stop a cure.
  }
}

/** The run whose PID is in the file, where it lives and holds the lock; null: some other program does, or a run that could not write its PID. */
function holderOf(descriptor: number): string | null {
  const pid = readFileSync(descriptor, "latin1").slice(0, 32).trim();
  return /^[1-9]\d{0,9}$/.test(pid) && holds(pid, fstatSync(descriptor).ino) ? pid : null;
}

/** The kernel tells the lock with every descriptor that holds it, whoever called flock(2) for it (proc(5), /proc/pid/fdinfo). */
function holds(pid: string, inode: number): boolean {
  const folder = `/proc/${pid}/fdinfo`;
  return ifThere(() => readdirSync(folder), []).some((name) =>
    isLockOn(
      ifThere(() => readFileSync(`${folder}/${name}`, "latin1"), ""),
      inode,
    ),
  );
}

/** A process may end, and close a file, at any time. */
function ifThere<T>(read: () => T, gone: T): T {
  try {
    return read();
  } catch {
    return gone;
  }
}

const isLockOn = (fdinfo: string, inode: number): boolean =>
  fdinfo.split("\n").some((line) => line.startsWith("lock:") && line.includes(" FLOCK ") && line.includes(`:${inode} `));

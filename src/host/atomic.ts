/**
 * Replaces a file so that at every instant, power cuts included, it is the old one or the new one: written beside it, synced,
 * renamed over it, folder synced (rename(2), fsync(2)). Own code because the packages at hand take a short write on a full
 * disk for success and do not sync the folder, and both matter here.
 */

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  constants,
  copyFileSync,
  chmodSync,
  chownSync,
} from "node:fs";
import { codeOf } from "../errors.ts";
import { basename, dirname, join } from "node:path";

export interface FileOwner {
  mode: number;
  uid: number;
  gid: number;
}

/** `path` must not be a symbolic link: resolve it first, or the link is what gets replaced. Throws node:fs errors, with nothing changed. */
export function replaceFile(path: string, content: string | Uint8Array, owner: FileOwner): void {
  const stem = `.${basename(path)}.fix-`;
  removeAbandoned(dirname(path), stem);
  const temporary = join(dirname(path), `${stem}${String(process.pid)}`);
  writeNew(temporary, content, owner);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(path);
}

/** What runs that were killed while they wrote have left: files of ours, named after a process that is no more. */
function removeAbandoned(folder: string, stem: string): void {
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(stem) ? name.slice(stem.length) : "";
    if (!/^[1-9]\d{0,9}$/.test(pid) || isAlive(Number(pid))) continue;
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (stats?.isFile() === true && stats.uid === process.geteuid?.()) removeIfThere(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function writeNew(temporary: string, content: string | Uint8Array, { mode, uid, gid }: FileOwner): void {
  // What a killed run left under this name is ours and half written.
  removeIfThere(temporary);
  const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    writeFileSync(descriptor, content);
    fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(descriptor);
}

/** A copy with the same owner and mode; fails with EEXIST where `to` is taken. Never readable by more people than the original. */
export function copyBeside(from: string, to: string, { mode, uid, gid }: FileOwner): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL);
  chmodSync(to, 0o600);
  chownSync(to, uid, gid);
  chmodSync(to, mode);
  const descriptor = openSync(to, constants.O_RDONLY);
  fsyncSync(descriptor);
  closeSync(descriptor);
  syncFolder(to);
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

export function syncFolder(path: string): void {
  const descriptor = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

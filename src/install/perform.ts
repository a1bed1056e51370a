/** The installation itself: writes what differs, takes away what is not wanted any more, and tells systemd. */

import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { FixError, reasonOf } from "../errors.ts";
import { removeIfThere, replaceFile } from "../host/atomic.ts";
import { runProcess } from "../host/process.ts";
import { allPaths, enabled, ownFolders, program, type InstalledFile } from "./files.ts";
import { mark } from "./units.ts";

export type Change = { path: string; is: "written" | "unchanged" | "removed" };

/** `self`: the text of the program that runs now. */
export async function perform(files: readonly InstalledFile[], self: string): Promise<Change[]> {
  const unwanted = allPaths.filter((path) => existsSync(path) && !files.some((file) => file.path === path));
  for (const path of [...files.map((file) => file.path), ...unwanted]) refuseForeign(path);
  await disable(unwanted);
  const changes = [...files.map((file) => put(file, self)), ...unwanted.map(take)];
  if (changes.some(({ is }) => is !== "unchanged")) {
    await systemd(["systemctl", "daemon-reload"]);
    await updateCatalog();
  }
  for (const { path } of files) {
    const unit = enabled[path];
    if (unit === undefined) continue;
    await systemd(["systemctl", "enable", "--quiet", unit]);
    // The boot unit's work is for the next boot; the others begin now, or anew where their text changed.
    const changed = changes.some((change) => change.path === path && change.is === "written");
    if (unit !== "flintlock-fix-boot.service") await systemd(["systemctl", changed ? "restart" : "start", unit]);
  }
  return changes;
}

export async function removeAll(): Promise<Change[]> {
  const there = allPaths.filter((path) => existsSync(path));
  for (const path of there) refuseForeign(path);
  await disable(there);
  const changes = there.map(take);
  for (const folder of ownFolders) removeEmpty(folder);
  if (changes.length > 0) {
    await systemd(["systemctl", "daemon-reload"]);
    await updateCatalog();
  }
  return changes;
}

/** A run under way ends after its step; a timer is stopped before what it starts. */
async function disable(paths: readonly string[]): Promise<void> {
  const units = Object.entries(enabled).flatMap(([path, unit]) => (paths.includes(path) ? [unit] : []));
  if (units.length === 0) return;
  await systemd(["systemctl", "disable", "--quiet", "--now", ...units]);
  if (units.includes("flintlock-fix.timer")) await systemd(["systemctl", "stop", "flintlock-fix.service"]);
  await runProcess(["systemctl", "reset-failed", ...units, "flintlock-fix.service"], limits);
}

const limits = { timeoutMs: 330_000, maxBytes: 64 * 1024 };

async function systemd(argv: readonly string[]): Promise<void> {
  const outcome = await runProcess(argv, limits);
  if (outcome.kind === "ended" && outcome.result.status === 0) return;
  const why = outcome.kind === "ended" ? outcome.result.stderr.trim() : outcome.why;
  throw new FixError("SYSTEMD", `${argv.join(" ")}: ${why}`, "what was written stays; fix install again goes on from there");
}

/** Without it entries are merely not explained. */
async function updateCatalog(): Promise<void> {
  await runProcess(["journalctl", "--update-catalog"], limits);
}

function refuseForeign(path: string): void {
  if (path === program || !existsSync(path) || readFileSync(path, "utf8").includes(mark)) return;
  throw new FixError("NOT_OURS", `${path} is there and was not written by fix install`, "move it out of the way first");
}

function put({ path, text, mode }: InstalledFile, self: string): Change {
  const content = text ?? self;
  if (existsSync(path) && readFileSync(path, "utf8") === content && (statSync(path).mode & 0o777) === mode) return { path, is: "unchanged" };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    replaceFile(path, content, { mode, uid: 0, gid: 0 });
  } catch (error) {
    throw new FixError("NOT_WRITTEN", `${path} could not be written: ${reasonOf(error)}`, "fix install needs root, and a writable /usr/local and /etc", 1, {
      cause: error,
    });
  }
  return { path, is: "written" };
}

function take(path: string): Change {
  removeIfThere(path);
  return { path, is: "removed" };
}

export function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else's files are in it, or it is not there.
  }
}

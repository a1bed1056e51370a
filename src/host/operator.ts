/** The writing side of a host: commands, edits, locks against a shutdown. Only the executor is handed one. */

import { spawn } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sha256 } from "../digest.ts";
import { codeOf, FixError, reasonOf } from "../errors.ts";
import { setKey } from "../facts/mapping.ts";
import type { Action } from "../steps/action.ts";
import { copyBeside, replaceFile, type FileOwner } from "./atomic.ts";
import { environment } from "./process-group.ts";
import { endingWithUs, runProcess } from "./process.ts";

export interface Outcome {
  status: number | null;
  stdout: string;
  /** What went wrong, with the command's own words; empty where status is 0. */
  why: string;
}

type SetKey = Extract<Action, { do: "set-key" }>;
type WriteFile = Extract<Action, { do: "write-file" }>;

export interface Operator {
  run(argv: readonly string[], options: { timeoutMs: number; input?: string }): Promise<Outcome>;
  setKey(action: SetKey): void;
  /** Undoes a `setKey` of this run, from its backup. */
  restoreKey(action: SetKey): void;
  writeFile(action: WriteFile): void;
  pause(ms: number): Promise<void>;
  /** systemd-inhibit(1): a shutdown waits until the returned function is called. */
  inhibitShutdown(why: string): Promise<() => void>;
}

const maxOutput = 1024 * 1024;

export class LinuxOperator implements Operator {
  /** Backup of each file that was edited, by its path. */
  private readonly backups = new Map<string, string>();

  async run(argv: readonly string[], { timeoutMs, input }: { timeoutMs: number; input?: string }): Promise<Outcome> {
    const outcome = await runProcess(endingWithUs(argv), { timeoutMs, maxBytes: maxOutput, ...(input === undefined ? {} : { input }) });
    if (outcome.kind === "timed-out") return { status: null, stdout: "", why: `${argv[0] ?? ""} did not end within ${timeoutMs / 1000} s` };
    if (outcome.kind !== "ended") return { status: null, stdout: "", why: outcome.why };
    const { status, signal, stdout, stderr } = outcome.result;
    if (status === 0) return { status, stdout, why: "" };
    const ended = status === null ? `was ended by ${signal ?? "a signal"}` : `exited ${status}`;
    return { status, stdout, why: `${argv[0] ?? ""} ${ended}: ${lastWords(stderr) || lastWords(stdout) || "it said nothing"}` };
  }

  setKey({ path, key, value, before, after }: SetKey): void {
    const { text, owner } = this.unchanged(path, before);
    const patched = setKey(text, key, value);
    if ("problem" in patched) throw new FixError(patched.problem.code, `${path}: ${patched.problem.message}`, "put the file right by hand");
    if (sha256(patched.text) !== after)
      throw new FixError("CHANGED_SINCE_PLAN", `${path}: the edit would not give what the plan showed`, "look again: fix --dry-run");
    this.keep(path, owner);
    writing(path, () => replaceFile(path, patched.text, owner));
  }

  restoreKey({ path, after }: SetKey): void {
    const backup = this.backups.get(path);
    if (backup === undefined) return;
    const { owner } = this.unchanged(path, after);
    writing(path, () => replaceFile(path, readFileSync(backup), owner));
  }

  writeFile({ path, text, mode, before }: WriteFile): void {
    if (before === null) {
      if (existsSync(path)) throw new FixError("CHANGED_SINCE_PLAN", `${path} exists, which it did not when the plan was made`, "look again: fix --dry-run");
      writing(path, () => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
        replaceFile(path, text, { mode, uid: 0, gid: 0 });
      });
      return;
    }
    const { owner } = this.unchanged(path, before);
    this.keep(path, owner);
    writing(path, () => replaceFile(path, text, owner));
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  inhibitShutdown(why: string): Promise<() => void> {
    const args = ["--what=shutdown", "--who=flintlock-fix", `--why=${why}`, "--mode=block", "cat"];
    const child = spawn("systemd-inhibit", args, { env: environment(), stdio: ["pipe", "pipe", "ignore"], cwd: "/" });
    const release = (): void => {
      child.stdin.end();
    };
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => reject(new FixError("NO_INHIBITOR", `no lock against a shutdown: ${reason}`, "see: systemd-inhibit --list"));
      child.once("error", (error) => refuse(reasonOf(error)));
      child.once("exit", (status) => refuse(`systemd-inhibit exited ${String(status)}`));
      // `cat` answers only once logind has granted the lock and started it.
      child.stdout.once("data", () => {
        child.removeAllListeners("exit");
        resolve(release);
      });
      child.stdin.on("error", () => undefined);
      child.stdin.write("held\n");
    });
  }

  /** The file as the plan saw it; a FixError where it is not that any more. */
  private unchanged(path: string, expected: string): { text: string; owner: FileOwner } {
    if (realpathSync(path) !== path) throw new FixError("CHANGED_SINCE_PLAN", `${path} has become a symbolic link`, "look again: fix --dry-run");
    const text = readFileSync(path, "utf8");
    if (sha256(text) !== expected)
      throw new FixError("CHANGED_SINCE_PLAN", `${path} was changed by somebody since the plan was made`, "look again: fix --dry-run");
    const { mode, uid, gid } = lstatSync(path);
    return { text, owner: { mode: mode & 0o7777, uid, gid } };
  }

  /** A dated copy beside the file; one is enough where it holds the same bytes already. */
  private keep(path: string, owner: FileOwner): void {
    if (this.backups.has(path)) return;
    const content = readFileSync(path);
    const prefix = `${basename(path)}.fix-`;
    const same = readdirSync(dirname(path)).find((name) => name.startsWith(prefix) && readFileSync(join(dirname(path), name)).equals(content));
    const backup = join(dirname(path), same ?? `${prefix}${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`);
    if (same === undefined) writing(backup, () => copyBeside(path, backup, owner));
    this.backups.set(path, backup);
  }
}

const lastWords = (text: string): string => text.trim().split("\n").slice(-3).join(" / ").slice(-600);

/** Says what stands in the way of a write, and how it is taken away. */
function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const code = codeOf(error);
    const hints: Record<string, string> = {
      ENOSPC: "free some space on that file system, then run fix again",
      EROFS: `remount it writable, then run fix again: see findmnt --target ${dirname(path)}`,
      EPERM: `is it immutable? lsattr ${path}; chattr -i ${path}`,
      EACCES: "run it as root",
    };
    throw new FixError(code === "" ? "WRITE_FAILED" : code, `${path} could not be written: ${reasonOf(error)}`, hints[code] ?? "nothing was changed in it", 1, {
      cause: error,
    });
  }
}

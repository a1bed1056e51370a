/** The state folder of automation: brakes.json and pause.json, each replaced whole and synced. Absent is a beginning; unreadable is not. */

import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, FixError, reasonOf } from "../errors.ts";
import { removeIfThere, replaceFile, syncFolder } from "../host/atomic.ts";
import { parsePause, pauseText, type Pause, type PauseFound } from "./pause.ts";
import { noState, parseState, stateText, type HealState } from "./state.ts";

export class Store {
  private readonly brakes: string;
  private readonly pauseFile: string;

  constructor(readonly stateDir: string) {
    this.brakes = join(stateDir, "brakes.json");
    this.pauseFile = join(stateDir, "pause.json");
  }

  state(): { state: HealState } | { problem: string } {
    try {
      const text = textOf(this.brakes);
      if (text === null) return { state: noState };
      const parsed = parseState(text);
      return "problem" in parsed ? { problem: `${this.brakes}: ${parsed.problem}` } : parsed;
    } catch (error) {
      return { problem: `${this.brakes}: ${reasonOf(error)}` };
    }
  }

  pause(nowMs: number): PauseFound {
    try {
      const text = textOf(this.pauseFile);
      return text === null ? { is: "none" } : parsePause(text, nowMs);
    } catch (error) {
      return { is: "unreadable", why: `${this.pauseFile}: ${reasonOf(error)}` };
    }
  }

  /** Throws where it cannot be kept: then nothing may be done. */
  keep(state: HealState): void {
    this.write(this.brakes, stateText(state));
  }

  keepPause(pause: Pause): void {
    this.write(this.pauseFile, pauseText(pause));
  }

  /** Pause, breaker, budgets and damage are gone. */
  clear(): void {
    for (const path of [this.brakes, this.pauseFile]) removeIfThere(path);
    if (existsSync(this.stateDir)) syncFolder(this.brakes);
  }

  private write(path: string, text: string): void {
    try {
      mkdirSync(this.stateDir, { recursive: true, mode: 0o700 });
      chmodSync(this.stateDir, 0o700);
      replaceFile(path, text, { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
    } catch (error) {
      throw new FixError(
        "STATE_UNUSABLE",
        `the state ${path} cannot be written: ${reasonOf(error)}`,
        "make it writable, or name another folder with FLINTLOCK_FIX_STATE",
        1,
        { cause: error },
      );
    }
  }
}

/** Null where there is no such file. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // ENOTDIR: a file lies where the folder should be, so nothing can be kept, and nothing was.
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null;
    throw error;
  }
}

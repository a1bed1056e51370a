/**
 * journalctl as a child: it waits in the kernel (inotify) until there is an entry, follows rotations by itself, and is
 * started anew behind the last cursor where it ends. A flood is not read: the look that comes after it sees what it was about.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { environment } from "../../host/process-group.ts";

export interface FollowerOf {
  argv: (cursor: string | null) => string[];
  /** The cursor of the entry, or null where the line is none. */
  line: (line: string) => string | null;
  /** More lines than anybody reads: what they were about is to be looked at when they have ended. */
  flooded: () => void;
  /** It could not be started, or keeps ending: in words. */
  trouble: (why: string) => void;
}

/** More lines than this within one second are a flood. */
const floodLines = 300;
const floodPauseMs = 2_000;
const maxLine = 1024 * 1024;

export class Follower {
  private child: ChildProcess | null = null;
  private timer: NodeJS.Timeout | undefined;
  private cursor: string | null = null;
  private ended = false;
  private failures = 0;
  private rest = "";
  private second = { begins: 0, lines: 0 };

  constructor(private readonly of: FollowerOf) {}

  start(): void {
    const [file = "", ...args] = this.of.argv(this.cursor);
    const child = spawn(file, args, { env: environment(), cwd: "/", stdio: ["ignore", "pipe", "ignore"] });
    this.child = child;
    this.rest = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (chunk: string) => this.read(chunk, child));
    child.once("error", (error) => this.of.trouble(`journalctl cannot be started: ${error.message}`));
    child.once("close", (status) => this.again(child, status));
  }

  stop(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.child?.kill();
  }

  private read(chunk: string, child: ChildProcess): void {
    if (child !== this.child) return;
    const lines = `${this.rest}${chunk}`.split("\n");
    const rest = lines.pop() ?? "";
    this.rest = rest.length > maxLine ? "" : rest;
    for (const line of lines) {
      this.failures = 0;
      if (this.isFlood()) {
        this.letPass(child);
        return;
      }
      this.cursor = this.of.line(line) ?? this.cursor;
    }
  }

  private isFlood(): boolean {
    const now = performance.now();
    if (now - this.second.begins > 1_000) this.second = { begins: now, lines: 0 };
    this.second.lines += 1;
    return this.second.lines > floodLines;
  }

  private letPass(child: ChildProcess): void {
    this.child = null;
    this.cursor = null;
    child.kill();
    this.of.flooded();
    this.restartIn(floodPauseMs);
  }

  private again(child: ChildProcess, status: number | null): void {
    if (this.ended || child !== this.child) return;
    this.child = null;
    this.failures += 1;
    // A cursor that was vacuumed away cannot be found again.
    if (this.failures > 1) this.cursor = null;
    if (this.failures === 5) this.of.trouble(`journalctl keeps ending (status ${status ?? "none"})`);
    this.restartIn(Math.min(500 * 2 ** this.failures, 60_000));
  }

  private restartIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.ended) this.start();
    }, ms);
  }
}

/** The host that this process runs on, read only. Files are read straight from /proc, /sys and the file system. */

import { setMaxListeners } from "node:events";
import { lstatSync, readdirSync, readFileSync, readlinkSync, statfsSync } from "node:fs";
import { timerMs } from "../duration.ts";
import { codeOf, reasonOf } from "../errors.ts";
import { blankness } from "./block-device.ts";
import { statusOf } from "./file-status.ts";
import {
  absent,
  known,
  unknown,
  usualTimeoutMs,
  type Answer,
  type AnswerOf,
  type Clock,
  type CommandQuestion,
  type CommandResult,
  type Inspector,
  type Question,
  type Space,
} from "./inspector.ts";
import { query } from "./query.ts";
import { readBytes, readKeys, readText } from "./read-file.ts";

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

  /** One that answers for so many milliseconds. */
  static within(ms: number): LinuxHost {
    return new LinuxHost(AbortSignal.timeout(timerMs(ms)));
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

function spaceOf(path: string): Space {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { free: bavail * bsize, total: blocks * bsize };
}

async function runCommand(
  { argv, timeoutMs = usualTimeoutMs, maxBytes = 16 * mebibyte }: CommandQuestion,
  signal?: AbortSignal,
): Promise<Answer<CommandResult>> {
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

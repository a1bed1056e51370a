/**
 * Asks a program what it knows: argv only, a fixed safe PATH, `LC_ALL=C`, bounded in time and output, killed with its children
 * when the limit is reached. As process.ts does, and a look asks ten programs each minute: there the streams and promises of
 * execa would cost as much processor time as all the rest of it.
 */

import type { Readable } from "node:stream";
import { timerMs } from "../duration.ts";
import { codeOf, reasonOf } from "../errors.ts";
import { endWithUs, environment, killGroup, notStarted, timedOut, type Limits, type ProcessOutcome } from "./process-group.ts";

/** So long what was killed may take to be gone; what then still is there hangs in the kernel. */
const goneMs = 1_000;

/** `signal`: aborted when the look is over; it is then ended at once, with its children. */
export function query(argv: readonly string[], options: Limits & { signal?: AbortSignal }): Promise<ProcessOutcome> {
  const [file = "", ...args] = argv;
  const { timeoutMs, maxBytes, signal } = options;
  const late = timedOut(file, options);
  // Loaded only here: with it comes half of Node's networking, and a captured host starts nothing.
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: environment(), cwd: "/", stdio: ["ignore", "pipe", "pipe"], detached: true });
    const forget = endWithUs(child.pid);
    let isLate = false;
    let truncated = false;
    const end = (): void => {
      killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const giveUp = (): void => {
      isLate = true;
      end();
      setTimeout(settle, goneMs, late).unref();
    };
    const tooLong = (): void => {
      truncated = true;
      end();
    };
    const timer = setTimeout(giveUp, timerMs(timeoutMs));
    signal?.addEventListener("abort", giveUp, { once: true });
    const settle = (outcome: ProcessOutcome): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      forget();
      resolve(outcome);
    };
    const stdout = gathered(child.stdout, maxBytes, tooLong);
    const stderr = gathered(child.stderr, maxBytes, tooLong);
    child.once("error", (error) => settle(notStarted(file, codeOf(error) || reasonOf(error))));
    child.once("close", (status, ended) =>
      settle(isLate ? late : { kind: "ended", result: { status, signal: truncated ? null : ended, stdout: stdout(), stderr: stderr(), truncated } }),
    );
    if (signal?.aborted === true) giveUp();
  });
}

/** The stream's text so far, of `maxBytes` at most. */
function gathered(stream: Readable, maxBytes: number, tooLong: () => void): () => string {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  stream.on("data", (chunk: Buffer) => {
    const part = chunk.subarray(0, room);
    chunks.push(part);
    room -= part.length;
    if (part.length < chunk.length) tooLong();
  });
  // It was closed by us, or by its program: what came before counts.
  stream.on("error", () => undefined);
  return () => Buffer.concat(chunks).toString("utf8");
}

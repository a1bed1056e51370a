// Commands, files and waiting, for what runs inside the lab's host.

import { spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { clearTimeout, setTimeout } from "node:timers";
import { setTimeout as wait } from "node:timers/promises";
import { fixSoFar, note, waited } from "./times.mjs";

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs argv; never throws: { status, stdout, stderr, ms }, status null where it was killed. */
export function sh(argv, { env = {}, input, timeoutMs = 120_000, maxBytes = 64 * 1024 * 1024, cwd = "/root" } = {}) {
  return new Promise((resolve) => {
    const begun = Date.now();
    const child = spawn(argv[0], argv.slice(1), {
      cwd,
      env: { PATH: path, HOME: "/root", LC_ALL: "C", ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
    const out = { stdout: [], stderr: [], size: 0 };
    for (const name of ["stdout", "stderr"])
      child[name].on("data", (chunk) => {
        out.size += chunk.length;
        if (out.size < maxBytes) out[name].push(chunk);
      });
    const timer = setTimeout(() => kill(-child.pid, "SIGKILL"), timeoutMs);
    child.on("error", (error) => resolve({ status: null, stdout: "", stderr: String(error), ms: Date.now() - begun }));
    child.on("close", (status) => {
      clearTimeout(timer);
      note(argv.join(" "), begun);
      resolve({ status, stdout: Buffer.concat(out.stdout).toString(), stderr: Buffer.concat(out.stderr).toString(), ms: Date.now() - begun });
    });
    if (input !== undefined) child.stdin.end(input);
  });
}

export function kill(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Runs argv and returns its stdout, trimmed; throws where it fails. */
export async function must(...argv) {
  const { status, stdout, stderr } = await sh(argv);
  if (status !== 0) throw new Error(`${argv.join(" ")}: status ${status}: ${stderr.trim() || stdout.trim()}`);
  return stdout.trim();
}

/** How much slower this machine is than the one that time limits were set for. */
const machine = { slow: 1 };
export const setSlow = (factor) => (machine.slow = factor);
export const slow = () => machine.slow;

/** Waits, whatever happens meanwhile. */
export async function pause(ms) {
  const [begun, fix] = [Date.now(), fixSoFar()];
  await wait(ms);
  waited(`waited ${ms} ms`, begun, fix);
}

/** Asks again until the answer is true; throws, with the last answer, when the time is up. */
export async function until(what, question, withinMs = 60_000) {
  let answer;
  const [begun, fix] = [Date.now(), fixSoFar()];
  try {
    for (const deadline = begun + withinMs * machine.slow; Date.now() < deadline; await wait(250)) {
      answer = await question();
      if (answer === true) return;
    }
  } finally {
    waited(`until ${what}`, begun, fix);
  }
  throw new Error(`not within ${withinMs / 1000} s: ${what}${answer === undefined || answer === false ? "" : `: ${JSON.stringify(answer)}`}`);
}

export function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

export function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

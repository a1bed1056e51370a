import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FixError } from "../../../src/errors.ts";
import { takeLock } from "../../../src/host/lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fix-lock-"));
  path = join(folder, "fix.lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

const refusal = (): FixError | null => {
  try {
    takeLock(path)();
    return null;
  } catch (error) {
    if (error instanceof FixError) return error;
    throw error;
  }
};
const status = (): number | null => refusal()?.exitCode ?? null;

/** Another program that holds it; ended by what comes back. */
async function heldByFlock(): Promise<() => Promise<void>> {
  const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"], detached: true });
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  return async () => {
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    process.kill(-(holder.pid ?? 0), "SIGKILL");
    await ended;
  };
}

describe("the lock", () => {
  test("is held by one, and free again after", () => {
    const release = takeLock(path);
    expect(status()).toBe(5);
    release();
    expect(status()).toBeNull();
  });

  test.each([
    ["rubbish", "\u0000\u001B[31mrubbish"],
    ["a PID that somebody else has now", `${String(process.ppid)}\n`],
    ["nothing", ""],
  ])("a file with %s blocks nobody", (_name, content) => {
    writeFileSync(path, content);
    expect(status()).toBeNull();
  });

  test("of a killed process is free", async () => {
    const end = await heldByFlock();
    expect(status()).toBe(5);
    await end();
    expect(status()).toBeNull();
  });

  test("names the run that holds it", () => {
    const release = takeLock(path);
    expect(refusal()?.message).toBe(`another run holds ${path} (process ${process.pid})`);
    release();
  });

  test.each([
    ["a run that is over", String(spawnSync("true").pid)],
    ["a process that lives and does not hold it", String(process.ppid)],
    // It has the file open, as every run that asks for the lock.
    ["this very process", String(process.pid)],
    ["no process", "0"],
    ["rubbish", "../../etc"],
    ["nothing", ""],
  ])("held by another program, with %s in the file, names none", async (_name, content) => {
    writeFileSync(path, content);
    const end = await heldByFlock();
    expect(refusal()).toMatchObject({
      exitCode: 5,
      message: `another run or program holds ${path}; which one is not known`,
      hint: expect.stringContaining(path),
    });
    await end();
  });

  test("is never a link that somebody put there, nor anything but a file", () => {
    const target = join(folder, "target");
    symlinkSync(target, path);
    expect(status()).toBe(1);
    rmSync(path);
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    expect(status()).toBe(1);
    rmSync(path);
    mkdirSync(path);
    expect(status()).toBe(1);
  });
});

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

const status = (): number | null => {
  try {
    takeLock(path)();
    return null;
  } catch (error) {
    if (error instanceof FixError) return error.exitCode;
    throw error;
  }
};

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
    const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"], detached: true });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    expect(status()).toBe(5);
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    process.kill(-(holder.pid ?? 0), "SIGKILL");
    await ended;
    expect(status()).toBeNull();
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

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LinuxHost } from "../../../src/host/linux.ts";

const host = new LinuxHost();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fix-linux-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (content: string | Uint8Array): string => {
  const path = join(folder, "file");
  writeFileSync(path, content);
  return path;
};

describe("looking at this host", () => {
  test("a file: text, size, digest", async () => {
    expect(await host.ask({ ask: "file", path: file("br0\n") })).toMatchObject({
      kind: "known",
      value: { text: "br0\n", utf8: true, size: 4, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test("bytes that are no UTF-8 are said to be none", async () => {
    expect(await host.ask({ ask: "file", path: file(Uint8Array.of(0x62, 0xff)) })).toMatchObject({ value: { text: "b\uFFFD", utf8: false } });
    expect(await host.ask({ ask: "file", path: file("really \uFFFD") })).toMatchObject({ value: { utf8: true } });
  });

  test.each([0, 1, 65_535, 65_536, 65_537, 200_001])("all of %i bytes, and another file read since changes nothing", async (length) => {
    const content = Buffer.from(Array.from({ length }, (_, index) => (index % 251 === 250 ? 0xff : index % 120)));
    const answer = await host.ask({ ask: "file", path: file(content) });
    const other = join(folder, "other");
    writeFileSync(other, "x".repeat(100_000));
    await host.ask({ ask: "file", path: other });
    expect(answer).toMatchObject({ value: { text: content.toString("utf8"), sha256: createHash("sha256").update(content).digest("hex"), size: length } });
  });

  test("only the end of a long file", async () => {
    expect(await host.ask({ ask: "file", path: file("one\ntwo\n"), tailBytes: 4 })).toMatchObject({ value: { text: "two\n", size: 8 } });
  });

  test("what has no size of its own, in /proc", async () => {
    expect(await host.ask({ ask: "file", path: "/proc/self/status" })).toMatchObject({ kind: "known", value: { text: expect.stringContaining("Pid:") } });
  });

  test("absent is not unknown", async () => {
    expect(await host.ask({ ask: "file", path: join(folder, "none") })).toMatchObject({ kind: "absent" });
    expect(await host.ask({ ask: "directory", path: join(folder, "none") })).toMatchObject({ kind: "absent" });
    expect(await host.ask({ ask: "command", argv: ["no-such-program-here"] })).toMatchObject({ kind: "absent" });
  });

  test("a FIFO in a file's place is not waited for", async () => {
    const path = join(folder, "fifo");
    spawnSync("mkfifo", [path]);
    expect(await host.ask({ ask: "file", path })).toEqual({ kind: "unknown", why: `${path} cannot be read: it is a fifo, not a regular file` });
  });

  test("a folder or a huge file in a file's place is unknown", async () => {
    const path = join(folder, "folder");
    mkdirSync(path);
    expect(await host.ask({ ask: "file", path })).toMatchObject({ kind: "unknown" });
    const huge = file("");
    truncateSync(huge, 5 * 1024 * 1024);
    expect(await host.ask({ ask: "file", path: huge })).toMatchObject({ kind: "unknown", why: expect.stringContaining("5242880 bytes") });
  });

  test("status is of the link itself, and a sparse file says what it really takes", async () => {
    const path = file("");
    truncateSync(path, 10 * 1024 * 1024);
    expect(await host.ask({ ask: "status", path })).toMatchObject({ value: { type: "file", size: 10 * 1024 * 1024, allocated: 0 } });
    symlinkSync(path, join(folder, "link"));
    expect(await host.ask({ ask: "status", path: join(folder, "link") })).toMatchObject({ value: { type: "link" } });
    expect(await host.ask({ ask: "link", path: join(folder, "link") })).toMatchObject({ value: path });
  });

  test("what is no block device is not blank, it is unknown", async () => {
    expect(await host.ask({ ask: "blank", path: file("") })).toMatchObject({ kind: "unknown" });
  });

  test("a clock of this boot", async () => {
    expect(await host.ask({ ask: "clock" })).toMatchObject({ value: { bootId: expect.stringMatching(/^[0-9a-f]{32}$/), uid: process.getuid?.() } });
  });

  test("when the time of the look is up, everything is unknown", async () => {
    expect(await new LinuxHost(AbortSignal.abort()).ask({ ask: "directory", path: "/" })).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("--timeout"),
    });
    const late = new LinuxHost(AbortSignal.timeout(100));
    expect(await late.ask({ ask: "command", argv: ["sleep", "30"] })).toMatchObject({ kind: "unknown" });
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { isDeviceName, loadArgument, parseInfo, parsePoolStatus, parsePoolTable } from "../../../src/facts/device-mapper.ts";
import { loopInSysfs, parseLoops, loopsOf, isWhole, type LoopInSysfs } from "../../../src/facts/loop.ts";
import { fstabPoints, isBelow, mountPoints, mountUnits } from "../../../src/facts/mounts.ts";
import { parseSuperblock } from "../../../src/facts/thin-superblock.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/storage/${name}`, import.meta.url));
const text = (name: string): string => fixture(name).toString("utf8");

describe("status of a pool", () => {
  test("healthy", () => {
    expect(parsePoolStatus("0 209715200 thin-pool 0 4375/2621440 786/1638400 - rw discard_passdown queue_if_no_space - 1024 ")).toMatchObject({
      mode: "rw",
      transaction: 0,
      metadata: { used: 4375, total: 2621440 },
      data: { used: 786, total: 1638400 },
      whenFull: "queue_if_no_space",
      needsCheck: false,
    });
  });

  test.each([
    ["0 98304 thin-pool 0 13/1024 768/768 - out_of_data_space discard_passdown queue_if_no_space - 1024", "out_of_data_space", false],
    ["0 98304 thin-pool 0 13/1024 768/768 - out_of_data_space discard_passdown error_if_no_space - 1024", "out_of_data_space", false],
    ["0 409600 thin-pool 0 13/1024 8/3200 - ro discard_passdown queue_if_no_space needs_check 1024", "ro", true],
    ["0 409600 thin-pool 1 13/1024 8/3200 12 rw no_discard_passdown error_if_no_space - 1024", "rw", false],
    ["0 98304 thin-pool Fail", "fail", false],
  ])("%s", (line, mode, needsCheck) => {
    expect(parsePoolStatus(line)).toMatchObject({ mode, needsCheck });
  });

  test.each(["", "0 2097152 thin 100352 2097151", "0 1 linear", "0 1 thin-pool x 1/2 3/4 - rw", "0 1 thin-pool 0 1/2 3/4 - new_mode"])(
    "%j is none, or not known",
    (line) => {
      expect(parsePoolStatus(line)).toBeNull();
    },
  );
});

test("the table is read as it is written", () => {
  const line = loadArgument(209715200, "7:1", "7:0", 128);
  expect(line).toBe("0 209715200 thin-pool 7:1 7:0 128 32768 1 skip_block_zeroing");
  expect(parsePoolTable(`${line} `)).toMatchObject({
    sectors: 209715200,
    metadata: "7:1",
    data: "7:0",
    blockSectors: 128,
    lowWater: 32768,
    features: ["skip_block_zeroing"],
  });
  expect(parsePoolTable("0 40960 linear 98:16 3975168")).toBeNull();
});

test("info: state, tables, number, UUID", () => {
  expect(parseInfo(text("dmsetup-info").split("\n\n")[0] ?? "")).toEqual({
    state: "ACTIVE",
    tables: "LIVE",
    readOnly: false,
    openCount: 2,
    number: "254:0",
    uuid: "",
  });
  expect(parseInfo(text("dmsetup-info-suspended"))).toMatchObject({ state: "SUSPENDED" });
  expect(parseInfo("Device x not found")).toBeNull();
});

test.each([
  ["flintlock-dev-thinpool", true],
  ["flint--prod-thinpool", true],
  ["-x", false],
  ["a/b", false],
  ["a b", false],
  ["", false],
  ["..", false],
  ["x".repeat(128), false],
])("%j as a device's name", (name, expected) => {
  expect(isDeviceName(name)).toBe(expected);
});

describe("loop devices", () => {
  const loops = parseLoops(text("losetup.json")) ?? [];

  test("are known by the file behind them", () => {
    expect(loopsOf(loops, { device: "98:0", inode: 14152 }).map(({ path }) => path)).toEqual(["/dev/loop0"]);
    expect(loopsOf(loops, { device: "98:1", inode: 14152 })).toEqual([]);
    expect(loops.every(isWhole)).toBe(true);
  });

  test.each([
    [
      '{"loopdevices":[{"name":"/dev/loop3","offset":0,"sizelimit":0,"ro":true,"back-file":"/x (deleted)","back-ino":5,"back-maj:min":" 8:1 "}]}',
      { deleted: true, backFile: "/x", readOnly: true, device: "8:1" },
    ],
    [
      '{"loopdevices":[{"name":"/dev/loop3","offset":"512","sizelimit":"0","ro":"0","back-file":"/x","back-ino":"5","back-maj:min":"8:1"}]}',
      { deleted: false, readOnly: false, offset: 512, inode: 5 },
    ],
  ])("%s", (json, expected) => {
    expect(parseLoops(json)?.[0]).toMatchObject(expected);
  });

  test("nothing printed is no device; nonsense is no list; a name that is no loop device is left out", () => {
    expect(parseLoops("\n")).toEqual([]);
    expect(parseLoops("losetup: failed")).toBeNull();
    expect(parseLoops("{}")).toBeNull();
    expect(parseLoops('{"loopdevices":[{"name":"/dev/sda"},null]}')).toEqual([]);
  });

  const sysfs: LoopInSysfs = { name: "loop3", backingFile: "/a b\n", offset: "0\n", sizeLimit: "0\n", readOnly: "0\n", file: { device: "8:1", inode: 5 } };

  test("sysfs tells the same", () => {
    const whole = { path: "/dev/loop3", backFile: "/a b", deleted: false, device: "8:1", inode: 5, offset: 0, sizeLimit: 0, readOnly: false };
    expect(loopInSysfs(sysfs)).toEqual(whole);
    expect(loopInSysfs({ ...sysfs, offset: "512\n", sizeLimit: "1024\n", readOnly: "1\n" })).toEqual({
      ...whole,
      offset: 512,
      sizeLimit: 1024,
      readOnly: true,
    });
  });

  test.each<[string, Partial<LoopInSysfs>]>([
    ["its file is gone", { backingFile: "/a b (deleted)\n" }],
    ["its path leads nowhere", { file: null }],
    ["no offset", { offset: "" }],
    ["a limit that is no number", { sizeLimit: "-1\n" }],
    ["neither writable nor read-only", { readOnly: "" }],
  ])("sysfs is not enough: %s", (_, change) => {
    expect(loopInSysfs({ ...sysfs, ...change })).toBeNull();
  });

  test("lowest number first", () => {
    const both = ["/dev/loop10", "/dev/loop9"].map((path) => ({
      path,
      backFile: "/x",
      deleted: false,
      device: "8:1",
      inode: 5,
      offset: 0,
      sizeLimit: 0,
      readOnly: false,
    }));
    expect(loopsOf(both, { device: "8:1", inode: 5 }).map(({ path }) => path)).toEqual(["/dev/loop9", "/dev/loop10"]);
  });
});

describe("mounts", () => {
  test("mount points and their escapes", () => {
    expect(mountPoints(text("mountinfo"))).toContain("/lab");
    expect(mountPoints("36 35 98:0 / /mnt\\040a rw - ext4 /dev/sda rw")).toContain("/mnt a");
    expect(fstabPoints("# x\n/dev/sdb /var/lib ext4 defaults 0 0\nUUID=1 none swap sw 0 0\n")).toEqual([{ what: "/dev/sdb", where: "/var/lib", line: 2 }]);
    expect(mountUnits("Where=/\nId=-.mount\n\nId=x.mount\n\nId=lab.mount\nWhere=/lab\n")).toEqual([
      { id: "-.mount", where: "/" },
      { id: "lab.mount", where: "/lab" },
    ]);
  });

  test.each([
    ["/var/lib/x", "/var/lib", true],
    ["/var/lib", "/var/lib", true],
    ["/var/library", "/var/lib", false],
    ["/var/lib", "/", false],
  ])("%s below %s", (path, point, expected) => {
    expect(isBelow(path, point)).toBe(expected);
  });
});

describe("superblock", () => {
  const real = fixture("superblock");

  test("of a real pool", () => {
    expect(parseSuperblock(real.toString("base64"))).toEqual({
      is: "thin",
      needsCheck: false,
      blockSectors: 128,
      dataBlocks: 1638400,
      metadataBlocks: 2621440,
    });
  });

  test("needs_check, zeros, something else, too short", () => {
    const flagged = Buffer.from(real);
    flagged.writeUInt32LE(1, 4);
    expect(parseSuperblock(flagged.toString("base64"))).toMatchObject({ needsCheck: true });
    expect(parseSuperblock(Buffer.alloc(4096).toString("base64"))).toEqual({ is: "blank" });
    expect(parseSuperblock(Buffer.alloc(4096, 7).toString("base64"))).toEqual({ is: "foreign" });
    expect(parseSuperblock(real.subarray(0, 4095).toString("base64"))).toBeNull();
  });
});

test("no text makes a parser throw", () => {
  fc.assert(
    fc.property(fc.string(), (any) => {
      parsePoolStatus(any);
      parsePoolTable(any);
      parseInfo(any);
      parseLoops(any);
      parseSuperblock(any);
      mountPoints(any);
      fstabPoints(any);
      mountUnits(any);
    }),
  );
});

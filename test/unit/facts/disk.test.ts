import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { chooseDisk, describeCandidate } from "../../../src/facts/disk-choice.ts";
import { gib, isDisk, leastBytes, obstacles, parseBlockDevices, parseSignatures, swapDevices, type BlockDevice } from "../../../src/facts/disk.ts";
import type { Disk } from "../../../src/survey/disks.ts";

const device = (changes: Partial<BlockDevice> = {}): BlockDevice => ({
  name: "sdb",
  parent: "",
  type: "disk",
  size: 2 * leastBytes,
  readOnly: false,
  model: "",
  serial: "",
  fileSystem: "",
  partitionTable: "",
  mountPoint: "",
  ...changes,
});
const disk = (changes: Partial<Disk> = {}): Disk => ({
  name: "sdb",
  path: "/dev/sdb",
  aliases: ["/dev/sdb"],
  bytes: 2 * leastBytes,
  model: "",
  serial: "",
  diskseq: "7",
  taken: [],
  ...changes,
});

describe("lsblk", () => {
  test("flat and nested lists, numbers as text", () => {
    const flat =
      '{"blockdevices":[{"kname":"sda","pkname":null,"type":"disk","size":5,"ro":false,"model":" M ","serial":"S","fstype":null,"pttype":"gpt","mountpoint":null},{"kname":"sda1","pkname":"sda","type":"part","size":"4","ro":"1","mountpoint":"/"}]}';
    expect(parseBlockDevices(flat)).toEqual([
      { name: "sda", parent: "", type: "disk", size: 5, readOnly: false, model: "M", serial: "S", fileSystem: "", partitionTable: "gpt", mountPoint: "" },
      { name: "sda1", parent: "sda", type: "part", size: 4, readOnly: true, model: "", serial: "", fileSystem: "", partitionTable: "", mountPoint: "/" },
    ]);
    const nested = '{"blockdevices":[{"kname":"sda","type":"disk","size":5,"children":[{"kname":"sda1","pkname":"sda","type":"part"}]}]}';
    expect(parseBlockDevices(nested)?.map(({ name }) => name)).toEqual(["sda", "sda1"]);
  });

  test("nonsense is no list, and a hostile name is left out", () => {
    expect(parseBlockDevices("lsblk: unknown column")).toBeNull();
    expect(parseBlockDevices('{"blockdevices":[{"kname":"../x"},3]}')).toEqual([]);
  });

  test.each([
    [device(), true],
    [device({ type: "part" }), false],
    [device({ parent: "sda" }), false],
    [device({ size: 0 }), false],
    [device({ name: "zram0" }), false],
    [device({ name: "sr0" }), false],
    [device({ name: "nvme0n1" }), true],
  ])("%j is worth naming: %s", (one, expected) => {
    expect(isDisk(one)).toBe(expected);
  });
});

describe("why a disk is not free", () => {
  const part = device({ name: "sdb1", parent: "sdb", type: "part", mountPoint: "/srv" });
  test.each<[string, Parameters<typeof obstacles>, string[]]>([
    ["nothing", [device(), [device()], [], [], []], []],
    ["read-only and small", [device({ readOnly: true, size: 5 * 1024 ** 2 }), [], [], [], []], ["it is read-only", "it is too small (5 MiB)"]],
    [
      "partitions, mounted",
      [device({ partitionTable: "gpt" }), [part], ["gpt"], [], []],
      ["sdb1 is mounted at /srv", "it has partitions (sdb1)", "it has a partition table (gpt)"],
    ],
    ["LVM", [device({ fileSystem: "LVM2_member" }), [], ["LVM2_member"], ["dm-0"], []], ["it is held by dm-0", "it is an LVM physical volume"]],
    ["swap", [device({ fileSystem: "swap", mountPoint: "[SWAP]" }), [], ["swap"], [], ["sdb"]], ["sdb is swapped to", "it is swap space"]],
    ["swap that lsblk does not know", [device(), [], [], [], ["sdb"]], ["sdb is swapped to"]],
    ["ZFS and RAID", [device(), [], ["zfs_member", "linux_raid_member"], [], []], ["it is a member of a ZFS pool", "it is a member of a software RAID"]],
    ["a file system", [device({ fileSystem: "ext4" }), [], ["ext4"], [], []], ["it holds ext4"]],
  ])("%s", (_, given, expected) => {
    expect(obstacles(...given)).toEqual(expected);
  });

  test("signatures and swaps", () => {
    expect(parseSignatures('{"signatures":[{"device":"sdb","type":"ext4"}]}')).toEqual(["ext4"]);
    expect(parseSignatures('{\n   "signatures": [\n\n   ]\n}')).toEqual([]);
    expect(parseSignatures("")).toEqual([]);
    expect(parseSignatures("wipefs: error")).toBeNull();
    expect(swapDevices("Filename\tType\n/dev/sdb2 partition 1 0 -2\n/swapfile file 1 0 -3\n")).toEqual(["sdb2"]);
    expect(gib(2.5 * leastBytes)).toBe("2.5 GiB");
  });
});

describe("which disk is used", () => {
  const consent = { disk: "/dev/sdb", allowDestructive: true };
  test("the one that was named, by any of its names", () => {
    const byId = disk({ path: "/dev/disk/by-id/ata-X", aliases: ["/dev/disk/by-id/ata-X", "/dev/disk/by-id/wwn-1", "/dev/sdb"] });
    for (const name of ["/dev/sdb", "sdb", "/dev/disk/by-id/wwn-1"]) expect(chooseDisk([byId], { ...consent, disk: name }, "vg")).toEqual({ disk: byId });
  });

  test.each([
    ["DISK_NEEDED", [disk()], { disk: null, allowDestructive: true }],
    ["DISK_NEEDED", [], { disk: null, allowDestructive: false }],
    ["NO_SUCH_DISK", [disk()], { disk: "/dev/sdc", allowDestructive: true }],
    ["DISK_NOT_EMPTY", [disk({ taken: ["it holds ext4"] })], consent],
    ["DISK_NOT_HELD", [disk({ diskseq: "" })], consent],
    ["DESTRUCTIVE_WITHOUT_CONSENT", [disk()], { disk: "/dev/sdb", allowDestructive: false }],
  ])("%s", (code, disks, given) => {
    expect(chooseDisk(disks, given, "flintlock")).toMatchObject({ reason: { code } });
  });

  test("candidates are listed with model, size, serial and why", () => {
    expect(describeCandidate(disk({ path: "/dev/disk/by-id/ata-X", model: "M", serial: "S", taken: ["it holds ext4"] }))).toBe(
      "/dev/disk/by-id/ata-X (/dev/sdb, 2.0 GiB, M, serial S): not free, it holds ext4",
    );
    expect(describeCandidate(disk())).toBe("/dev/sdb (2.0 GiB, model unknown, no serial): free");
  });

  test("a disk that is not free is never chosen", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.constantFrom("sda", "sdb", "sdc"), taken: fc.array(fc.constant("x"), { maxLength: 1 }) })),
        fc.constantFrom(null, "sda", "/dev/sdb", "x"),
        fc.boolean(),
        (list, wanted, allowDestructive) => {
          const chosen = chooseDisk(
            list.map(({ name, taken }) => disk({ name, path: `/dev/${name}`, aliases: [`/dev/${name}`], taken })),
            { disk: wanted, allowDestructive },
            "vg",
          );
          if ("disk" in chosen) expect([chosen.disk.taken, allowDestructive, wanted?.endsWith(chosen.disk.name)]).toEqual([[], true, true]);
        },
      ),
    );
  });
});

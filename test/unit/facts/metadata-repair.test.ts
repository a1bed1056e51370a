import { describe, expect, test } from "@jest/globals";
import { repairHint } from "../../../src/facts/metadata-repair.ts";
import type { PoolFile, PoolFiles } from "../../../src/survey/pool-files.ts";

const file = (name: string, size: number): PoolFile => ({
  path: `/pool/${name}`,
  real: `/disk/${name}`,
  is: "file",
  why: "",
  size,
  allocated: size,
  device: "98:0",
  inode: 1,
  loops: [],
  oddLoops: [],
  users: [],
});
const files: PoolFiles = {
  folder: "/pool",
  folderExists: true,
  data: file("data", 100 * 1024 ** 3),
  metadata: file("metadata", 10 * 1024 ** 3),
  newData: file("data.fix-new", 0),
  newMetadata: file("metadata.fix-new", 0),
  space: { free: 1, total: 1 },
  loops: [],
  deleted: [],
};

describe("the manual way out of damaged metadata", () => {
  const hint = repairHint(files);

  test("works on a copy of the file that a link leads to, into a new one as long", () => {
    expect(hint).toContain("cp --sparse=always /disk/metadata /disk/metadata.damaged && truncate --size=10737418240 /disk/metadata.repaired && ");
    expect(hint).toContain(
      "thin_repair -i /disk/metadata.damaged -o /disk/metadata.repaired && thin_check /disk/metadata.repaired && thin_ls /disk/metadata.repaired",
    );
    expect(hint).not.toContain("/pool/");
  });

  test("does not chain the exchange to thin_check, which calls a metadata without any device sound", () => {
    expect(hint).toMatch(/thin_ls \S+\. Only if that lists every thin device .*: mv \/disk\/metadata\.repaired \/disk\/metadata, then fix --dry-run$/);
  });

  test("as long as its own superblock says, where the file was cut", () => {
    expect(repairHint(files, { bytes: 4096 })).toContain("truncate --size=4096 /disk/metadata.repaired");
  });

  test.each([
    [1, "the 1 thin device that"],
    [7, "the 7 thin devices that"],
    [null, "every thin device that"],
  ])("%s devices are remembered", (devices, words) => {
    expect(repairHint(files, { devices })).toContain(words);
  });

  // thin_repair(8): without a superblock it asks for these; nr-data-blocks of 100 GiB in blocks of 64 KiB.
  test("what a lost superblock said is told to thin_repair", () => {
    expect(repairHint(files, { lostSuperblock: { blockSectors: 128 } })).toContain(
      "-o /disk/metadata.repaired --transaction-id 0 --data-block-size 128 --nr-data-blocks 1638400 && thin_check",
    );
    expect(repairHint(files, { lostSuperblock: { blockSectors: 128 } })).toContain("which takes minutes): cp ");
    expect(hint).not.toMatch(/--transaction-id|minutes/);
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { chooseDevpool, newSizes, overcommitment, type DevpoolLook } from "../../../src/facts/devpool.ts";
import type { LoopDevice } from "../../../src/facts/loop.ts";
import type { Superblock } from "../../../src/facts/thin-superblock.ts";
import type { PoolFile, PoolFiles } from "../../../src/survey/pool-files.ts";

const gibibyte = 1024 ** 3;
const folder = "/var/lib/containerd-dev/snapshotter/devmapper";
const thin: Superblock = { is: "thin", needsCheck: false, blockSectors: 128, dataBlocks: 1638400, metadataBlocks: 2621440 };

const missing = (name: string): PoolFile => ({
  path: `${folder}/${name}`,
  real: `${folder}/${name}`,
  is: "absent",
  why: "",
  size: 0,
  allocated: 0,
  device: "",
  inode: 0,
  loops: [],
  oddLoops: [],
  users: [],
});
const file = (name: string, size: number, changes: Partial<PoolFile> = {}): PoolFile => ({
  ...missing(name),
  is: "file",
  size,
  allocated: 51_150_848,
  device: "98:0",
  inode: 1,
  ...changes,
});
const data = (changes: Partial<PoolFile> = {}): PoolFile => file("data", newSizes.data, changes);
const metadata = (changes: Partial<PoolFile> = {}): PoolFile => file("metadata", newSizes.metadata, changes);

const odd = (changes: Partial<LoopDevice>): LoopDevice => ({
  path: "/dev/loop4",
  backFile: `${folder}/data`,
  deleted: false,
  device: "98:0",
  inode: 1,
  offset: 0,
  sizeLimit: 0,
  readOnly: false,
  ...changes,
});

function files(changes: Partial<PoolFiles> = {}): PoolFiles {
  return {
    folder,
    folderExists: true,
    data: data(),
    metadata: metadata(),
    newData: missing("data.fix-new"),
    newMetadata: missing("metadata.fix-new"),
    space: { free: 2 * gibibyte, total: 3 * gibibyte },
    loops: [],
    deleted: [],
    ...changes,
  };
}

function look(changes: Partial<DevpoolLook> = {}): DevpoolLook {
  return {
    pool: "flintlock-dev-thinpool",
    poolWhere: "/etc/containerd/config-dev.toml:14",
    containerdUnit: "containerd-dev.service",
    flintlockdUnit: "flintlockd.service",
    containerdRoot: "/var/lib/containerd-dev",
    files: files(),
    superblock: thin,
    missingMount: null,
    tableless: false,
    remembered: 0,
    ...changes,
  };
}

const gone = { data: missing("data"), metadata: missing("metadata") };
const untouched = { allocated: 0 };

describe("what can be had back", () => {
  test("both files: attached again with the old table", () => {
    const choice = chooseDevpool(look({ remembered: 3 }));
    expect(choice).toMatchObject({
      is: "possible",
      devpool: { files: "existing", sectors: 209715200, blockSectors: 128, data: { loop: null }, metadata: { loop: null } },
    });
  });

  test("loop devices that are attached already are used, the lowest of several", () => {
    const choice = chooseDevpool(look({ files: files({ data: data({ loops: ["/dev/loop2", "/dev/loop5"] }) }) }));
    expect(choice).toMatchObject({ devpool: { data: { loop: "/dev/loop2" }, metadata: { loop: null } } });
  });

  test("the block size is the pool's own", () => {
    const choice = chooseDevpool(look({ superblock: { ...thin, blockSectors: 256, dataBlocks: 819200 } }));
    expect(choice).toMatchObject({ devpool: { blockSectors: 256 } });
  });

  test("neither file, nothing remembered: new ones, and how far they are overcommitted", () => {
    const choice = chooseDevpool(look({ files: files(gone) }));
    expect(choice).toMatchObject({ devpool: { files: "new", makeFolder: false, data: { bytes: newSizes.data }, metadata: { bytes: newSizes.metadata } } });
    expect(choice.is === "possible" && choice.devpool.overcommitted).toContain("overcommitted by 108.0 GiB");
  });

  test("a folder that is not there is made with them", () => {
    expect(chooseDevpool(look({ files: files({ ...gone, folderExists: false }) }))).toMatchObject({ devpool: { files: "new", makeFolder: true } });
  });

  test("cut off after data was renamed: finished", () => {
    const halfway = files({ data: data(untouched), metadata: missing("metadata"), newMetadata: file("metadata.fix-new", newSizes.metadata, untouched) });
    expect(chooseDevpool(look({ files: halfway, superblock: null }))).toMatchObject({ devpool: { files: "unfinished" } });
  });

  test("cut off before the pool was made: both files empty", () => {
    const empty = files({ data: data(untouched), metadata: metadata(untouched) });
    expect(chooseDevpool(look({ files: empty, superblock: { is: "blank" } }))).toMatchObject({ devpool: { files: "blank" } });
  });

  test("cut off before anything was renamed: made again", () => {
    const before = files({ ...gone, newData: file("data.fix-new", newSizes.data, untouched), newMetadata: file("metadata.fix-new", 0, untouched) });
    expect(chooseDevpool(look({ files: before }))).toMatchObject({ devpool: { files: "new" } });
  });
});

describe("what is refused", () => {
  test.each<[string, Partial<DevpoolLook>]>([
    ["MOUNT_MISSING", { files: files(gone), missingMount: { where: "/var/lib/containerd-dev", says: "/etc/fstab:3 (/dev/sdb)" } }],
    ["SNAPSHOTS_REMEMBERED", { files: files(gone), remembered: 1 }],
    ["SNAPSHOTS_REMEMBERED", { files: files({ data: data(untouched), metadata: metadata(untouched) }), superblock: { is: "blank" }, remembered: 2 }],
    ["NO_SPACE_FOR_POOL", { files: files({ ...gone, space: { free: gibibyte - 1, total: 3 * gibibyte } }) }],
    ["POOL_FILE_ODD", { files: files({ ...gone, newData: file("data.fix-new", 5, { allocated: 4096 }) }) }],
    ["POOL_FILE_ODD", { files: files({ data: { ...data(), is: "odd", why: "a directory" } }) }],
    ["DATA_FILE_MISSING", { files: files({ data: missing("data") }) }],
    ["METADATA_FILE_MISSING", { files: files({ metadata: missing("metadata") }), superblock: null }],
    ["METADATA_FILE_MISSING", { files: files({ data: data(untouched), metadata: missing("metadata") }), superblock: null }],
    [
      "METADATA_FILE_MISSING",
      {
        files: files({ data: data({ size: 5, allocated: 0 }), metadata: missing("metadata"), newMetadata: file("metadata.fix-new", 1, untouched) }),
        superblock: null,
      },
    ],
    ["POOL_FILE_EMPTY", { files: files({ metadata: metadata({ size: 0 }) }), superblock: null }],
    ["METADATA_ZEROED", { superblock: { is: "blank" } }],
    ["METADATA_DAMAGED", { superblock: { is: "foreign" } }],
    ["METADATA_DAMAGED", { superblock: null }],
    ["METADATA_TOO_SHORT", { files: files({ metadata: metadata({ size: 1024 ** 2 }) }) }],
    ["DATA_FILE_TOO_SHORT", { files: files({ data: data({ size: 50 * gibibyte }) }) }],
    ["NEEDS_CHECK", { superblock: { ...thin, needsCheck: true } }],
    ["LOOP_IS_PARTIAL", { files: files({ data: data({ oddLoops: [odd({ offset: 512 })] }) }) }],
    ["LOOP_IS_PARTIAL", { files: files({ metadata: metadata({ oddLoops: [odd({ sizeLimit: 512 })] }) }) }],
    ["LOOP_IS_READ_ONLY", { files: files({ data: data({ oddLoops: [odd({ readOnly: true })] }) }) }],
    ["FILES_IN_OTHER_POOL", { files: files({ data: data({ loops: ["/dev/loop0"], users: ["flintlock-dev-thinpool"] }) }), pool: "other-thinpool" }],
    [
      "FILE_DELETED_IN_USE",
      {
        files: files({
          ...gone,
          deleted: [{ path: "/dev/loop0", backFile: `${folder}/data`, deleted: true, device: "98:0", inode: 9, offset: 0, sizeLimit: 0, readOnly: false }],
        }),
      },
    ],
  ])("%s", (code, changes) => {
    const choice = chooseDevpool(look(changes));
    expect(choice).toMatchObject({ is: "refused", reason: { code } });
    expect(choice.is === "refused" && choice.reason.hint).toMatch(/fix --dry-run|fix --apply|systemctl|save it/);
  });
});

test("data is never made new where any is left, or where it is not known whether containerd remembers any", () => {
  const anyFile = fc.record({
    is: fc.constantFrom("absent" as const, "file" as const, "odd" as const),
    size: fc.constantFrom(0, 5, newSizes.data),
    allocated: fc.constantFrom(0, 4096),
  });
  fc.assert(
    fc.property(
      anyFile,
      anyFile,
      fc.constantFrom(null, 0, 1, 2),
      fc.constantFrom<Superblock | null>(null, thin, { is: "blank" }, { is: "foreign" }),
      (one, other, remembered, superblock) => {
        const choice = chooseDevpool(look({ files: files({ data: { ...data(), ...one }, metadata: { ...metadata(), ...other } }), remembered, superblock }));
        if (choice.is === "refused") expect(choice.reason.code).toMatch(/^[A-Z_]+$/);
        else if (choice.is === "depends") expect(remembered).toBeNull();
        else if (choice.devpool.files !== "existing") {
          expect(remembered).toBe(0);
          expect(one.is === "absent" || one.allocated === 0).toBe(true);
          expect(other.is === "absent" || other.allocated === 0).toBe(true);
        }
      },
    ),
  );
});

test("overcommitment is only said where the files can outgrow their file system", () => {
  expect(overcommitment(files({ space: { free: 200 * gibibyte, total: 300 * gibibyte } }), newSizes.data, newSizes.metadata)).toBeNull();
  expect(overcommitment(files(), newSizes.data, newSizes.metadata)).toContain("fills up before the pool does");
});

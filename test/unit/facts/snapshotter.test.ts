import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { isDevmapper, parsePlugins, pluginErrors } from "../../../src/facts/plugins.ts";
import type { LoopDevice } from "../../../src/facts/loop.ts";
import type { Beneath } from "../../../src/facts/lost-volumes.ts";
import type { Superblock } from "../../../src/facts/thin-superblock.ts";
import type { PoolFile } from "../../../src/survey/pool-files.ts";
import { faultyDevices, whyNotLoaded, type PluginLook } from "../../../src/facts/snapshotter.ts";

const text = (name: string): string => readFileSync(new URL(`../../fixtures/storage/${name}`, import.meta.url), "utf8");
const snapshotter = "io.containerd.snapshotter.v1.devmapper";

describe("ctr plugins ls", () => {
  test.each([
    ["plugins-healthy", "ok", 0],
    ["plugins-rebooted", "error", 1],
    ["plugins-rebooted-c2", "error", 36],
  ])("%s", (name, status, errors) => {
    const plugins = parsePlugins(text(name)) ?? [];
    expect(plugins.find(isDevmapper)?.status).toBe(status);
    expect(plugins.filter((plugin) => plugin.status === "error")).toHaveLength(errors);
  });

  test("anything else is no list", () => {
    expect(parsePlugins("ctr: failed to dial")).toBeNull();
    expect(parsePlugins("")).toBeNull();
    expect(parsePlugins("TYPE ID PLATFORMS STATUS\n\nx\n")).toEqual([]);
  });

  test("the plugin's own words", () => {
    expect(pluginErrors(text("plugins-detailed-rebooted")).get(snapshotter)).toBe(
      'failed to query pool "/dev/mapper/flintlock-dev-thinpool": no such device or address',
    );
    expect(pluginErrors(text("plugins-detailed-recreated-empty")).get(snapshotter)).toContain(
      'failed to activate new thin device "flintlock-dev-thinpool-snap-3" (dev: 3): no data available',
    );
    expect(pluginErrors("")).toEqual(new Map());
  });

  test("no text makes a parser throw", () => {
    fc.assert(
      fc.property(fc.string(), (any) => {
        parsePlugins(any);
        pluginErrors(any);
      }),
    );
  });
});

describe("whether a restart would load it", () => {
  const look = (changes: Partial<PluginLook>): PluginLook => ({
    message: 'failed to query pool "/dev/mapper/p": no such device or address',
    poolName: "p",
    poolEmpty: false,
    remembered: 3,
    root: "/var/lib/containerd-dev",
    rootPath: "/var/lib/containerd-dev/snapshotter/devmapper",
    beneath: { untold: "losetup --list did not answer" },
    containerdUnit: "containerd-dev.service",
    ...changes,
  });

  test("it came before the pool, or says nothing: yes", () => {
    expect(whyNotLoaded(look({}))).toBeNull();
    expect(whyNotLoaded(look({ message: "" }))).toBeNull();
    expect(whyNotLoaded(look({ poolEmpty: true, remembered: 0 }))).toBeNull();
    expect(whyNotLoaded(look({ poolEmpty: true, remembered: null }))).toBeNull();
  });

  test.each<[string, Partial<PluginLook>]>([
    ["POOL_IS_EMPTY", { poolEmpty: true }],
    [
      "VOLUMES_NOT_IN_POOL",
      { message: 'failed to check devices state: 1 error occurred: * devmapper: failed to activate new thin device "p-snap-2" (dev: 2): no data available' },
    ],
    ["TOOL_MISSING", { message: 'exec: "dmsetup": executable file not found in $PATH' }],
    ["TOOL_MISSING", { message: 'exec: "blkdiscard": executable file not found in $PATH' }],
    ["PLUGIN_MISCONFIGURED", { message: "base_image_size is required" }],
  ])("%s", (code, changes) => {
    expect(whyNotLoaded(look(changes))).toMatchObject({ code });
  });

  const folder = "/var/lib/containerd-dev/snapshotter/devmapper";
  const file = (name: string, changes: Partial<PoolFile> = {}): PoolFile => ({
    path: `${folder}/${name}`,
    real: `${folder}/${name}`,
    is: "file",
    why: "",
    size: 10 * 1024 ** 3,
    allocated: 0,
    device: "98:0",
    inode: 1,
    loops: [],
    oddLoops: [],
    users: [],
    ...changes,
  });
  const absent: Partial<PoolFile> = { is: "absent", size: 0 };
  const loop = (name: string, changes: Partial<LoopDevice> = {}): LoopDevice => ({
    path: `/dev/${name}`,
    backFile: `/srv/o/${name}`,
    deleted: false,
    device: "98:0",
    inode: 9,
    offset: 0,
    sizeLimit: 0,
    readOnly: false,
    ...changes,
  });
  const thin: Superblock = { is: "thin", needsCheck: false, blockSectors: 128, dataBlocks: 1, metadataBlocks: 1 };
  interface Below extends Partial<Omit<Beneath, "ground">> {
    data?: Partial<PoolFile>;
    metadata?: Partial<PoolFile>;
    slaves?: string[];
    deleted?: LoopDevice[];
  }
  const below = ({ data, metadata, slaves = ["loop0", "loop1"], deleted = [], superblock = thin, missingMount = null }: Below): Beneath => ({
    ground: {
      files: {
        folder,
        folderExists: true,
        data: file("data", data),
        metadata: file("metadata", metadata),
        newData: file("data.fix-new", absent),
        newMetadata: file("metadata.fix-new", absent),
        space: { free: 1, total: 1 },
        loops: [loop("loop0"), loop("loop1")],
        deleted,
      },
      slaves,
      units: { containerd: "containerd-dev.service", flintlockd: "flintlockd.service" },
    },
    superblock,
    missingMount,
  });
  const own = { data: { loops: ["/dev/loop0"] }, metadata: { loops: ["/dev/loop1"], allocated: 4096 } };
  const written = { allocated: 51_150_848 };
  const apart = /dmsetup remove --retry p; losetup --detach \/dev\/loop0 \/dev\/loop1; fix --apply$/;

  describe("an empty pool under remembered snapshots", () => {
    test("on its own files, which are new: what is left is a backup, or to give up, by this host's own paths", () => {
      const reason = whyNotLoaded(look({ poolEmpty: true, beneath: below(own) }));
      expect(reason?.code).toBe("POOL_IS_EMPTY");
      expect(reason?.message).toContain("its files were made anew");
      expect(reason?.hint).toContain(
        "mv /var/lib/containerd-dev.old/snapshotter/devmapper/data /var/lib/containerd-dev.old/snapshotter/devmapper/metadata /var/lib/containerd-dev/snapshotter/devmapper/",
      );
    });

    test.each<[string, string, Below, RegExp, RegExp]>([
      [
        "on other files, its own ones whole",
        "POOL_ON_OTHER_FILES",
        { data: written, metadata: written },
        /on loop0 \(\/srv\/o\/loop0\) and loop1 \(\/srv\/o\/loop1\), and not on the files in root_path\. Of those, .*\/data is there \(10\.0 GiB, 49 MiB written\) and .*\/metadata is there .* superblock of a thin pool$/,
        apart,
      ],
      ["… on its own data and other metadata", "POOL_ON_OTHER_FILES", { data: { ...written, loops: ["/dev/loop0"] } }, /data is there/, apart],
      ["… on disks", "POOL_ON_OTHER_FILES", { data: written, slaves: ["sdb", "sdc"] }, /on sdb and sdc, and not on/, /dmsetup remove --retry p; fix --apply$/],
      ["… on a file that was deleted since", "POOL_ON_OTHER_FILES", { data: written, deleted: [loop("loop0", { deleted: true })] }, /data is there/, apart],
      [
        "… on something that sysfs does not tell",
        "POOL_ON_OTHER_FILES",
        { data: written, slaves: [] },
        /on something unknown/,
        /dmsetup remove --retry p; fix/,
      ],
      [
        "on other files, the metadata not readable",
        "POOL_ON_OTHER_FILES",
        { data: written, superblock: null },
        /metadata is there \([^)]*\)$/,
        /; fix --dry-run$/,
      ],
      ["on other files, one of its own gone", "POOL_ON_OTHER_FILES", { data: written, metadata: absent }, /metadata does not exist$/, /; fix --dry-run$/],
      [
        "on other files, one of its own odd",
        "POOL_ON_OTHER_FILES",
        { data: { is: "odd", why: "a link to /x, which does not exist" } },
        /data is a link to/,
        /--dry-run$/,
      ],
      [
        "its own metadata, from an offset on",
        "LOOP_IS_PARTIAL",
        { data: { loops: ["/dev/loop0"] }, metadata: { oddLoops: [loop("loop1", { offset: 4096 })] } },
        /metadata through \/dev\/loop1, which begins at byte 4096/,
        /; fix --dry-run$/,
      ],
      [
        "its metadata alone made anew",
        "POOL_IS_EMPTY",
        { ...own, data: { ...own.data, ...written } },
        /metadata was made anew, while .*data still has 49 MiB/,
        /restore .*metadata from a backup/,
      ],
      [
        "on new files where the old ones' file system is not mounted",
        "MOUNT_MISSING",
        { ...own, missingMount: { where: "/var/lib/containerd-dev", says: "/etc/fstab:3 (/dev/sdb)" } },
        /is not mounted \(\/etc\/fstab:3/,
        /mount \/var\/lib\/containerd-dev && fix --dry-run$/,
      ],
    ])("%s: nothing is said to be gone, and nothing to be given up", (_, code, beneath, message, hint) => {
      const reason = whyNotLoaded(look({ poolEmpty: true, beneath: below(beneath) }));
      expect(reason?.code).toBe(code);
      expect(reason?.message).toMatch(/^pool p is empty, and containerd remembers 3 snapshots in it/);
      expect(reason?.message).toMatch(message);
      expect(reason?.hint).toMatch(hint);
      expect(`${reason?.message} ${reason?.hint}`).not.toMatch(/gone|give up every/);
    });

    test("what it lies on cannot be told: it is said so", () => {
      const reason = whyNotLoaded(look({ poolEmpty: true }));
      expect(reason?.message).toMatch(/whether the files that held them are still there cannot be told: losetup --list did not answer$/);
      expect(reason?.hint).not.toMatch(/give up/);
    });

    test("on devices, without any file: there is nothing to move along", () => {
      const reason = whyNotLoaded(look({ poolEmpty: true, beneath: below({ data: absent, metadata: absent, slaves: ["dm-1", "dm-2"] }) }));
      expect(reason?.code).toBe("POOL_IS_EMPTY");
      expect(reason?.hint).toMatch(/mkdir -p \/var\/lib\/containerd-dev\/snapshotter\/devmapper && fix --apply$/);
    });
  });

  test("a pool that holds others: on its own files, on other files, on deleted ones", () => {
    const message = 'devmapper: failed to activate new thin device "p-snap-2" (dev: 2): no data available';
    const code = (beneath: Below): string | undefined => whyNotLoaded(look({ message, beneath: below(beneath) }))?.code;
    expect(code(own)).toBe("VOLUMES_NOT_IN_POOL");
    expect(code({ data: written })).toBe("POOL_ON_OTHER_FILES");
    expect(code({ data: absent, deleted: [loop("loop0", { deleted: true })] })).toBe("FILE_DELETED_IN_USE");
  });

  test("faulty volumes", () => {
    expect(
      faultyDevices([
        { name: "a", state: 4, error: "" },
        { name: "b", state: 13, error: "x" },
      ]),
    ).toEqual(["b"]);
  });
});

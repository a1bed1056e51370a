import { describe, expect, test } from "@jest/globals";
import { parsePoolStatus, parsePoolTable } from "../../../src/facts/device-mapper.ts";
import type { LoopDevice } from "../../../src/facts/loop.ts";
import type { Ground } from "../../../src/facts/pool-footing.ts";
import type { Judgement } from "../../../src/facts/pool-fault.ts";
import { judgePool } from "../../../src/facts/pool-health.ts";
import type { PoolDevice } from "../../../src/survey/pool.ts";
import type { PoolFile, PoolFiles } from "../../../src/survey/pool-files.ts";

const gibibyte = 1024 ** 3;
const folder = "/var/lib/containerd-dev/snapshotter/devmapper";
const healthyStatus = "0 209715200 thin-pool 0 4375/2621440 786/1638400 - rw discard_passdown queue_if_no_space - 1024";
const nearlyFull = healthyStatus.replace("4375/2621440", "2621000/2621440");
const healthyTable = "0 209715200 thin-pool 7:1 7:0 128 32768 1 skip_block_zeroing";

function device(status = healthyStatus, changes: Partial<PoolDevice> & { state?: string; uuid?: string } = {}): PoolDevice {
  const { state = "ACTIVE", uuid = "", ...rest } = changes;
  const table = rest.tableText ?? healthyTable;
  return {
    info: { state, tables: rest.inactive ? "LIVE & INACTIVE" : "LIVE", readOnly: false, openCount: 2, number: "254:0", uuid },
    target: table.split(" ")[2] ?? "",
    status: parsePoolStatus(status),
    table: parsePoolTable(table),
    statusText: status,
    tableText: table,
    inactive: "",
    changing: false,
    ...rest,
  };
}
const file = (name: string, size: number, loop: string, changes: Partial<PoolFile> = {}): PoolFile => ({
  path: `${folder}/${name}`,
  real: `${folder}/${name}`,
  is: "file",
  why: "",
  size,
  allocated: 4096,
  device: "98:0",
  inode: 1,
  loops: [loop],
  oddLoops: [],
  users: ["p"],
  ...changes,
});
const nothing: PoolFile = { ...file("x", 0, ""), is: "absent", loops: [] };
function files(changes: Partial<PoolFiles> = {}): PoolFiles {
  return {
    folder,
    folderExists: true,
    data: file("data", 100 * gibibyte, "/dev/loop0"),
    metadata: file("metadata", 10 * gibibyte, "/dev/loop1"),
    newData: nothing,
    newMetadata: nothing,
    space: { free: 200 * gibibyte, total: 300 * gibibyte },
    loops: [],
    deleted: [],
    ...changes,
  };
}
const units = { containerd: "containerd-dev.service", flintlockd: "flintlockd.service" };
const loopOf = (path: string, changes: Partial<LoopDevice> = {}): LoopDevice => ({
  path,
  backFile: `${folder}/data`,
  deleted: false,
  device: "98:0",
  inode: 5,
  offset: 0,
  sizeLimit: 0,
  readOnly: false,
  ...changes,
});
const ground = (on = files(), slaves = ["loop0", "loop1"]): Ground => ({ files: on, slaves, units });
function judge(one: PoolDevice, on: PoolFiles | null = files(), slaves = ["loop0", "loop1"], name = "p"): Judgement {
  const judged = judgePool(name, one, on && ground(on, slaves));
  if ("unclear" in judged) throw new Error(judged.unclear);
  return judged;
}
const told = ({ faults }: Judgement): [string, boolean, string | null][] => faults.map(({ is, breaks, reason }) => [is, breaks, reason?.code ?? null]);

test("a healthy pool has no fault, on files and on LVM", () => {
  expect(judge(device())).toEqual({ faults: [], growable: null });
  expect(judge(device("0 3973120 thin-pool 0 524/5120 106/3880 - rw no_discard_passdown queue_if_no_space - 1024"), null, [])).toEqual({
    faults: [],
    growable: null,
  });
});

describe("what the status says", () => {
  test.each<[string, PoolDevice, [string, boolean, string | null][]]>([
    ["failed", device("0 98304 thin-pool Fail"), [["fail", true, "POOL_FAILED"]]],
    ["read-only", device("0 1 thin-pool 0 1/100 1/100 - ro discard_passdown queue_if_no_space - 1024"), [["read-only", true, "POOL_READ_ONLY"]]],
    [
      "needs a check",
      device("0 1 thin-pool 0 1/100 1/100 - ro discard_passdown queue_if_no_space needs_check 1024"),
      [["needs-check", true, "POOL_NEEDS_CHECK"]],
    ],
    [
      "metadata nearly full",
      device("0 1 thin-pool 0 90/100 1/100 - rw discard_passdown queue_if_no_space - 1024"),
      [["metadata-full", false, "METADATA_NEARLY_FULL"]],
    ],
    ["suspended", device(healthyStatus, { state: "SUSPENDED" }), [["suspended", true, "POOL_SUSPENDED"]]],
    ["an inactive table", device(healthyStatus, { inactive: healthyTable }), [["inactive-table", false, null]]],
    [
      "suspended with a second table: somebody's work",
      device(healthyStatus, { state: "SUSPENDED", inactive: healthyTable }),
      [["suspended", true, "POOL_SUSPENDED"]],
    ],
    ["no thin-pool", device("0 10 linear", { tableText: "0 10 linear 8:16 0" }), [["table-differs", true, "NOT_A_THIN_POOL"]]],
  ])("%s", (_, one, expected) => {
    expect(told(judge(one))).toEqual(expected);
  });

  test("just below the limit of metadata is healthy", () => {
    expect(judge(device("0 1 thin-pool 0 89/100 1/100 - rw discard_passdown queue_if_no_space - 1024", { tableText: healthyTable })).faults).toEqual([]);
  });

  test("full on LVM is refused with LVM's own way", () => {
    const [fault] = judge(device("0 98304 thin-pool 0 13/1024 768/768 - out_of_data_space discard_passdown queue_if_no_space - 1024"), null, []).faults;
    expect(fault).toMatchObject({ is: "out-of-data-space", breaks: true, reason: { code: "POOL_FULL" } });
  });

  test("a status of an unknown shape, and a pool that is being changed, are unclear", () => {
    expect(judgePool("p", device("0 1 thin-pool new words"), ground())).toHaveProperty("unclear");
    expect(judgePool("p", device(healthyStatus, { changing: true }), ground())).toHaveProperty("unclear");
  });

  test("LVM's own way names the volume group and the volume as LVM does", () => {
    const hintOf = (status: string, name: string): string =>
      judge(device(status), null, ["sdb"], name)
        .faults.flatMap(({ reason }) => (reason ? [reason.hint] : []))
        .join("\n");
    expect(hintOf(nearlyFull, "flintlock-thinpool")).toBe("lvextend --poolmetadatasize +1G flintlock/thinpool");
    expect(hintOf(nearlyFull, "my--group-thin--pool")).toBe("lvextend --poolmetadatasize +1G my-group/thin-pool");
    expect(hintOf(healthyStatus.replace(" rw ", " ro "), "my--group-thin--pool")).toContain("lvconvert --repair my-group/thin-pool");
  });

  test("metadata that is nearly full: how much is left, and the way to grow it where it lies", () => {
    const [fault] = judge(device(nearlyFull)).faults;
    expect(fault?.reason?.message).toMatch(/ has 440 of 2621440 blocks left/);
    expect(fault?.reason?.hint).toContain(`truncate --size=+1G ${folder}/metadata && losetup --set-capacity /dev/loop1 && dmsetup suspend p`);
    const [loose] = judge(device(nearlyFull), files({ metadata: file("metadata", 10 * gibibyte, "", { loops: [] }) })).faults;
    expect(loose?.reason?.hint).toContain("--set-capacity LOOP");
  });

  test("what is no thin pool is told by its table; LVM's own layer over one has its own way out", () => {
    const of = (tableText: string, uuid = "") => judge(device("", { tableText, status: null, table: null, uuid }), null).faults[0];
    expect(of("0 8 linear 8:0 0")).toMatchObject({
      summary: "device p is no thin-pool but linear",
      reason: { code: "NOT_A_THIN_POOL", hint: expect.stringMatching(/^see what made it: dmsetup table p/) },
    });
    expect(of("0 8 linear 8:0 0", "LVM-abc-tpool")?.reason?.hint).toMatch(/^LVM keeps thin volumes of its own in that pool/);
    expect(of("0 8 crypt x", "LVM-abc-tpool")?.reason?.hint).toMatch(/^see what made it/);
    expect(of("")?.summary).toBe("device p is no thin-pool but without a live table");
  });

  test("the manual way has the pool's own files in it", () => {
    const [fault] = judge(device("0 98304 thin-pool Fail")).faults;
    expect(fault?.reason?.hint).toContain(`thin_repair -i ${folder}/metadata.damaged -o ${folder}/metadata.repaired`);
    expect(judge(device("0 98304 thin-pool Fail"), null, []).faults[0]?.reason?.hint).toContain("lvconvert --repair");
  });
});

describe("what the files say", () => {
  test.each<[string, PoolFiles, string[], [string, boolean, string | null][]]>([
    [
      "deleted",
      files({
        data: nothing,
        deleted: [loopOf("/dev/loop0", { deleted: true })],
      }),
      ["loop0", "loop1"],
      [["table-differs", false, "FILE_DELETED_IN_USE"]],
    ],
    ["other files", files(), ["loop7", "loop8"], [["table-differs", false, "POOL_ON_OTHER_FILES"]]],
    ["cut", files({ data: file("data", 50 * gibibyte, "/dev/loop0") }), ["loop0", "loop1"], [["table-differs", false, "DATA_FILE_TOO_SHORT"]]],
    ["metadata cut", files({ metadata: file("metadata", 1024 ** 2, "/dev/loop1") }), ["loop0", "loop1"], [["table-differs", false, "METADATA_TOO_SHORT"]]],
    ["grown and not finished", files({ data: file("data", 120 * gibibyte, "/dev/loop0") }), ["loop0", "loop1"], [["not-grown", false, null]]],
    ["on disks", files({ data: nothing, metadata: nothing }), ["sdb", "sdc"], []],
  ])("%s", (_, on, slaves, expected) => {
    expect(told(judge(device(), on, slaves))).toEqual(expected);
  });

  test("of other files, an empty pool may be taken away; one that holds something is a person's to tell", () => {
    const hint = (status: string, on = files()): string => judge(device(status), on, ["loop7", "loop8"]).faults[0]?.reason?.hint ?? "";
    const empty = healthyStatus.replace("786/", "0/");
    expect(hint(empty)).toMatch(/dmsetup remove --retry p; losetup --detach \/dev\/loop7 \/dev\/loop8; fix --apply$/);
    expect(hint(healthyStatus)).toMatch(/^see which file is the pool's/);
    expect(hint(empty, files({ data: nothing, metadata: nothing }))).toMatch(/^see which file is the pool's/);
  });

  test.each<[string, Partial<LoopDevice>, string, string]>([
    ["read-only", { readOnly: true }, "LOOP_IS_READ_ONLY", "which is read-only: it cannot write there"],
    ["with an offset", { offset: 4096 }, "LOOP_IS_PARTIAL", "which begins at byte 4096 of it (offset): it sees other data than the whole file holds"],
    ["with a size limit", { sizeLimit: 8192 }, "LOOP_IS_PARTIAL", "which shows 8192 bytes of it (sizelimit): it sees"],
  ])("a loop device %s over its own file is told as that, and how to attach it as it should be", (_, changes, code, words) => {
    for (const name of ["data", "metadata"] as const) {
      const slave = name === "data" ? "/dev/loop0" : "/dev/loop1";
      const on = files();
      const [fault] = judge(device(), { ...on, [name]: { ...on[name], loops: [], oddLoops: [loopOf(slave, changes)] } }).faults;
      expect(fault).toMatchObject({ is: "table-differs", breaks: false, reason: { code } });
      expect(fault?.summary).toContain(`pool p lies on ${folder}/${name} through ${slave}, ${words}`);
      expect(fault?.reason?.hint).toMatch(
        /systemctl stop flintlockd\.service containerd-dev\.service; .*dmsetup remove --retry p; losetup --detach \/dev\/loop0 \/dev\/loop1; fix --apply$/,
      );
    }
  });

  test("a loop device over a part of its file that the pool does not lie on is no fault of the pool", () => {
    expect(
      judge(device(), files({ data: file("data", 100 * gibibyte, "/dev/loop0", { oddLoops: [loopOf("/dev/loop5", { readOnly: true })] }) })).faults,
    ).toEqual([]);
  });

  test("a deleted file is saved with nothing that writes to it any more, and before its loop device is let go", () => {
    const deleted = [
      loopOf("/dev/loop0", { deleted: true }),
      loopOf("/dev/loop1", { deleted: true, backFile: `${folder}/metadata` }),
      loopOf("/dev/loop7", { deleted: true }),
    ];
    const [fault] = judge(device(), files({ data: nothing, metadata: nothing, folderExists: false, deleted })).faults;
    const order = [
      "systemctl stop flintlockd.service containerd-dev.service",
      "end the MicroVMs",
      "grep '^p-snap-' | xargs --no-run-if-empty dmsetup remove",
      "dmsetup suspend p &&",
      `mkdir --parents ${folder} &&`,
      `blockdev --flushbufs /dev/loop0 && cp --sparse=always /dev/loop0 ${folder}/data.saved && mv --backup=numbered ${folder}/data.saved ${folder}/data &&`,
      `cp --sparse=always /dev/loop1 ${folder}/metadata.saved`,
      "dmsetup remove --retry p;",
      "losetup --detach /dev/loop0 /dev/loop1;",
      "fix --apply",
    ].map((words) => fault?.reason?.hint.indexOf(words) ?? -1);
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(fault?.reason?.hint).not.toContain("loop7");
  });

  test("what was begun is finished with the table that is there", () => {
    expect(judge(device(), files({ data: file("data", 120 * gibibyte, "/dev/loop0") })).growable).toMatchObject({
      from: 120 * gibibyte,
      to: 120 * gibibyte,
      loop: "/dev/loop0",
    });
  });
});

describe("a pool that something else breaks is not grown, for that would resume it", () => {
  const asked = "0 209715200 thin-pool 0 13/1024 500/1638400 - rw discard_passdown queue_if_no_space - 1024";
  test.each<[string, PoolDevice, string]>([
    ["suspended", device(asked, { state: "SUSPENDED" }), "POOL_SUSPENDED"],
    ["read-only", device(asked.replace(" rw ", " ro ")), "POOL_READ_ONLY"],
    ["to be checked", device(asked.replace("queue_if_no_space -", "queue_if_no_space needs_check")), "POOL_NEEDS_CHECK"],
    ["failed", device("0 209715200 thin-pool Fail"), "POOL_FAILED"],
    ["suspended and full", device(asked.replace(" rw ", " out_of_data_space "), { state: "SUSPENDED" }), "POOL_SUSPENDED"],
    ["to be checked and full", device(asked.replace(" rw ", " out_of_data_space ").replace("space -", "space needs_check")), "POOL_NEEDS_CHECK"],
  ])("%s", (_, one, code) => {
    for (const data of [100, 120]) {
      const judged = judge(one, files({ data: file("data", data * gibibyte, "/dev/loop0", { allocated: data * gibibyte }) }));
      expect(judged.growable).toBeNull();
      expect(told(judged)).toContainEqual([expect.any(String), true, code]);
    }
  });

  test("metadata that is nearly full does not break it", () => {
    expect(judge(device(nearlyFull), files({ data: file("data", 120 * gibibyte, "/dev/loop0") })).growable).not.toBeNull();
  });
});

describe("a full pool", () => {
  const full = device("0 2097152 thin-pool 0 13/1024 16384/16384 - out_of_data_space discard_passdown queue_if_no_space - 1024", {
    tableText: "0 2097152 thin-pool 7:1 7:0 128 32768 1 skip_block_zeroing",
  });
  const on = (free: number, allocated = gibibyte): PoolFiles =>
    files({ data: file("data", gibibyte, "/dev/loop0", { allocated }), space: { free, total: 300 * gibibyte } });

  test("grows by a fifth, in whole blocks", () => {
    const { growable } = judge(full, on(100 * gibibyte));
    expect(growable).toMatchObject({ from: gibibyte, to: Math.floor((gibibyte * 1.2) / 65536) * 65536 });
  });

  test("within what is really free", () => {
    const { growable } = judge(full, on(612 * 1024 ** 2));
    expect(growable?.to).toBe(gibibyte + 100 * 1024 ** 2);
  });

  test.each([
    ["no room", on(520 * 1024 ** 2)],
    ["room that the file itself will need", on(gibibyte, 0)],
  ])("%s: refused", (_, files) => {
    const judged = judge(full, files);
    expect(judged.growable).toBeNull();
    expect(told(judged)).toEqual([["out-of-data-space", true, "NO_SPACE_TO_GROW"]]);
  });

  test("on other files it is left alone", () => {
    expect(judge(full, on(100 * gibibyte), ["loop7", "loop8"]).growable).toBeNull();
  });
});

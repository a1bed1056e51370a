/** Steps on a pool that lies on loop files. */

import { loadArgument } from "../facts/device-mapper.ts";
import type { Devpool } from "../facts/devpool.ts";
import { gib } from "../facts/disk.ts";
import type { FindingId } from "../report.ts";
import { newSuffix } from "../survey/pool-files.ts";
import type { Action, Step } from "./action.ts";

const untouched = "no running MicroVM is touched";
const checkMs = 600_000;

/** `script`: provision.sh does what makes the pool; the checks before and after stay. */
export function recreateDevpool(devpool: Devpool, because: FindingId[], script: { argv: string[]; sha256: string } | null): Step {
  const { pool, files } = devpool;
  const fresh = files !== "existing";
  return {
    key: "recreate-devpool",
    id: "recreate-devpool",
    title: fresh ? `make thin pool ${pool} on ${files === "new" ? "new" : "empty"} sparse files` : `re-attach thin pool ${pool}`,
    because,
    risk: "safe",
    impact:
      fresh && devpool.overcommitted !== null
        ? `${untouched}; the pool is empty; ${devpool.overcommitted}`
        : fresh
          ? `${untouched}; the pool is empty`
          : untouched,
    actions: [
      ...checks(devpool),
      ...(devpool.tableless ? clearWay(pool) : []),
      { do: "require", that: { is: "pool-absent", pool }, because: `a device ${pool} appeared since` },
      ...(script ? byScript(script) : natively(devpool)),
      { do: "await", that: { is: "pool-active", pool }, withinMs: 15_000 },
      { do: "await", that: { is: "device-node", path: `/dev/mapper/${pool}` }, withinMs: 15_000 },
    ],
    done: { is: "pool-active", pool },
    provides: ["pool"],
    after: ["flintlockd-stopped"],
    needs: [],
  };
}

function checks({ files, data, metadata }: Devpool): Action[] {
  const unchanged = ({ path, bytes }: { path: string; bytes: number }): Action => ({
    do: "require",
    that: { is: "file-size", path, bytes },
    because: `${path} is not what it was when the plan was made`,
  });
  if (files === "existing") return [{ do: "run", argv: ["thin_check", metadata.path], timeoutMs: checkMs }];
  if (files === "blank") return [unchanged(data), unchanged(metadata)];
  return [];
}

/** A `dmsetup create` that was cut off leaves a device without a table, which holds nothing. */
function clearWay(pool: string): Action[] {
  return [
    { do: "require", that: { is: "pool-tableless", pool }, because: `${pool} has a table now` },
    { do: "run", argv: ["dmsetup", "remove", pool], retries: 3 },
  ];
}

function byScript({ argv, sha256 }: { argv: string[]; sha256: string }): Action[] {
  const path = argv.find((word) => word.startsWith("/")) ?? "";
  return [
    { do: "require", that: { is: "file-sha256", path, sha256 }, because: `${path} changed since the plan was made` },
    { do: "run", argv, timeoutMs: checkMs },
  ];
}

function natively(devpool: Devpool): Action[] {
  const { pool, data, metadata, sectors, blockSectors } = devpool;
  return [
    ...newFiles(devpool),
    ...attach(data, "data-loop"),
    ...attach(metadata, "meta-loop"),
    {
      do: "run",
      argv: ["dmsetup", "create", pool, "--table", loadArgument(sectors, metadata.loop ?? "{meta-loop}", data.loop ?? "{data-loop}", blockSectors)],
    },
  ];
}

function attach({ path, loop }: Devpool["data"], name: string): Action[] {
  // Another program may take the free device that was found before it is used: then it is looked for again.
  return loop === null ? [{ do: "run", argv: ["losetup", "--find", "--show", path], bind: { name, pattern: "/dev/loop[0-9]+" }, retries: 2 }] : [];
}

/** Made under other names and renamed, metadata last: wherever this is cut off, the next run can tell where it was. */
function newFiles({ files, folder, makeFolder, data, metadata }: Devpool): Action[] {
  if (files !== "new" && files !== "unfinished") return [];
  const make = ({ path, bytes }: Devpool["data"]): Action => ({ do: "run", argv: ["truncate", `--size=${bytes}`, `${path}${newSuffix}`] });
  const rename = ({ path }: Devpool["data"]): Action[] => [
    { do: "require", that: { is: "path-absent", path }, because: `${path} appeared since the plan was made` },
    { do: "run", argv: ["mv", "--no-clobber", "--no-target-directory", `${path}${newSuffix}`, path] },
    { do: "require", that: { is: "path-absent", path: `${path}${newSuffix}` }, because: `${path} appeared since the plan was made` },
  ];
  return [
    ...(makeFolder ? [{ do: "run" as const, argv: ["mkdir", "--parents", folder] }] : []),
    ...(files === "new" ? [make(data), make(metadata), ...rename(data)] : [make(metadata)]),
    ...rename(metadata),
  ];
}

/** The live table stays: only the one that was never put in force goes (dmsetup(8), clear). */
export function clearInactiveTable(pool: string, because: FindingId[]): Step {
  return {
    key: "clear-inactive-table",
    id: "clear-inactive-table",
    title: `clear the inactive table of ${pool}`,
    because,
    risk: "safe",
    impact: `${untouched}; the live table stays as it is`,
    actions: [
      { do: "require", that: { is: "inactive-table", pool }, because: `${pool} has no inactive table any more` },
      { do: "run", argv: ["dmsetup", "clear", pool] },
    ],
    provides: ["pool-upkeep"],
    after: [],
    needs: [],
  };
}

export interface Growth {
  pool: string;
  data: { path: string; loop: string; from: number; to: number };
  /** Of the live table: everything but the length stays. */
  table: { metadata: string; data: string; lowWater: number; blockSectors: number; features: string[] };
}

/** New blocks at the end of the data file; nothing that is there moves (kernel: thin-provisioning.rst, "Extending the data device"). */
export function growDevpool({ pool, data, table }: Growth, because: FindingId[]): Step {
  const line = `0 ${Math.floor(data.to / 512)} thin-pool ${table.metadata} ${table.data} ${table.blockSectors} ${table.lowWater} ${table.features.length}${table.features.map((word) => ` ${word}`).join("")}`;
  return {
    key: "grow-devpool",
    id: "grow-devpool",
    title: data.to > data.from ? `grow thin pool ${pool} from ${gib(data.from)} to ${gib(data.to)}` : `let thin pool ${pool} use the whole of ${data.path}`,
    because,
    risk: "safe",
    impact: `${untouched}; writes that wait for space go on`,
    actions: [
      // The resume below is to end nobody's suspension.
      { do: "require", that: { is: "pool-active", pool }, because: `${pool} was suspended since the plan was made` },
      { do: "require", that: { is: "file-size", path: data.path, bytes: data.from }, because: `${data.path} is not what it was when the plan was made` },
      ...(data.to > data.from ? [{ do: "run" as const, argv: ["truncate", `--size=${data.to}`, data.path] }] : []),
      { do: "run", argv: ["losetup", "--set-capacity", data.loop] },
      { do: "run", argv: ["dmsetup", "reload", pool, "--table", line] },
      { do: "run", argv: ["dmsetup", "resume", pool] },
      { do: "await", that: { is: "pool-active", pool }, withinMs: 15_000 },
    ],
    provides: ["pool"],
    // A table that it loads takes the place of one that was left behind, and there is none to clear then.
    after: ["pool-upkeep"],
    needs: [],
  };
}

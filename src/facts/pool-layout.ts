/** What a pool's table names against the files that should be below it. Pure. */

import { gib } from "./disk.ts";
import { oddness } from "./loop.ts";
import { repairHint } from "./metadata-repair.ts";
import type { PoolStatus, PoolTable } from "./device-mapper.ts";
import { saveDeleted, takeApart } from "./pool-apart.ts";
import type { Judgement } from "./pool-fault.ts";
import { footing, groundWords, type Ground } from "./pool-footing.ts";
import { metadataBlockBytes } from "./thin-superblock.ts";
import type { PoolFiles } from "../survey/pool-files.ts";

/** `table`: null where it was not asked for. */
export function byFiles(pool: string, status: PoolStatus, table: PoolTable | null, ground: Ground): Judgement {
  const differs = (code: string, message: string, hint: string): Judgement => ({
    faults: [{ is: "table-differs", summary: message, breaks: false, reason: { code, message, hint } }],
    growable: null,
  });
  const { files, slaves } = ground;
  const { data, metadata } = files;
  const found = footing(ground);
  switch (found.on) {
    case "devices":
      return { faults: [], growable: null };
    case "deleted": {
      const { loops } = found;
      const [names, old] = [loops.map(({ path }) => path).join(" and "), loops.map(({ backFile }) => backFile).join(" and ")];
      return differs(
        "FILE_DELETED_IN_USE",
        `pool ${pool} runs on ${names}, over ${old}, deleted since: what is on it is gone with the next reboot`,
        saveDeleted(pool, ground, loops),
      );
    }
    case "part": {
      const { loop, file } = found;
      return differs(
        loop.readOnly ? "LOOP_IS_READ_ONLY" : "LOOP_IS_PARTIAL",
        `pool ${pool} lies on ${file.path} through ${loop.path}, which ${oddness(loop)}: ${loop.readOnly ? "it cannot write there" : "it sees other data than the whole file holds"}`,
        `take it apart, and it is attached again as it should be: ${takeApart(pool, ground)}; fix --apply`,
      );
    }
    case "other": {
      const { file } = found;
      const there = file.is === "file";
      return differs(
        "POOL_ON_OTHER_FILES",
        `pool ${pool} lies on ${groundWords(ground)}, and not on ${file.path}${there ? "" : ", which does not exist"}: after a reboot ${there ? "other data" : "nothing"} would be found there`,
        there && status.data.used === 0
          ? `nothing is on it, so take it away, and the files in ${files.folder} are looked at and attached again: ${takeApart(pool, ground)}; fix --apply`
          : `see which file is the pool's: losetup --list; dmsetup deps -o devname ${pool}`,
      );
    }
    case "own":
      break;
  }
  const known = status.metadata.total * metadataBlockBytes;
  if (metadata.size < known)
    return differs(
      "METADATA_TOO_SHORT",
      `${metadata.path} is ${gib(metadata.size)} long, and pool ${pool} uses ${gib(known)} of it: the file was cut under a live pool`,
      `stop flintlockd and containerd before anything else is written; restore ${metadata.path} from a backup, or ${repairHint(files)}`,
    );
  const bytes = (table ?? status).sectors * 512;
  const whole = Math.floor(data.size / 512) * 512;
  if (whole < bytes)
    return differs(
      "DATA_FILE_TOO_SHORT",
      `${data.path} is ${gib(data.size)} long, and pool ${pool} is ${gib(bytes)}: the file was cut under a live pool`,
      `stop flintlockd and containerd; truncate --size=${bytes} ${data.path} && losetup --set-capacity ${data.loops[0] ?? "LOOP"}; what was cut off is lost: check every MicroVM's volume (fsck)`,
    );
  if (whole > bytes)
    return {
      faults: [
        {
          is: "not-grown",
          summary: `${data.path} is ${gib(data.size)} long, and pool ${pool} uses ${gib(bytes)} of it: growing it was begun and not finished`,
          breaks: false,
          reason: null,
        },
      ],
      growable: table && { path: data.path, loop: loopUnder(data, slaves), from: data.size, to: data.size, table },
    };
  return { faults: [], growable: null };
}

const loopUnder = (file: PoolFiles["data"], slaves: readonly string[]): string => file.loops.find((loop) => slaves.includes(loop.slice("/dev/".length))) ?? "";

/** What a pool's table names against the files that should be below it. Pure. */

import { gib } from "./disk.ts";
import { repairHint } from "./metadata-repair.ts";
import type { PoolStatus, PoolTable } from "./device-mapper.ts";
import type { Judgement } from "./pool-fault.ts";
import { metadataBlockBytes } from "./thin-superblock.ts";
import type { PoolFiles } from "../survey/pool-files.ts";

/** `table`: null where it was not asked for. `slaves`: kernel names of what the pool lies on. */
export function byFiles(pool: string, status: PoolStatus, table: PoolTable | null, files: PoolFiles, slaves: readonly string[]): Judgement {
  const differs = (code: string, message: string, hint: string): Judgement => ({
    faults: [{ is: "table-differs", summary: message, breaks: false, reason: { code, message, hint } }],
    growable: null,
  });
  const { data, metadata, deleted } = files;
  const gone = deleted.find((loop) => slaves.includes(loop.path.slice("/dev/".length)));
  if (gone)
    return differs(
      "FILE_DELETED_IN_USE",
      `pool ${pool} runs on ${gone.path}, whose file ${gone.backFile} was deleted: its data is gone with the next reboot`,
      `save it while it is attached: stop flintlockd and containerd, then cp --sparse=always ${gone.path} ${gone.backFile}.saved; mv ${gone.backFile}.saved ${gone.backFile}`,
    );
  const under = (file: PoolFiles["data"]): boolean => file.loops.some((loop) => slaves.includes(loop.slice("/dev/".length)));
  const onLoops = slaves.length > 0 && slaves.every((name) => /^loop\d+$/.test(name));
  // Neither of the files and no loop device: a pool that was made in another way, which is nobody's fault.
  if (!onLoops && !under(data) && !under(metadata)) return { faults: [], growable: null };
  for (const file of [data, metadata])
    if (!under(file))
      return differs(
        "POOL_ON_OTHER_FILES",
        `pool ${pool} lies on ${slaves.map((name) => backed(name, files)).join(" and ")}, and not on ${file.path}${file.is === "file" ? "" : ", which does not exist"}: after a reboot ${file.is === "file" ? "other data" : "nothing"} would be found there`,
        `see which file is the pool's: losetup --list; dmsetup deps -o devname ${pool}`,
      );
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

function backed(name: string, { loops }: PoolFiles): string {
  const file = loops.find(({ path }) => path === `/dev/${name}`)?.backFile;
  return file === undefined ? name : `${name} (${file})`;
}

const loopUnder = (file: PoolFiles["data"], slaves: readonly string[]): string => file.loops.find((loop) => slaves.includes(loop.slice("/dev/".length))) ?? "";

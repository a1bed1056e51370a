/** Where the pool does not hold the volumes that containerd remembers: what it lies on, and where they may be instead. Pure. */

import { untouched, type Reason } from "./devpool.ts";
import { gib } from "./disk.ts";
import { oddness } from "./loop.ts";
import { takeApart } from "./pool-apart.ts";
import { footing, groundWords, type Ground } from "./pool-footing.ts";
import type { Superblock } from "./thin-superblock.ts";
import type { MissingMount, PoolFile } from "../survey/pool-files.ts";

export interface Beneath {
  ground: Ground;
  /** Of the metadata file in root_path; null where it has none, or it could not be read. */
  superblock: Superblock | null;
  missingMount: MissingMount | null;
}

export interface LostVolumes {
  pool: string;
  code: "POOL_IS_EMPTY" | "VOLUMES_NOT_IN_POOL";
  /** What is seen of the loss. */
  lost: string;
  beneath: Beneath | { untold: string };
  rootPath: string;
  root: string;
}

/** That they are gone is said, and how to give them up, only where nothing is left that could hold them. */
export function lostVolumes(look: LostVolumes): Reason {
  const { pool, code, lost, beneath, rootPath } = look;
  if ("untold" in beneath)
    return {
      code,
      message: `${lost}; whether the files that held them are still there cannot be told: ${beneath.untold}`,
      hint: `look for them before anything is given up: dmsetup deps -o devname ${pool}; losetup --list; ls -ls ${rootPath}`,
    };
  const { ground, missingMount } = beneath;
  const { data, metadata, folder } = ground.files;
  if (missingMount)
    return {
      code: "MOUNT_MISSING",
      message: `${lost}; ${missingMount.where}, which should hold ${folder}, is not mounted (${missingMount.says}): what held them may be on it`,
      hint: `take the pool apart, and mount it: ${takeApart(pool, ground)}; mount ${missingMount.where} && fix --dry-run`,
    };
  const found = footing(ground);
  switch (found.on) {
    case "own":
      return onItsOwn(look, ground);
    case "part":
      return {
        code: found.loop.readOnly ? "LOOP_IS_READ_ONLY" : "LOOP_IS_PARTIAL",
        message: `${lost}: it lies on ${found.file.path} through ${found.loop.path}, which ${oddness(found.loop)}`,
        hint: `take it apart, and its files are looked at as a whole: ${takeApart(pool, ground)}; fix --dry-run`,
      };
    case "deleted":
      if (code !== "POOL_IS_EMPTY")
        return {
          code: "FILE_DELETED_IN_USE",
          message: `${lost}; it runs on ${found.loops.map(({ path }) => path).join(" and ")}, whose file was deleted`,
          hint: `save first what it holds now: fix --dry-run --only thinpool-unhealthy says how`,
        };
      return elsewhere(look, beneath);
    case "devices":
      if (data.is !== "absent" || metadata.is !== "absent") return elsewhere(look, beneath);
      return {
        code,
        message: `${lost}: it was made anew, and is no pool on the files of ${folder}, which do not exist`,
        hint: `restore what it held from a backup. ${giveUp(look, ground)}`,
      };
    case "other":
      return elsewhere(look, beneath);
  }
}

function onItsOwn(look: LostVolumes, ground: Ground): Reason {
  const { code, lost, rootPath } = look;
  const { data, metadata, folder } = ground.files;
  if (code === "VOLUMES_NOT_IN_POOL")
    return {
      code,
      message: lost,
      hint: `the pool's files are not the ones that belong to ${rootPath}/metadata.db: restore both from the same backup. ${giveUp(look, ground)}`,
    };
  if (untouched(data))
    return {
      code,
      message: `${lost}: its files were made anew (provision.sh devpool does that), and the old ones are not in ${folder} any more`,
      hint: `restore the pool's old data and metadata, from where they were moved to or from a backup. ${giveUp(look, ground)}`,
    };
  return {
    code,
    message: `${lost}: its metadata ${metadata.path} was made anew, while ${data.path} still has ${gib(data.allocated)} of what was written before`,
    hint: `nothing else tells which block of the data belongs to which snapshot, so restore ${metadata.path} from a backup, before more is written: ${takeApart(look.pool, ground)}; then fix --dry-run`,
  };
}

/** The pool's own files are not below it: once the other pool is out of the way, the next look tells what there is of them. */
function elsewhere({ pool, lost }: LostVolumes, { ground, superblock }: Beneath): Reason {
  const { data, metadata } = ground.files;
  const intact = data.is === "file" && metadata.is === "file" && superblock?.is === "thin";
  const own = `${fileWords(data)} and ${fileWords(metadata)}${intact ? ", which has the superblock of a thin pool" : ""}`;
  return {
    code: "POOL_ON_OTHER_FILES",
    message: `${lost}: it is another pool under the same name, on ${groundWords(ground) || "something unknown"}, and not on the files in root_path. Of those, ${own}`,
    hint: `take the other pool away, and ${intact ? "the files in root_path are checked and attached again" : "see what is left of the files in root_path"}: ${takeApart(pool, ground)}; fix ${intact ? "--apply" : "--dry-run"}`,
  };
}

function fileWords({ path, is, why, size, allocated }: PoolFile): string {
  if (is === "file") return `${path} is there (${gib(size)}, ${gib(allocated)} written)`;
  return is === "absent" ? `${path} does not exist` : `${path} is ${why}`;
}

/** What is on the pool now may go with it: new files are moved along, another device stays where it is. */
function giveUp({ root, rootPath }: LostVolumes, { units, files }: Ground): string {
  const old = `${root}.old${rootPath.slice(root.length)}`;
  const along = files.data.is === "file" && files.metadata.is === "file" ? ` && mv ${old}/data ${old}/metadata ${rootPath}/` : "";
  return `To give up every MicroVM of this host and keep the pool as it is: systemctl stop ${units.flintlockd} ${units.containerd} && mv ${root} ${root}.old && mkdir -p ${rootPath}${along} && fix --apply`;
}

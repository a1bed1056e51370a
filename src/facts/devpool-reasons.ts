/** Why a pool on loop files is not touched, and the exact way out. Pure. */

import { gib } from "./disk.ts";
import { oddness } from "./loop.ts";
import type { DevpoolLook, Reason } from "./devpool.ts";
import type { PoolFiles } from "../survey/pool-files.ts";

/** What rules everything out. */
export function unfit({ files, missingMount, pool, poolWhere, containerdUnit }: DevpoolLook): Reason | null {
  const { folder, deleted, data, metadata } = files;
  if (missingMount)
    return {
      code: "MOUNT_MISSING",
      message: `${missingMount.where}, which should hold ${folder}, is not mounted (${missingMount.says}): the pool's files are on it, not in the empty folder below it`,
      hint: `mount ${missingMount.where} && fix --dry-run`,
    };
  const lost = deleted[0];
  if (lost)
    return {
      code: "FILE_DELETED_IN_USE",
      message: `${lost.backFile} was deleted or replaced while ${lost.path} still holds it: what the pool stored is there until that loop device goes`,
      hint: `save it first: cp --sparse=always ${lost.path} ${lost.backFile}.saved; then decide which of the two is the pool's`,
    };
  const user = [...data.users, ...metadata.users].find((name) => name !== pool);
  if (user !== undefined)
    return {
      code: "FILES_IN_OTHER_POOL",
      message: `the files in ${folder} are in use by device-mapper device ${user}: pool_name ${pool} (${poolWhere}) names a pool that never was on them`,
      hint: `if ${user} is the pool: set pool_name = "${user}" in ${poolWhere}, then: systemctl restart ${containerdUnit}`,
    };
  for (const file of [data, metadata]) {
    if (file.is === "odd")
      return {
        code: "POOL_FILE_ODD",
        message: `${file.path} is no regular file but ${file.why}`,
        hint: `put the pool's own file there (ls -la ${folder}), then fix --dry-run`,
      };
    const [odd] = file.oddLoops;
    if (odd)
      return {
        code: odd.readOnly ? "LOOP_IS_READ_ONLY" : "LOOP_IS_PARTIAL",
        message: `${odd.path} on ${file.path} ${oddness(odd)}; a pool over it would not be the old one`,
        hint: `if nothing uses it: losetup --detach ${file.oddLoops.map(({ path }) => path).join(" ")}, then fix --dry-run`,
      };
    if (file.is === "file" && file.size === 0)
      return {
        code: "POOL_FILE_EMPTY",
        message: `${file.path} is 0 bytes long: it was cut or never finished, and ${pool} cannot be on it`,
        hint: emptyHint(files),
      };
  }
  return null;
}

function emptyHint({ data, metadata }: PoolFiles): string {
  return `restore both from a backup. Only if nothing on them is wanted any more: rm ${data.path} ${metadata.path}, then fix --dry-run`;
}

export function oneMissing(look: DevpoolLook): Reason {
  const { data, metadata } = look.files;
  const [gone, left] = data.is === "absent" ? [data, metadata] : [metadata, data];
  const use =
    gone === data
      ? "without the data there is nothing that the metadata could describe"
      : "without the metadata nobody knows which block of the data belongs to which snapshot";
  return {
    code: gone === data ? "DATA_FILE_MISSING" : "METADATA_FILE_MISSING",
    message: `${gone.path} is missing while ${left.path} is there (${gib(left.size)}, ${gib(left.allocated)} written): ${use}`,
    hint: `restore ${gone.path} from a backup, then fix --dry-run. ${startAnew(look)}`,
  };
}

/** The one way that gives up everything and leaves nothing that remembers it. Nothing is deleted by it. */
export function startAnew({ containerdRoot, containerdUnit, flintlockdUnit, files }: DevpoolLook): string {
  return `To give up every MicroVM of this host and start empty: systemctl stop ${flintlockdUnit} ${containerdUnit} && mv ${containerdRoot} ${containerdRoot}.old && mkdir -p ${files.folder} && fix --apply`;
}

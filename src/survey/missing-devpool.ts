/** A pool on loop files that is not there: what there is of its files, and whether it can be had back. */

import { evidence, refOf } from "../evidence.ts";
import { chooseDevpool, type Devpool, type Reason } from "../facts/devpool.ts";
import { repairHint, usualBlockSectors } from "../facts/metadata-repair.ts";
import { valueOf } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import { refusal, scriptFor, sure, Untold, type Found } from "./missing-facts.ts";
import { missingMount, superblockOf, type PoolFiles } from "./pool-files.ts";
import { missingTools } from "./programs.ts";
import { isReason } from "./provision-script.ts";
import { fileEvidence } from "./storage-evidence.ts";
import type { Survey } from "./survey.ts";

export async function missingDevpool(survey: Survey, pool: string, tableless: boolean): Promise<Found> {
  const [files, config, layout] = [sure(await survey.poolFiles()), sure(await survey.containerd()), sure(await survey.layout())];
  const both = files.data.is === "file" && files.metadata.is === "file";
  const [superblock, mount] = [sure(await superblockOf(survey.host, files)), both ? null : sure(await missingMount(survey.host, files.folder))];
  const holdsPool = both && superblock?.is === "thin";
  const told = holdsPool ? null : await survey.remembered();
  const remembered = told && valueOf(told);
  const choice = chooseDevpool({
    pool,
    poolWhere: config.poolWhere,
    containerdUnit: layout.containerdUnit,
    flintlockdUnit: layout.flintlockdUnit,
    containerdRoot: config.root,
    files,
    superblock,
    missingMount: mount,
    tableless,
    remembered: remembered?.snapshots ?? null,
  });
  const seen = [...[files.data, files.metadata].map(fileEvidence), ...(remembered?.evidence ?? [])];
  if (choice.is === "refused") return refusal(choice.reason, "", seen);
  if (choice.is === "depends") throw new Untold(told?.kind === "unknown" ? told.why : "it was not asked what containerd remembers");
  const tools = await missingTools(survey, choice.devpool.files === "existing" ? ["losetup", "dmsetup", "thin_check"] : ["losetup", "dmsetup", "truncate"]);
  if (tools) return refusal(tools, "", seen);
  if (choice.devpool.files === "existing") {
    const { checked, damage } = await check(survey, files);
    seen.push(checked);
    if (damage) return refusal(damage, ", and its metadata is damaged", seen);
  }
  const script = await scriptFor(survey);
  if (script && isReason(script)) return refusal(script, "", seen);
  const own = script === null ? null : ownFolder(choice.devpool, pool);
  if (own) return refusal(own, "", seen);
  return {
    facts: { way: "devpool", devpool: choice.devpool, script },
    evidence: seen,
    because: { existing: "; its files are there", new: "; it has no files", blank: "; its files are new and empty", unfinished: "; its files are half made" }[
      choice.devpool.files
    ],
  };
}

/** provision.sh knows one folder, and pools that are named after it (build_containerd_paths, do_all_devpool). */
function ownFolder({ folder }: Devpool, pool: string): Reason | null {
  const hint = "leave out --provisioner script: the tool itself can do it";
  if (folder !== "/var/lib/containerd-dev/snapshotter/devmapper")
    return {
      code: "SCRIPT_CANNOT",
      message: `provision.sh devpool makes its files in /var/lib/containerd-dev/snapshotter/devmapper only, and root_path is ${folder}`,
      hint,
    };
  if (!pool.endsWith("-thinpool")) return { code: "SCRIPT_CANNOT", message: `provision.sh names every pool NAME-thinpool, and pool_name is ${pool}`, hint };
  return null;
}

/** thin_check belongs to the look: what it finds decides whether there is anything to plan. */
async function check(survey: Survey, files: PoolFiles): Promise<{ checked: Evidence; damage: Reason | null }> {
  const { argv, sound, words } = sure(await survey.thinCheck());
  const checked = evidence({ source: "command", ref: refOf(argv), at: null, excerpt: words });
  if (sound) return { checked, damage: null };
  const last = words.split("\n").at(-1)?.trim() ?? "";
  // Its fields cannot be relied on where its checksum is wrong: what it says of the block size is what is usual, or damaged.
  const lostSuperblock = last.includes("superblock") ? { lostSuperblock: { blockSectors: usualBlockSectors } } : {};
  const hint = repairHint(files, { ...lostSuperblock, devices: valueOf(await survey.remembered())?.snapshots ?? null });
  return { checked, damage: { code: "METADATA_DAMAGED", message: `thin_check finds damage in the pool's metadata ${files.metadata.real}: ${last}`, hint } };
}

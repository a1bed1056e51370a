/** Where the pool is not there: what there is of it, and whether it can be had back. Everything here only reads. */

import { evidence, refOf } from "../evidence.ts";
import { chooseDevpool, repairHint, type Devpool, type Reason } from "../facts/devpool.ts";
import { chooseLvm, thinPools, type Stage, type Volume } from "../facts/direct-lvm.ts";
import { namesOf, profilePath } from "../facts/lvm.ts";
import { valueOf, type Answer } from "../host/inspector.ts";
import { healthy, problem, unknownBecause, type Diagnosis } from "../remediation.ts";
import type { Evidence, Profile } from "../report.ts";
import type { Disk } from "./disks.ts";
import { missingMount, superblockOf } from "./pool-files.ts";
import { logEvidence, waitingMicrovms } from "./storage-evidence.ts";
import { isReason, provisionScript, type ProvisionScript } from "./provision-script.ts";
import type { Survey } from "./survey.ts";

export type MissingPool =
  | { way: "devpool"; devpool: Devpool; script: ProvisionScript | null }
  | { way: "activate"; volume: Volume }
  | { way: "provision"; volume: Volume; from: Stage; disks: Disk[]; writeProfile: boolean; script: ProvisionScript | null; elsewhere: string[]; poolWhere: string }
  | { way: "refused"; reason: Reason };

/** What is left to be found out is unknown: then so is the whole. */
class Unknown extends Error {}

function sure<T>(answer: Answer<T>): T {
  if (answer.kind === "known") return answer.value;
  throw new Unknown(answer.why);
}

interface Found {
  facts: MissingPool;
  evidence: Evidence[];
  /** Behind "device-mapper pool NAME does not exist". */
  because: string;
}

export async function inspectMissingPool(survey: Survey): Promise<Diagnosis<MissingPool>> {
  const [pool, config, layout, journal] = await Promise.all([survey.pool(), survey.containerd(), survey.layout(), survey.journal()]);
  if (pool.kind === "unknown" || config.kind !== "known" || layout.kind !== "known") return unknownBecause([pool, config, layout].flatMap((answer) => (answer.kind === "known" ? [] : [answer.why]))[0] ?? "");
  const { poolName, poolWhere, configPath } = config.value;
  if (pool.kind === "absent" || poolName === null) return notConfigured(configPath, layout.value.containerdUnit);
  const { exists, device } = pool.value;
  if (exists && device?.target !== "") return healthy(`device-mapper device ${poolName} exists`, pool.value.evidence.slice(0, 1));
  const base = [...pool.value.evidence, evidence({ source: "file", ref: poolWhere, at: null, excerpt: `pool_name = "${poolName}"` }), ...logEvidence(journal, "thinpool-missing")];
  try {
    const found = await missing(survey, poolName, layout.value.profile, exists);
    const microvms = waitingMicrovms(valueOf(await survey.microvms()));
    return problem(`device-mapper pool ${poolName} ${exists ? "is a device without a table" : "does not exist"}${found.because}`, [...base, ...found.evidence], found.facts, { microvms });
  } catch (error) {
    if (error instanceof Unknown) return unknownBecause(`device-mapper pool ${poolName} does not exist, and what is left of it cannot be told: ${error.message}`, base);
    throw error;
  }
}

function notConfigured(configPath: string, unit: string): Diagnosis<MissingPool> {
  const reason = {
    code: "POOL_NOT_CONFIGURED",
    message: `${configPath} does not configure the devmapper snapshotter, which flintlock keeps the volumes of its MicroVMs in`,
    hint: `add [plugins."io.containerd.snapshotter.v1.devmapper"] with pool_name, root_path and base_image_size to ${configPath}, then: systemctl restart ${unit}`,
  };
  return problem(`containerd's configuration names no thin pool`, [evidence({ source: "file", ref: configPath, at: null, excerpt: "no pool_name" })], { way: "refused", reason });
}

async function missing(survey: Survey, pool: string, profile: Profile, tableless: boolean): Promise<Found> {
  const kind = profile === "dev" ? "dev" : await kindByTraces(survey, pool, profile);
  if (kind === "dev") return devpool(survey, pool, tableless);
  if (kind === "prod") return directLvm(survey, pool);
  const { reason } = sure(await survey.layout());
  return refusal({ code: "PROFILE_UNKNOWN", message: `whether ${pool} is a development pool on files or a volume group cannot be told: ${reason}`, hint: "say which: --profile dev or --profile prod" }, "");
}

const refusal = (reason: Reason, because: string, seen: Evidence[] = []): Found => ({ facts: { way: "refused", reason }, evidence: seen, because });

/** What there is of the pool counts for more than what it should be on. */
async function kindByTraces(survey: Survey, pool: string, profile: Profile): Promise<Profile> {
  const [files, lvm] = await Promise.all([survey.poolFiles(), survey.lvm()]);
  const onFiles = valueOf(files)?.data.is === "file" && valueOf(files)?.metadata.is === "file";
  const group = namesOf(pool)?.volumeGroup;
  const onLvm = group !== undefined && (valueOf(lvm)?.volumeGroups ?? []).some((row) => row["vg_name"] === group);
  if (onFiles === onLvm) return profile;
  return onFiles ? "dev" : "prod";
}

async function devpool(survey: Survey, pool: string, tableless: boolean): Promise<Found> {
  const [files, config, layout] = [sure(await survey.poolFiles()), sure(await survey.containerd()), sure(await survey.layout())];
  const both = files.data.is === "file" && files.metadata.is === "file";
  const [superblock, mount] = [sure(await superblockOf(survey.host, files)), both ? null : sure(await missingMount(survey.host, files.folder))];
  const holdsPool = both && superblock?.is !== "blank";
  const remembered = holdsPool ? null : sure(await survey.remembered());
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
    remembered: remembered?.snapshots ?? 0,
  });
  const seen = [...[files.data, files.metadata].map(fileEvidence), ...(remembered?.evidence ?? [])];
  if (choice.is === "refused") return refusal(choice.reason, "", seen);
  const tools = await missingTools(survey, choice.devpool.files === "existing" ? ["losetup", "dmsetup", "thin_check"] : ["losetup", "dmsetup", "truncate"]);
  if (tools) return refusal(tools, "", seen);
  if (choice.devpool.files === "existing") {
    const check = sure(await survey.thinCheck());
    const checked = evidence({ source: "command", ref: refOf(check.argv), at: null, excerpt: check.words });
    if (!check.sound)
      return refusal(
        { code: "METADATA_DAMAGED", message: `thin_check finds damage in the pool's metadata ${files.metadata.real}: ${check.words.split("\n").slice(-1)[0]?.trim() ?? ""}`, hint: repairHint(files) },
        ", and its metadata is damaged",
        [...seen, checked],
      );
    seen.push(checked);
  }
  const script = await scriptFor(survey);
  if (script && isReason(script)) return refusal(script, "", seen);
  const own = script === null ? null : ownFolder(choice.devpool, pool);
  if (own) return refusal(own, "", seen);
  return { facts: { way: "devpool", devpool: choice.devpool, script }, evidence: seen, because: choice.devpool.files === "existing" ? "; its files are there" : "; it has no files" };
}

/** provision.sh knows one folder, and pools that are named after it (build_containerd_paths, do_all_devpool). */
function ownFolder({ folder }: Devpool, pool: string): Reason | null {
  const hint = "leave out --provisioner script: the tool itself can do it";
  if (folder !== "/var/lib/containerd-dev/snapshotter/devmapper") return { code: "SCRIPT_CANNOT", message: `provision.sh devpool makes its files in /var/lib/containerd-dev/snapshotter/devmapper only, and root_path is ${folder}`, hint };
  if (!pool.endsWith("-thinpool")) return { code: "SCRIPT_CANNOT", message: `provision.sh names every pool NAME-thinpool, and pool_name is ${pool}`, hint };
  return null;
}

function fileEvidence({ path, is, why, size, allocated, loops }: { path: string; is: string; why: string; size: number; allocated: number; loops: string[] }): Evidence {
  const excerpt = is === "absent" ? "does not exist" : is === "odd" ? why : `${size} bytes, ${allocated} allocated${loops.length > 0 ? `, on ${loops.join(" and ")}` : ", on no loop device"}`;
  return evidence({ source: "file", ref: path, at: null, excerpt });
}

async function directLvm(survey: Survey, pool: string): Promise<Found> {
  const [answer, config, layout] = [await survey.lvm(), sure(await survey.containerd()), sure(await survey.layout())];
  if (answer.kind === "absent") return refusal(packaged("lvm"), "", []);
  const lvm = sure(answer);
  const names = namesOf(pool);
  const there = lvm.volumeGroups.some((row) => row["vg_name"] === names?.volumeGroup);
  const remembered = there ? null : valueOf(await survey.remembered());
  const choice = chooseLvm({ pool, poolWhere: config.poolWhere, containerdUnit: layout.containerdUnit, lvm, remembered: there ? null : (remembered?.snapshots ?? null) });
  const groups = lvm.volumeGroups.map((row) => `${row["vg_name"] ?? ""} (${row["pv_count"] ?? "?"} PV, ${row["lv_count"] ?? "?"} LV, ${row["vg_size"] ?? ""})`);
  const seen = [evidence({ source: "command", ref: "vgs", at: answer.kind === "known" ? answer.at : null, excerpt: groups.join("\n") || "no volume group" }), ...(remembered?.evidence ?? [])];
  if (choice.is === "refused") return refusal(choice.reason, there ? "; its volume group is there" : "", seen);
  if (choice.is === "activate") return { facts: { way: "activate", volume: choice.volume }, evidence: seen, because: `: volume group ${choice.volume.volumeGroup} is not active` };
  const profile = await survey.host.ask({ ask: "status", path: profilePath(choice.volume.volumeGroup) });
  if (profile.kind === "unknown") throw new Unknown(profile.why);
  const script = await scriptFor(survey);
  if (script && isReason(script)) return refusal(script, "", seen);
  const disks = choice.from === "nothing" ? sure(await survey.disks()) : [];
  return { facts: { way: "provision", volume: choice.volume, from: choice.from, disks, writeProfile: profile.kind === "absent", script, elsewhere: thinPools(lvm.logicalVolumes), poolWhere: config.poolWhere }, evidence: seen, because: `: there is no volume group ${choice.volume.volumeGroup}` };
}

async function scriptFor(survey: Survey): Promise<ProvisionScript | Reason | null> {
  return survey.policy.provisioner === "script" ? sure(await provisionScript(survey)) : null;
}

const packages: Record<string, string> = {
  losetup: "util-linux (Debian, Ubuntu: mount)",
  truncate: "coreutils",
  dmsetup: "dmsetup (Debian, Ubuntu) or device-mapper (Fedora, RHEL)",
  thin_check: "thin-provisioning-tools (Debian, Ubuntu) or device-mapper-persistent-data (Fedora, RHEL)",
  lvm: "lvm2",
};

const packaged = (tool: string): Reason => ({ code: "TOOL_MISSING", message: `${tool} is not installed; it is in package ${packages[tool] ?? tool}`, hint: `install that package, then fix --dry-run` });

/** Looked for and not run: dmsetup opens /dev/mapper/control, which loads dm_mod. */
async function missingTools(survey: Survey, tools: readonly string[]): Promise<Reason | null> {
  const folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];
  for (const tool of tools) {
    const looks = await Promise.all(folders.map((folder) => survey.host.ask({ ask: "status", path: `${folder}/${tool}` })));
    if (looks.every(({ kind }) => kind === "absent")) return packaged(tool);
  }
  return null;
}

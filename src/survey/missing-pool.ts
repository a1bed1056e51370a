/** Where the pool is not there: what there is of it, and whether it can be had back. Everything here only reads. */

import { evidence } from "../evidence.ts";
import { namesOf } from "../facts/lvm.ts";
import { notConfigured } from "../facts/snapshotter.ts";
import { valueOf } from "../host/inspector.ts";
import { healthy, problem, unknownBecause, type Diagnosis } from "../remediation.ts";
import type { Profile } from "../report.ts";
import type { Containerd } from "./containerd.ts";
import { missingDevpool } from "./missing-devpool.ts";
import { refusal, sure, Untold, type Found, type MissingPool } from "./missing-facts.ts";
import { missingDirectLvm } from "./missing-lvm.ts";
import { logEvidence, waitingMicrovms } from "./storage-evidence.ts";
import type { Survey } from "./survey.ts";

export async function inspectMissingPool(survey: Survey): Promise<Diagnosis<MissingPool>> {
  const [pool, config, layout, journal] = await Promise.all([survey.pool(), survey.containerd(), survey.layout(), survey.journal()]);
  if (pool.kind === "unknown" || config.kind !== "known" || layout.kind !== "known")
    return unknownBecause([pool, config, layout].flatMap((answer) => (answer.kind === "known" ? [] : [answer.why]))[0] ?? "");
  const { poolName, poolWhere } = config.value;
  if (pool.kind === "absent" || poolName === null) return withoutPool(config.value, layout.value.containerdUnit);
  const { exists, device } = pool.value;
  const there = healthy(`device-mapper device ${poolName} exists`, pool.value.evidence.slice(0, 1));
  // A plain volume of the pool's name is what a provisioning that was cut off leaves; LVM activates it at boot.
  const plain = device !== null && device.target !== "" && device.target !== "thin-pool" && device.info.uuid.startsWith("LVM-");
  if (exists && device?.target !== "" && !plain) return there;
  const base = [
    ...pool.value.evidence,
    evidence({ source: "file", ref: poolWhere, at: null, excerpt: `pool_name = "${poolName}"` }),
    ...logEvidence(journal, "thinpool-missing"),
  ];
  try {
    const found = plain ? await missingDirectLvm(survey, poolName) : await missing(survey, poolName, layout.value.profile, exists);
    if (plain && found.facts.way === "activate") return there;
    const microvms = waitingMicrovms(valueOf(await survey.microvms()));
    const what = plain ? "is a plain volume and no thin pool" : exists ? "is a device without a table" : "does not exist";
    return problem(`device-mapper pool ${poolName} ${what}${found.because}`, [...base, ...found.evidence], found.facts, { microvms });
  } catch (error) {
    if (error instanceof Untold)
      return unknownBecause(`device-mapper pool ${poolName} does not exist, and what is left of it cannot be told: ${error.message}`, base);
    throw error;
  }
}

function withoutPool(config: Containerd, unit: string): Diagnosis<MissingPool> {
  const { configPath, replaced } = config;
  return problem(
    `containerd's configuration names no thin pool`,
    [evidence({ source: "file", ref: replaced?.by ?? configPath, at: null, excerpt: "no pool_name" })],
    { way: "refused", reason: notConfigured(config, unit) },
  );
}

async function missing(survey: Survey, pool: string, profile: Profile, tableless: boolean): Promise<Found> {
  const kind = await kindByTraces(survey, pool, profile);
  if (kind === "dev") return missingDevpool(survey, pool, tableless);
  if (kind === "prod") return missingDirectLvm(survey, pool);
  const { reason } = sure(await survey.layout());
  return refusal(
    {
      code: "PROFILE_UNKNOWN",
      message: `whether ${pool} is a development pool on files or a volume group cannot be told: ${reason}`,
      hint: "say which: --profile dev or --profile prod",
    },
    "",
  );
}

/** What there is of the pool counts for more than what it should be on: a development host's containerd may be given a volume group, too. */
async function kindByTraces(survey: Survey, pool: string, profile: Profile): Promise<Profile> {
  const files = valueOf(await survey.poolFiles());
  const onFiles = files?.data.is === "file" && files.metadata.is === "file";
  if (onFiles && profile === "dev") return "dev";
  const group = namesOf(pool)?.volumeGroup;
  const groups = group === undefined ? [] : (valueOf(await survey.lvm())?.volumeGroups ?? []);
  const onLvm = groups.some((row) => row["vg_name"] === group);
  if (onFiles === onLvm) return profile;
  return onFiles ? "dev" : "prod";
}

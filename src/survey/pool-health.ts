/** How the pool that is there does: its status, its tables, what it lies on, and how full all of that is. */

import { namesOf, profileName, profilePath, unfinishedTag, type Row } from "../facts/lvm.ts";
import type { Growable, PoolFault } from "../facts/pool-fault.ts";
import { judgePool } from "../facts/pool-health.ts";
import { overcommitment } from "../facts/devpool.ts";
import { valueOf } from "../host/inspector.ts";
import { healthy, problem, unknownBecause, type Diagnosis } from "../remediation.ts";
import type { Evidence } from "../report.ts";
import type { Volume } from "../facts/volume-group.ts";
import { volumeOf } from "./lvm.ts";
import type { PoolDevice } from "./pool.ts";
import type { PoolFiles } from "./pool-files.ts";
import { ground } from "./ground.ts";
import { fileEvidence, waitingMicrovms } from "./storage-evidence.ts";
import type { Survey } from "./survey.ts";

export interface UnhealthyPool {
  pool: string;
  faults: PoolFault[];
  growable: Growable | null;
  /** A volume group that this tool did not come to finish. */
  unfinished: { volume: Volume; writeProfile: boolean } | null;
}

export async function inspectPoolHealth(survey: Survey): Promise<Diagnosis<UnhealthyPool>> {
  const [pool, config] = await Promise.all([survey.pool(), survey.containerd()]);
  if (pool.kind === "unknown") return unknownBecause(pool.why);
  if (config.kind !== "known") return unknownBecause(config.why);
  if (pool.kind === "absent") return healthy("containerd is told of no pool, so none is unhealthy: see thinpool-missing");
  const { name, device } = pool.value;
  // A device without a table is what thinpool-missing is about.
  if (!device || device.target === "") return healthy(`there is no pool ${name}, so none is unhealthy: see thinpool-missing`);
  if (device.info.uuid.startsWith("LVM-")) return onLvm(survey, name, device, pool.value.evidence);
  const lies = await ground(survey, name);
  if (lies.kind !== "known") return unknownBecause(`what pool ${name} lies on cannot be told: ${lies.why}`, pool.value.evidence);
  const { files } = lies.value;
  const judged = judgePool(name, device, lies.value);
  const advice = adviceOn(files);
  if ("unclear" in judged) return unknownBecause(judged.unclear, pool.value.evidence);
  const { faults, growable } = judged;
  if (faults.length === 0) return healthy(`pool ${name} is rw`, pool.value.evidence, advice);
  const hit = faults.some(({ breaks }) => breaks) ? waitingMicrovms(valueOf(await survey.microvms())) : [];
  return problem(
    faults.map(({ summary }) => summary).join("; "),
    [...pool.value.evidence, ...[files.data, files.metadata].map(fileEvidence)],
    { pool: name, faults, growable, unfinished: null },
    { microvms: hit, advice },
  );
}

function adviceOn(files: PoolFiles): string[] {
  if (files.data.is !== "file" || files.metadata.is !== "file") return [];
  const said = overcommitment(files, files.data.size, files.metadata.size);
  return said === null ? [] : [said];
}

async function onLvm(survey: Survey, name: string, device: PoolDevice, seen: Evidence[]): Promise<Diagnosis<UnhealthyPool>> {
  const judged = judgePool(name, device, null);
  if ("unclear" in judged) return unknownBecause(judged.unclear, seen);
  const names = namesOf(name);
  const volume = names ? valueOf(await volumeOf(survey.host, names.volumeGroup, names.logicalVolume)) : undefined;
  if (device.target !== "thin-pool" && volume && volume["segtype"] !== "thin-pool") return healthy(`${name} is no thin pool: see thinpool-missing`, seen);
  const profile = names ? await survey.host.ask({ ask: "status", path: profilePath(names.volumeGroup) }) : null;
  const ours = (volume?.["vg_tags"] ?? "").split(",").includes(unfinishedTag);
  const unfinished = ours && names ? { volume: { pool: name, ...names }, writeProfile: profile?.kind === "absent" } : null;
  const faults = unfinished
    ? [
        ...judged.faults,
        {
          ...unfinishedFault,
          summary: `volume group ${unfinished.volume.volumeGroup} was made by this tool and not finished: its autoextend profile may not be applied`,
        },
      ]
    : judged.faults;
  const advice = !unfinished && names && volume ? await profileAdvice(survey, names.volumeGroup, names.logicalVolume, volume, profile?.kind === "absent") : [];
  if (faults.length === 0) return healthy(`pool ${name} is rw`, seen, advice);
  const hit = faults.some(({ breaks }) => breaks) ? waitingMicrovms(valueOf(await survey.microvms())) : [];
  return problem(faults.map(({ summary }) => summary).join("; "), seen, { pool: name, faults, growable: null, unfinished }, { microvms: hit, advice });
}

const unfinishedFault: PoolFault = { is: "unfinished", summary: "", breaks: false, reason: null };

/** provision.sh never applies the profile it writes: its check takes the volume's own name for it (apply_lvm_profile). */
async function profileAdvice(survey: Survey, group: string, volume: string, row: Row, noFile: boolean): Promise<string[]> {
  const wanted = profileName(group);
  const path = `${group}/${volume}`;
  if (row["lv_profile"] !== wanted || noFile) {
    const write = noFile ? `write ${profilePath(group)} (activation { thin_pool_autoextend_threshold=80 thin_pool_autoextend_percent=20 }), then ` : "";
    return [
      `the autoextend profile ${wanted} is not applied to ${path}: the pool does not grow before it is full. ${write}lvchange --metadataprofile ${wanted} ${path} && lvchange --monitor y ${path}`,
    ];
  }
  const daemon = await survey.host.ask({ ask: "file", path: "/run/dmeventd.pid" });
  const pid = valueOf(daemon)?.text.trim() ?? "";
  const process = /^\d+$/.test(pid) ? await survey.host.ask({ ask: "file", path: `/proc/${pid}/comm` }) : null;
  // Whether it watches this pool only dmeventd knows, and asking would start it where it does not run.
  return process?.kind === "known" && process.value.text.trim() === "dmeventd"
    ? []
    : [`dmeventd does not run, so nothing extends ${path} when it fills up: lvchange --monitor y ${path}`];
}

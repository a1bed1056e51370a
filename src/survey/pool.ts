/** The thin pool that containerd's configuration names, as the kernel has it. */

import { isDeviceName, parseInfo, parsePoolStatus, parsePoolTable, type DeviceInfo, type PoolStatus, type PoolTable } from "../facts/device-mapper.ts";
import { namesOf } from "../facts/lvm.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import { output, presenceOf, said, targetOf } from "./device-mapper.ts";
import { pause } from "./pause.ts";
import type { Survey } from "./survey.ts";

export interface PoolFacts {
  /** Device-mapper name. */
  name: string;
  /** False: no dm device of that name. */
  exists: boolean;
  /** Null where it does not exist. */
  device: PoolDevice | null;
  /** How it was seen, as `dmsetup` or sysfs say it. */
  evidence: Evidence[];
}

export interface PoolDevice {
  info: DeviceInfo;
  /** First word after the length in the live table: thin-pool, or what is there instead; empty without a live table. */
  target: string;
  /** Null where it is no thin-pool, or dmsetup's line has a shape that is not known. */
  status: PoolStatus | null;
  /** Null also where it was not asked for. */
  table: PoolTable | null;
  statusText: string;
  tableText: string | null;
  /** A second table, loaded and not in force, at both of two looks some seconds apart; empty where there is none. */
  inactive: string;
  /** Seen at the first look alone: somebody is at work. */
  changing: boolean;
}

/** `absent`: containerd's configuration names no pool. */
export async function pool(survey: Survey): Promise<Answer<PoolFacts>> {
  const config = await survey.containerd();
  if (config.kind !== "known") return unknown(config.why);
  const { poolName, configPath, poolWhere } = config.value;
  if (poolName === null) return { kind: "absent", why: `${configPath} names no thin pool: the devmapper snapshotter is not configured` };
  if (!isDeviceName(poolName)) return unknown(`pool_name in ${poolWhere} is no device-mapper name`);
  const looked = await poolFacts(survey.host, poolName, survey.glance);
  if (looked.kind !== "known" || looked.value.exists || namesOf(poolName) === null) return looked;
  return afterActivation(survey.host, poolName, looked);
}

/** At a boot LVM's event activation (lvm-activate-VG.service) may come seconds after everything else: what it makes is waited for. */
async function afterActivation(host: Inspector, name: string, looked: Answer<PoolFacts>): Promise<Answer<PoolFacts>> {
  let latest = looked;
  for (let waited = 0; waited < 10; waited += 1) {
    const jobs = await host.ask({ ask: "command", argv: ["systemctl", "list-jobs", "--no-legend", "--no-pager"] });
    if (!/\blvm-activate-|\blvm2-pvscan@/.test(valueOf(jobs)?.stdout ?? "")) return latest;
    await pause(host, 1_000);
    latest = await poolFacts(host, name);
    if (latest.kind !== "known" || latest.value.exists) return latest;
  }
  return unknown(`pool ${name} is not there, and systemd is still activating volume groups (systemctl list-jobs)`);
}

async function poolFacts(host: Inspector, name: string, glance = false): Promise<Answer<PoolFacts>> {
  const presence = await presenceOf(host, name);
  if (presence.kind !== "known") return unknown(presence.why);
  if (!presence.value.there) return known({ name, exists: false, device: null, evidence: [presence.value.seen] }, presence.at);
  const looked = await device(host, name, glance);
  if (looked.kind !== "known") return unknown(looked.why);
  const { statusText, tableText, inactive, info } = looked.value;
  const seen = [
    said(statusCommand(name), statusText, looked.at),
    ...(tableText === null ? [] : [said(["dmsetup", "table", name], tableText, looked.at)]),
    ...(inactive === "" ? [] : [said(["dmsetup", "table", "--inactive", name], inactive, looked.at)]),
    ...(info.state === "ACTIVE" ? [] : [said(["dmsetup", "info", name], `State: ${info.state}`, looked.at)]),
  ];
  return known({ name, exists: true, device: looked.value, evidence: seen }, looked.at);
}

/** --noflush: without it the kernel commits the pool's metadata (dm-thin.c, pool_status), which is a write. */
const statusCommand = (name: string): string[] => ["dmsetup", "status", "--noflush", name];

/** At a glance its table is not asked for: the status begins with the same words. */
async function device(host: Inspector, name: string, glance: boolean): Promise<Answer<PoolDevice>> {
  const ask = (argv: string[]): Promise<Answer<string>> => output(host, argv);
  const [status, table, info] = await Promise.all([ask(statusCommand(name)), glance ? null : ask(["dmsetup", "table", name]), ask(["dmsetup", "info", name])]);
  if (status.kind !== "known") return status;
  if (table?.kind === "absent" || table?.kind === "unknown") return table;
  if (info.kind !== "known") return info;
  const parsed = parseInfo(info.value);
  if (!parsed) return unknown(`dmsetup info ${name} has a shape that is not known`);
  const inactive = parsed.tables.includes("INACTIVE") ? await ask(["dmsetup", "table", "--inactive", name]) : known("");
  if (inactive.kind !== "known") return inactive;
  const twice = inactive.value === "" ? "" : await again(host, name, inactive.value);
  return known(
    {
      info: parsed,
      target: targetOf((table ?? status).value),
      status: parsePoolStatus(status.value),
      table: table && parsePoolTable(table.value),
      statusText: status.value,
      tableText: table?.value ?? null,
      inactive: twice,
      changing: twice !== inactive.value,
    },
    status.at,
  );
}

/** A table that is loaded to be resumed in the next moment is somebody's work; one that stays was left behind. */
async function again(host: Inspector, name: string, before: string): Promise<string> {
  await pause(host, 2_500);
  // Asked with its words in another order: a capture keeps one answer to each question.
  const after = valueOf(await output(host, ["dmsetup", "--inactive", "table", name]));
  return after === before ? before : "";
}

/** The thin pool that containerd's configuration names, as the kernel has it. */

import { isDeviceName, parseInfo, parsePoolStatus, parsePoolTable, type DeviceInfo, type PoolStatus, type PoolTable } from "../facts/device-mapper.ts";
import { evidence, refOf } from "../evidence.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
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
  table: PoolTable | null;
  statusText: string;
  tableText: string;
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
  return poolFacts(survey.host, poolName);
}

export async function poolFacts(host: Inspector, name: string): Promise<Answer<PoolFacts>> {
  const devices = await deviceNames(host);
  if (devices.kind !== "known") return unknown(devices.why);
  if (!devices.value.has(name)) return known({ name, exists: false, device: null, evidence: await absence(host, devices.value) }, devices.at);
  const looked = await device(host, name);
  if (looked.kind !== "known") return unknown(looked.why);
  const { statusText, tableText, inactive, info } = looked.value;
  const seen = [
    said(statusCommand(name), statusText, looked.at),
    said(["dmsetup", "table", name], tableText, looked.at),
    ...(inactive === "" ? [] : [said(["dmsetup", "table", "--inactive", name], inactive, looked.at)]),
    ...(info.state === "ACTIVE" ? [] : [said(["dmsetup", "info", name], `State: ${info.state}`, looked.at)]),
  ];
  return known({ name, exists: true, device: looked.value, evidence: seen }, looked.at);
}

const said = (argv: string[], text: string, at: string): Evidence => evidence({ source: "command", ref: refOf(argv), at, excerpt: text === "" ? "(no table)" : text });

/** Device-mapper names and their kernel names (dm-0), from sysfs: /dev/mapper/control is not opened, which would load dm_mod. */
export async function deviceNames(host: Inspector): Promise<Answer<Map<string, string>>> {
  const block = await host.ask({ ask: "directory", path: "/sys/block" });
  if (block.kind !== "known") return unknown(block.why);
  const kernelNames = block.value.filter((entry) => /^dm-\d+$/.test(entry));
  const names = await Promise.all(kernelNames.map((entry) => host.ask({ ask: "file", path: `/sys/block/${entry}/dm/name` })));
  const found = new Map<string, string>();
  for (const [index, answer] of names.entries()) {
    if (answer.kind === "unknown") return answer;
    // absent: it was removed meanwhile.
    if (answer.kind === "known") found.set(answer.value.text.trimEnd(), kernelNames[index] ?? "");
  }
  return known(found, block.at);
}

export interface LiveState {
  /** Target of the live table; empty where there is none. */
  target: string;
  inactive: boolean;
  suspended: boolean;
}

/** Null: no device of that name. */
export async function liveState(host: Inspector, name: string): Promise<Answer<LiveState | null>> {
  const names = await deviceNames(host);
  if (names.kind !== "known") return names;
  if (!names.value.has(name)) return known(null, names.at);
  const [table, info] = await Promise.all([output(host, ["dmsetup", "table", name]), output(host, ["dmsetup", "info", name])]);
  if (table.kind !== "known") return unknown(table.why);
  const parsed = parseInfo(valueOf(info) ?? "");
  if (!parsed) return unknown(`dmsetup info ${name} did not answer`);
  return known({ target: targetOf(table.value), inactive: parsed.tables.includes("INACTIVE"), suspended: parsed.state !== "ACTIVE" }, table.at);
}

const targetOf = (table: string): string => table.split(/\s+/)[2] ?? "";

async function absence(host: Inspector, devices: ReadonlyMap<string, string>): Promise<Evidence[]> {
  const loaded = (valueOf(await host.ask({ ask: "file", path: "/proc/devices" }))?.text ?? "").includes("device-mapper");
  const listed = loaded ? await host.ask({ ask: "command", argv: ["dmsetup", "ls"] }) : undefined;
  if (listed?.kind === "known" && listed.value.status === 0) return [said(["dmsetup", "ls"], listed.value.stdout, listed.at)];
  const names = [...devices.keys()].join(" ");
  return [evidence({ source: "file", ref: "/sys/block", at: null, excerpt: names === "" ? "no device-mapper device (dm-*)" : names })];
}

/** --noflush: without it the kernel commits the pool's metadata (dm-thin.c, pool_status), which is a write. */
const statusCommand = (name: string): string[] => ["dmsetup", "status", "--noflush", name];

async function device(host: Inspector, name: string): Promise<Answer<PoolDevice>> {
  const ask = (argv: string[]): ReturnType<typeof output> => output(host, argv);
  const [status, table, inactive, info] = await Promise.all([ask(statusCommand(name)), ask(["dmsetup", "table", name]), ask(["dmsetup", "table", "--inactive", name]), ask(["dmsetup", "info", name])]);
  for (const answer of [status, table, inactive, info]) if (answer.kind !== "known") return unknown(answer.why);
  const [statusText, tableText, second] = [status, table, inactive].map((answer) => valueOf(answer) ?? "");
  const parsed = parseInfo(valueOf(info) ?? "");
  if (!parsed) return unknown(`dmsetup info ${name} has a shape that is not known`);
  const twice = second === "" || second === undefined ? "" : await again(host, name, second);
  return known(
    {
      info: parsed,
      target: targetOf(tableText ?? ""),
      status: parsePoolStatus(statusText ?? ""),
      table: parsePoolTable(tableText ?? ""),
      statusText: statusText ?? "",
      tableText: tableText ?? "",
      inactive: twice,
      changing: twice !== second,
    },
    status.kind === "known" ? status.at : "",
  );
}

/** A table that is loaded to be resumed in the next moment is somebody's work; one that stays was left behind. */
async function again(host: Inspector, name: string, before: string): Promise<string> {
  await pause(host, 2_500);
  // Asked with its words in another order: a capture keeps one answer to each question.
  const after = valueOf(await output(host, ["dmsetup", "--inactive", "table", name]));
  return after === before ? before : "";
}

async function output(host: Inspector, argv: string[]): Promise<Answer<string>> {
  const answer = await host.ask({ ask: "command", argv });
  if (answer.kind === "absent") return unknown(`${argv[0] ?? ""} is not installed: ${answer.why}`);
  if (answer.kind === "unknown") return answer;
  const { status, stdout, stderr } = answer.value;
  if (status !== 0) return unknown(`${argv.join(" ")} exited ${status ?? "by a signal"}: ${stderr.trim().split("\n")[0] ?? ""}`);
  return known(stdout.trim(), answer.at);
}

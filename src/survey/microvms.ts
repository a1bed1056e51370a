/** Each recorded MicroVM and what there is of it: state folder, pid file, process. */

import { durationMs } from "../facts/flintlockd-config.ts";
import { outlook, type MicrovmOutlook, type Reconciler } from "../facts/microvm-state.ts";
import { isHypervisorOf, isPassing, parseCmdline, parsePid, parseStat, type ProcessStat } from "../facts/process.ts";
import { isUp } from "../facts/unit.ts";
import { known, unknown, type Answer, type Clock, type Inspector } from "../host/inspector.ts";
import type { MicrovmRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import type { Survey } from "./survey.ts";

export type MicrovmProcess =
  /** Its own hypervisor lives. */
  | { is: "running"; pid: number }
  /** The pid file names a living process that is not its hypervisor. */
  | { is: "foreign"; pid: number; startTicks: number; argv: string[] }
  /** A pid file, and no such process. */
  | { is: "dead"; pid: number }
  | { is: "none" }
  | { is: "unknown"; why: string };

export interface Microvm extends MicrovmOutlook {
  record: MicrovmRecord;
  /** STATE-DIR/vm/NAMESPACE/NAME/UID */
  folder: string;
  /** Where a pid file is, its path. */
  pidFile: string | null;
  /** When it was written, in milliseconds since the epoch; 0 where there is none. */
  pidFileMs: number;
  process: MicrovmProcess;
}

/** `absent`: nothing was ever stored here. */
export async function microvms(survey: Survey): Promise<Answer<Microvm[]>> {
  const [records, settings, reconciler, clock] = await Promise.all([survey.records(), survey.settings(), reconcilerOf(survey), survey.clock()]);
  if (records.kind !== "known") return records;
  if (settings.kind !== "known") return settings;
  if (reconciler.kind !== "known") return reconciler;
  if (clock.kind !== "known") return clock;
  const root = `${settings.value.of("state-dir").value}/vm`.replaceAll(/\/{2,}/g, "/");
  const byDefault = settings.value.of("default-provider").value;
  const flintlockd = { ...reconciler.value, nowMs: Math.max(clock.value.nowMs, Date.parse(records.at) || 0) };
  const found: Microvm[] = [];
  for (const record of records.value) found.push(await microvmOf(survey.host, record, root, byDefault, flintlockd, clock.value));
  return known(found, records.at);
}

/** flintlockd as far as it tries MicroVMs. */
async function reconcilerOf(survey: Survey): Promise<Answer<Reconciler>> {
  const [clock, units, settings, serving] = await Promise.all([survey.clock(), survey.units(), survey.settings(), survey.serving()]);
  if (clock.kind !== "known") return clock;
  if (units.kind !== "known") return unknown(units.why);
  if (settings.kind !== "known") return unknown(settings.why);
  const { flintlockd } = units.value;
  const { nowMs, monotonicUs } = clock.value;
  const runs = isUp(flintlockd) && flintlockd.mainPid > 0 && flintlockd.execMainStartUs > 0;
  const startedMs = runs ? nowMs - (monotonicUs - flintlockd.execMainStartUs) / 1000 : null;
  // An API that does not listen was shut down with the controller: internal/command/run/run.go, runServer.
  const dead = serving.kind === "known" && serving.value.listening.length < serving.value.expected.length && startedMs !== null && nowMs - startedMs > startMs;
  return known({ startedMs, reconciles: settings.value.of("disable-reconcile").value !== "true" && !dead, ...limits(settings.value), nowMs });
}

/** flintlockd waits up to 10 s for containerd's socket before it listens. */
const startMs = 15_000;

function limits(settings: Settings): Pick<Reconciler, "maximumRetry" | "resyncMs"> {
  const retry = Number(settings.of("maximum-retry").value);
  return { maximumRetry: Number.isSafeInteger(retry) ? retry : 10, resyncMs: durationMs(settings.of("resync-period").value) ?? 600_000 };
}

const pidFiles: Readonly<Record<string, string>> = { firecracker: "firecracker.pid", cloudhypervisor: "cloudhypervisor.pid" };

async function microvmOf(host: Inspector, record: MicrovmRecord, root: string, byDefault: string, reconciler: Reconciler, clock: Clock): Promise<Microvm> {
  const folder = `${root}/${record.id}`;
  const name = pidFiles[record.provider || byDefault];
  const found = await pidFileIn(host, folder, name === undefined ? Object.values(pidFiles) : [name]);
  const process = found === null ? { is: "none" as const } : await processOf(host, found, { uid: record.uid, folder }, clock);
  const { retry, notBefore, createdAt, deletedAt, state } = record;
  const seen = outlook({ state, retry, notBefore, createdAt, deletedAt, process }, reconciler);
  return { record, folder, pidFile: found?.path ?? null, pidFileMs: found?.writtenMs ?? 0, process, ...seen };
}

interface PidFile {
  path: string;
  /** Null where it could not be read. */
  text: string | null;
  why: string;
  writtenMs: number;
}

async function pidFileIn(host: Inspector, folder: string, names: readonly string[]): Promise<PidFile | null> {
  for (const name of names) {
    const path = `${folder}/${name}`;
    const file = await host.ask({ ask: "file", path });
    if (file.kind === "known") return { path, text: file.value.text, why: "", writtenMs: file.value.mtimeMs };
    if (file.kind === "unknown") return { path, text: null, why: file.why, writtenMs: 0 };
  }
  return null;
}

async function processOf(host: Inspector, file: PidFile, own: { uid: string; folder: string }, clock: Clock): Promise<MicrovmProcess> {
  if (file.text === null) return { is: "unknown", why: file.why };
  const pid = parsePid(file.text);
  if (pid === null) return { is: "unknown", why: `${file.path} holds no process number` };
  // A process that has ended has no arguments any more, so its own words are enough: on a host with thousands of MicroVMs each question counts.
  const words = await host.ask({ ask: "file", path: `/proc/${pid}/cmdline` });
  if (words.kind === "known" && isHypervisorOf(parseCmdline(words.value.text), own)) return { is: "running", pid };
  const process = await processAt(host, pid);
  if (process.kind === "absent") return { is: "dead", pid };
  if (process.kind === "unknown") return { is: "unknown", why: process.why };
  const { startTicks, argv } = process.value;
  if (isHypervisorOf(argv, own)) return { is: "running", pid };
  return isPassing(pid, process.value, clock) ? { is: "dead", pid } : { is: "foreign", pid, startTicks, argv };
}

/** `absent`: no process has that number, or what had it has ended and only waits to be reaped. */
export async function processAt(host: Inspector, pid: number): Promise<Answer<ProcessStat & { argv: string[] }>> {
  const [stat, cmdline] = await Promise.all([host.ask({ ask: "file", path: `/proc/${pid}/stat` }), host.ask({ ask: "file", path: `/proc/${pid}/cmdline` })]);
  if (stat.kind !== "known") return stat;
  const parsed = parseStat(stat.value.text);
  if (parsed === null) return unknown(`/proc/${pid}/stat makes no sense`);
  if (parsed.state === "Z" || parsed.state === "X") return { kind: "absent", why: `process ${pid} has ended` };
  if (cmdline.kind !== "known") return cmdline;
  return known({ ...parsed, argv: parseCmdline(cmdline.value.text) }, stat.at);
}

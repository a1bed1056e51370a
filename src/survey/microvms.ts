/** Each recorded MicroVM and what there is of it: state folder, pid file, process. */

import { durationMs } from "../facts/flintlockd-config.ts";
import { outlook, type MicrovmOutlook, type Reconciler } from "../facts/microvm-state.ts";
import { isHypervisorOf, isPassing, parseCmdline, parsePid, parseStat, type Owner, type ProcessStat } from "../facts/process.ts";
import { isUp } from "../facts/unit.ts";
import { known, unknown, valueOf, type Answer, type Clock, type FileText, type Inspector } from "../host/inspector.ts";
import { hypervisorOf } from "./hypervisors.ts";
import type { MicrovmRecord } from "./records.ts";
import type { ServingAsSaid } from "./serving.ts";
import type { Settings } from "./settings.ts";
import type { Survey } from "./survey.ts";

export type MicrovmProcess =
  /** Its own hypervisor lives. */
  | { is: "running"; pid: number }
  /** Its own hypervisor lives, and its pid file (which says `says`, or belongs there) does not name it. */
  | { is: "unnamed"; pid: number; argv: string[]; pidFile: string; says: string }
  /** The pid file names a living process that is not its hypervisor. */
  | { is: "foreign"; pid: number; startTicks: number; argv: string[] }
  /** A pid file, and no such process. */
  | { is: "dead"; pid: number }
  | { is: "none" }
  /** No process number is in the pid file, and flintlockd fails on it each time (infrastructure/microvm/shared/pid.go). */
  | { is: "garbled"; why: string; sha256: string }
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
  for (const record of records.value) found.push(await microvmOf(survey, record, root, byDefault, flintlockd, clock.value));
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
  const dead = serving.kind === "known" && startedMs !== null && isShutDown(serving.value, nowMs - startedMs);
  return known({ startedMs, reconciles: settings.value.of("disable-reconcile").value !== "true" && !dead, ...limits(settings.value), nowMs });
}

/** flintlockd waits up to 10 s for containerd's socket before it listens. */
const startMs = 15_000;

/** An API that does not listen was shut down with the controller: internal/command/run/run.go, runServer. */
function isShutDown({ expected, listening, failed }: ServingAsSaid, ageMs: number): boolean {
  return failed !== null || (listening.length < expected.length && ageMs > startMs);
}

function limits(settings: Settings): Pick<Reconciler, "maximumRetry" | "resyncMs"> {
  const retry = Number(settings.of("maximum-retry").value);
  return { maximumRetry: Number.isSafeInteger(retry) ? retry : 10, resyncMs: durationMs(settings.of("resync-period").value) ?? 600_000 };
}

const pidFiles = { firecracker: "firecracker.pid", cloudhypervisor: "cloudhypervisor.pid" } as const;

async function microvmOf(survey: Survey, record: MicrovmRecord, root: string, byDefault: string, reconciler: Reconciler, clock: Clock): Promise<Microvm> {
  const folder = `${root}/${record.id}`;
  const provider = record.provider || byDefault;
  const names = Object.hasOwn(pidFiles, provider) ? [pidFiles[provider as keyof typeof pidFiles]] : Object.values(pidFiles);
  const found = await pidFileIn(survey.host, folder, names);
  const process = await processOf(survey, found, names, { uid: record.uid, folder }, clock);
  const { retry, notBefore, createdAt, deletedAt, state } = record;
  const seen = outlook({ state, retry, notBefore, createdAt, deletedAt, process }, reconciler);
  return { record, folder, pidFile: found?.path ?? null, pidFileMs: found?.file?.mtimeMs ?? 0, process, ...seen };
}

interface PidFile {
  path: string;
  file: FileText | null;
  /** Why it could not be read. */
  why: string;
}

async function pidFileIn(host: Inspector, folder: string, names: readonly string[]): Promise<PidFile | null> {
  for (const name of names) {
    const path = `${folder}/${name}`;
    const file = await host.ask({ ask: "file", path });
    if (file.kind !== "absent") return { path, file: valueOf(file) ?? null, why: file.kind === "unknown" ? file.why : "" };
  }
  return null;
}

/** Where the pid file does not lead to its hypervisor, that may live all the same: flintlockd would start a second one on the same disk. */
async function processOf(survey: Survey, file: PidFile | null, names: readonly string[], own: Owner, clock: Clock): Promise<MicrovmProcess> {
  const named = file === null ? { is: "none" as const } : await namedProcess(survey.host, file, own, clock);
  if (named.is === "running") return named;
  const living = hypervisorOf(own, valueOf(await survey.hypervisors()) ?? new Map());
  const process = living && valueOf(await processAt(survey.host, living.pid));
  if (!living || !process) return named;
  const { pid, argv } = living;
  // Its pid file is written once it was started.
  if (isPassing(pid, process, clock)) return { is: "running", pid };
  const written = names.find((name) => name === pidFiles[argv.some((word) => word.startsWith("--api-socket")) ? "cloudhypervisor" : "firecracker"]) ?? names[0];
  return { is: "unnamed", pid, argv, pidFile: file?.path ?? `${own.folder}/${written ?? ""}`, says: inWords(named) };
}

function inWords(named: MicrovmProcess): string {
  switch (named.is) {
    case "none":
      return "is not there";
    case "garbled":
    case "unknown":
      return `makes no sense (${named.why})`;
    default:
      return `names ${named.is === "dead" ? "no living process" : "another process"} (${named.pid})`;
  }
}

async function namedProcess(host: Inspector, { path, file, why }: PidFile, own: Owner, clock: Clock): Promise<MicrovmProcess> {
  const pid = file && parsePid(file.text);
  if (pid === null) {
    const status = await host.ask({ ask: "status", path });
    if (status.kind === "known" && status.value.type !== "file")
      return { is: "unknown", why: `${path} is a ${status.value.type} and not the file that flintlock writes: put it aside, then restart flintlockd` };
    return file === null ? { is: "unknown", why } : { is: "garbled", why: `${path} holds no process number`, sha256: file.sha256 };
  }
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

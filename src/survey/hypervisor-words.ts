/** How a MicroVM's own hypervisor ended: whether flintlockd's present process started it, and what it said. */

import { evidence } from "../evidence.ts";
import type { FileText, Inspector } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import type { Microvm } from "./microvms.ts";

export interface HypervisorDeath {
  /** Its pid file, which is written at each of its starts, is newer than flintlockd's start. */
  startedByThis: boolean;
  /** The end of its .stderr, else of its .log, where it wrote there since flintlockd's start; null: it left no word. */
  words: Evidence | null;
  /** These tell why it ended. In .log that is so of one that ended at once: one that runs writes there, too. */
  complained: boolean;
  /** The same of whatever it said last: it appends, over all its starts. */
  lastWords: Evidence | null;
}

interface Said {
  file: "stderr" | "log";
  /** Milliseconds since the epoch: when it last wrote there. */
  ms: number;
  words: Evidence;
}

const tailBytes = 2_048;
const names: Readonly<Record<string, string>> = { firecracker: "firecracker", cloudhypervisor: "cloudhypervisor" };
/** The pid file is written right after the hypervisor was started, by the same clock. */
const slackMs = 1_000;
/** What still writes so long after its pid file was written did start. */
const atOnceMs = 2_000;

/** `startedMs`: of flintlockd's present process, milliseconds since the epoch. */
export async function hypervisorDeath(host: Inspector, microvm: Microvm, startedMs: number): Promise<HypervisorDeath> {
  const { folder, pidFile, record } = microvm;
  const name = names[record.provider] ?? (pidFile?.endsWith("/cloudhypervisor.pid") === true ? "cloudhypervisor" : "firecracker");
  const path = `${folder}/${name}`;
  const [bornMs, ...read] = await Promise.all([pidFile === null ? null : writtenMs(host, pidFile), said(host, path, "stderr"), said(host, path, "log")]);
  const all = read.filter((one) => one !== null);
  const startedByThis = bornMs !== null && bornMs + slackMs >= startedMs;
  const [fresh] = startedByThis ? all.filter(({ ms }) => ms + slackMs >= startedMs) : [];
  const complained = fresh !== undefined && (fresh.file === "stderr" || !(await ranOn(host, path, fresh.ms, bornMs ?? 0)));
  return { startedByThis, words: fresh?.words ?? null, complained, lastWords: all[0]?.words ?? null };
}

/** .stdout is not read: it is the guest's console. */
async function said(host: Inspector, path: string, file: Said["file"]): Promise<Said | null> {
  const ref = `${path}.${file}`;
  const found = await host.ask({ ask: "file", path: ref, tailBytes });
  return found.kind === "known" && found.value.text.trim() !== "" ? { file, ms: found.value.mtimeMs, words: lastLines(ref, found.value) } : null;
}

/** Firecracker writes its metrics each minute; a guest, to its console while it boots. */
async function ranOn(host: Inspector, path: string, loggedMs: number, bornMs: number): Promise<boolean> {
  const signs = [loggedMs, ...(await Promise.all(["stdout", "metrics"].map((ending) => writtenMs(host, `${path}.${ending}`))))];
  return signs.some((ms) => ms !== null && ms > bornMs + atOnceMs);
}

async function writtenMs(host: Inspector, path: string): Promise<number | null> {
  const status = await host.ask({ ask: "status", path });
  return status.kind === "known" ? status.value.mtimeMs : null;
}

/** The same said again at each start is said once here. */
function lastLines(ref: string, { text, mtimeMs }: FileText): Evidence {
  const excerpt = [...new Set(text.trimEnd().split("\n"))].slice(-3).join("\n");
  return evidence({ source: "file", ref, at: timeOf(mtimeMs), excerpt });
}

const timeOf = (ms: number): string | null => (Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : null);

/** What a MicroVM's own hypervisor said last, and whether flintlockd's present process started it. */

import { evidence } from "../evidence.ts";
import type { Inspector } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import type { Microvm } from "./microvms.ts";

export interface HypervisorTrace {
  /** When its pid file was written: at its last start; null where there is none. */
  startedMs: number | null;
  /** The end of its .stderr, else of its .log: it appends to both, over all its starts. */
  words: Evidence | null;
  /** Milliseconds since the epoch: when it last wrote to .stderr; null where it never did. */
  complainedMs: number | null;
}

const tailBytes = 2_048;
const names: Readonly<Record<string, string>> = { firecracker: "firecracker", cloudhypervisor: "cloudhypervisor" };

/** .stdout is left alone: it is the guest's console. */
export async function hypervisorTrace(host: Inspector, { folder, pidFile, record }: Microvm): Promise<HypervisorTrace> {
  const name = names[record.provider] ?? (pidFile?.endsWith("/cloudhypervisor.pid") === true ? "cloudhypervisor" : "firecracker");
  const [pid, stderr, log] = await Promise.all([
    pidFile === null ? null : host.ask({ ask: "status", path: pidFile }),
    host.ask({ ask: "file", path: `${folder}/${name}.stderr`, tailBytes }),
    host.ask({ ask: "file", path: `${folder}/${name}.log`, tailBytes }),
  ]);
  const said = [stderr, log].map((file, index) =>
    file.kind === "known" && file.value.text.trim() !== "" ? { ref: `${folder}/${name}.${index === 0 ? "stderr" : "log"}`, ...file.value } : null,
  );
  const [complaint] = said;
  const last = said.find((one) => one !== null) ?? null;
  return {
    startedMs: pid?.kind === "known" ? pid.value.mtimeMs : null,
    words: last === null ? null : evidence({ source: "file", ref: last.ref, at: timeOf(last.mtimeMs), excerpt: lastLines(last.text) }),
    complainedMs: complaint?.mtimeMs ?? null,
  };
}

/** The same said again at each start is said once here. */
function lastLines(text: string): string {
  return [...new Set(text.trimEnd().split("\n"))].slice(-3).join("\n");
}

const timeOf = (ms: number): string | null => (Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : null);

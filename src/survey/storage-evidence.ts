/** What the journals and the records add to a finding about storage. */

import { evidence } from "../evidence.ts";
import { oddness } from "../facts/loop.ts";
import { valueOf, type Answer } from "../host/inspector.ts";
import type { Evidence, FindingId } from "../report.ts";
import type { LogEvidence } from "./journal.ts";
import type { Microvm } from "./microvms.ts";
import type { PoolFile } from "./pool-files.ts";

export function logFinding(journal: Answer<LogEvidence>, id: FindingId): LogEvidence["findings"][number] | undefined {
  return valueOf(journal)?.findings.find(({ finding }) => finding === id);
}

/** The newest entry that shows the finding. */
export function logEvidence(journal: Answer<LogEvidence>, id: FindingId): Evidence[] {
  const found = logFinding(journal, id);
  return found ? [evidence({ source: "journal", ref: found.last.unit, at: found.last.at, excerpt: found.last.excerpt })] : [];
}

/** MicroVMs that storage keeps from running: recorded, wanted, and not running. */
export function waitingMicrovms(microvms: readonly Microvm[] | undefined): string[] {
  return (microvms ?? []).filter(({ record, state }) => record.deletedAt === 0 && state !== "running").map(({ record }) => record.id);
}

/** A file of the pool, and every loop device on it. */
export function fileEvidence({ path, is, why, size, allocated, loops, oddLoops }: PoolFile): Evidence {
  const on = [...loops, ...oddLoops.map((loop) => `${loop.path}, which ${oddness(loop)}`)].join(" and ");
  const excerpt = is === "absent" ? "does not exist" : is === "odd" ? why : `${size} bytes, ${allocated} allocated, on ${on || "no loop device"}`;
  return evidence({ source: "file", ref: path, at: null, excerpt });
}

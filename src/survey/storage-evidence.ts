/** What the journals and the records add to a finding about storage. */

import { evidence } from "../evidence.ts";
import { valueOf, type Answer } from "../host/inspector.ts";
import type { Evidence, FindingId } from "../report.ts";
import type { LogEvidence } from "./journal.ts";
import type { Microvm } from "./microvms.ts";

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

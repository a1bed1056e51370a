/** What flintlockd and containerd said since they last started: the only lines that count (promise of freshness). */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { FindingId } from "../report.ts";
import type { Survey } from "./survey.ts";

export interface LogHit {
  finding: FindingId;
  /** Which of the finding's signatures: its name in remediations/<finding>.ts. */
  signature: string;
  unit: string;
  /** NAMESPACE/NAME/UID, or null where the line names none. */
  microvm: string | null;
  /** Microseconds since boot. */
  monotonicUs: number;
  /** ISO 8601, UTC, of the entry's own __REALTIME_TIMESTAMP. */
  at: string;
  /** The message, bounded and made safe to print. */
  excerpt: string;
}

/** All hits of one finding: a thousand failing MicroVMs are one of these. */
export interface LogFinding {
  finding: FindingId;
  count: number;
  first: LogHit;
  last: LogHit;
  /** NAMESPACE/NAME/UID of each MicroVM that was hit, in order of first sight. */
  microvms: string[];
  /** A few, the newest of each signature first. */
  examples: LogHit[];
}

export interface LogEvidence {
  findings: LogFinding[];
  /** Error lines that match nothing, grouped by shape. */
  notOurs: { shape: string; count: number; example: string }[];
  /** What limits this evidence: journald suppressed lines, the journal was vacuumed, … */
  caveats: string[];
  /** flintlockd's and containerd's own last error lines, newest last (at most 20 each). */
  lastErrors: { unit: string; at: string; excerpt: string }[];
}

/** `unknown` where the journal cannot be read. */
export async function journal(survey: Survey): Promise<Answer<LogEvidence>> {
  void survey;
  return unknown("TODO");
}

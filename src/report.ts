/** The report: what `fix --json` prints and every view reads. Plain data; nothing in it may change meaning once published. */

import type { FindingId } from "./catalogue.generated.ts";

/** The names of the files in remediations/. */
export type { FindingId };

export type StepId =
  | "recreate-devpool"
  | "activate-direct-lvm"
  | "provision-direct-lvm"
  | "clear-inactive-table"
  | "grow-devpool"
  | "start-containerd"
  | "restart-containerd"
  | "stop-flintlockd"
  | "start-flintlockd"
  | "restart-flintlockd"
  | "restart-flintlockd-again"
  | "load-macvlan"
  | "install-kernel-modules"
  | "set-bridge-name"
  | "set-parent-iface"
  | "attach-tap"
  | "clear-stale-pid";

/** `source` says how it was seen; `ref` is the argv, the path (`PATH:LINE` where a line is meant) or the unit. */
export interface Evidence {
  source: "command" | "file" | "journal";
  ref: string;
  /** ISO 8601, UTC; null where the thing has no time of its own. */
  at: string | null;
  excerpt: string;
}

export type FindingStatus = "healthy" | "problem" | "unknown";

export interface ReportedFinding {
  id: FindingId;
  status: FindingStatus;
  /** The same check in the last look of an apply; null in a dry run. */
  after: FindingStatus | null;
  summary: string;
  evidence: Evidence[];
  /** The finding that this one follows from: cure that and this goes too. Absent where nothing explains it. */
  explainedBy?: FindingId;
}

export type Risk = "safe" | "disruptive" | "destructive";

export type StepOutcome = "planned" | "done" | "already-done" | "failed" | "not-run" | "rolled-back";

export interface StepError {
  code: string;
  message: string;
  hint: string;
}

export interface ReportedStep {
  id: StepId;
  title: string;
  because: FindingId[];
  risk: Risk;
  impact: string;
  /** argv for argv what `--apply` runs; a name in braces (`{data-loop}`) is told only by an earlier command. */
  commands: string[][];
  edits: { path: string; diff: string }[];
  outcome: StepOutcome;
  error: StepError | null;
  /** How often a command or a wait was tried, where more than once. */
  attempts?: number;
}

export type MicrovmState = "running" | "waiting" | "gave-up" | "unknown";

export interface ReportedMicrovm {
  /** NAMESPACE/NAME/UID */
  id: string;
  state: MicrovmState;
  findings: FindingId[];
  retries: number;
  /** ISO 8601, UTC: when flintlockd looks at it again by itself; null where it will not, or none is due. */
  nextTry: string | null;
  /** Why it is in that state, in one line, where that is known. */
  reason?: string;
}

/** A fault that is not touched without a decision. `code` is stable and upper case. */
export interface Refusal {
  /** Null where the whole run was refused: a stale plan, a lock that is held, no root. */
  finding: FindingId | null;
  code: string;
  message: string;
  hint: string;
}

export interface Advice {
  finding: FindingId | null;
  message: string;
}

export type Verdict = "healthy" | "planned" | "fixed" | "unresolved" | "refused" | "unobservable";

export type Profile = "dev" | "prod" | "unknown";

export interface Report {
  schema: "flintlock-fix/report/v1";
  mode: "dry-run" | "apply";
  verdict: Verdict;
  exitCode: ExitStatus;
  host: { name: string; bootId: string; profile: Profile };
  startedAt: string;
  durationMs: number;
  findings: ReportedFinding[];
  plan: ReportedStep[];
  microvms: ReportedMicrovm[];
  refusals: Refusal[];
  advice: Advice[];
}

export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/**
 * What one file of remediations/ says: how a fault is told and what is done about it. The folder is the registry; the file
 * name is the fault's id.
 */

import type { Advice, Evidence, FindingId, FindingStatus, Profile, Refusal } from "./report.ts";
import type { Resource, Step } from "./steps/action.ts";
import type { Microvm } from "./survey/microvms.ts";
import type { Survey } from "./survey/survey.ts";
import type { Policy } from "./policy.ts";

/** One wording of an error, as a log shows it. */
export interface Signature {
  /** Unique within the finding. */
  name: string;
  /** Whose log: only entries of this unit (by journald's trusted fields) count. */
  unit: "flintlockd" | "containerd";
  /** Matched against the message after unquoting; must be safe from catastrophic backtracking (no nested quantifiers). */
  pattern: RegExp;
}

export interface FindingSignature {
  finding: FindingId;
  signature: Signature;
}

/** What the detector hands on: plain data that can be printed, saved and compared. `facts` is what `remedy` needs. */
export interface Finding<Facts = unknown> {
  id: FindingId;
  status: FindingStatus;
  summary: string;
  evidence: Evidence[];
  /** NAMESPACE/NAME/UID of the MicroVMs that it touches. */
  microvms: string[];
  /** Only with a problem. */
  facts: Facts | null;
  /** Said whatever the plan will be: an override, what explains this finding outside the host, … */
  advice: string[];
}

export type Diagnosis<Facts> =
  | { status: "healthy"; summary: string; evidence?: Evidence[]; advice?: string[] }
  | { status: "unknown"; summary: string; evidence?: Evidence[]; microvms?: string[]; advice?: string[] }
  | { status: "problem"; summary: string; evidence: Evidence[]; facts: Facts; microvms?: string[]; advice?: string[] };

export const healthy = (summary: string, evidence: Evidence[] = [], advice: string[] = []): Diagnosis<never> => ({
  status: "healthy",
  summary,
  evidence,
  advice,
});
export const unknownBecause = (summary: string, evidence: Evidence[] = [], microvms: string[] = []): Diagnosis<never> => ({
  status: "unknown",
  summary,
  evidence,
  microvms,
});
export const problem = <Facts>(
  summary: string,
  evidence: Evidence[],
  facts: Facts,
  more: { microvms?: string[]; advice?: string[] } = {},
): Diagnosis<Facts> => ({
  status: "problem",
  summary,
  evidence,
  facts,
  ...more,
});

/** What the whole plan is made with: plain data, so that planning is pure. */
export interface PlanContext {
  policy: Policy;
  profile: Profile;
  /** Every finding of this look. */
  findings: ReadonlyMap<FindingId, Finding>;
  /** Milliseconds since the epoch, of the look. */
  nowMs: number;
  units: { flintlockd: string; containerd: string };
  microvms: readonly Microvm[];
  /** What a restart of each unit would do to running MicroVMs, and how flintlockd is seen to serve: filled by the detector. */
  restart: RestartFacts;
  /** Set where the pool is known not to serve, whatever findings were looked for. */
  brokenPool?: BrokenPool | null;
}

export interface BrokenPool {
  /** What sees to it. */
  finding: FindingId;
  summary: string;
}

export interface RestartFacts {
  /** Why a restart (or stop) of that unit ends running MicroVMs (KillMode, detach: false); null: it does not. */
  flintlockdEndsMicrovms: string | null;
  containerdEndsMicrovms: string | null;
  /** Why flintlockd's start would start a second hypervisor on a running MicroVM's disk; of containerd, where its restart is one of flintlockd too; null: it would not. */
  flintlockdDoublesMicrovms: string | null;
  containerdDoublesMicrovms: string | null;
  /** Endpoints that flintlockd must listen on to be serving; empty where it is to listen on none (`disable-api`). */
  endpoints: string[];
  /** active or activating (a crash loop too): a restart is then `restart`, else it is `start`. */
  flintlockdActive: boolean;
  containerdActive: boolean;
  /** It runs and has not been restarted by systemd: in a crash loop each start reads the configuration anew. */
  flintlockdSettled: boolean;
  /** A restart of containerd takes down a flintlockd that runs and has settled (Requires=): it has to be able to come back. */
  containerdTakesFlintlockd: boolean;
  /** Units that failed too often (StartLimitBurst=): systemd refuses each start, a person's too, until `systemctl reset-failed` or their interval is over. */
  givenUp: string[];
  /** Stopped by this tool's own last run, which did not come to start it again: then any run may start it. */
  flintlockdStoppedByUs: boolean;
  /** A person may be at work beneath it: an unattended run leaves the pool alone, too. */
  containerdStoppedByPerson: boolean;
  /** Name of ctr (null: it is not installed), and containerd's socket: to prove that the plugin is ok. */
  ctr: string | null;
  socket: string;
}

export interface Remedy {
  steps: Step[];
  refusals: Refusal[];
  advice: Advice[];
}

export interface Remediation<Facts = unknown> {
  id: FindingId;
  /** What it means, one or two sentences, for `fix explain`. */
  means: string;
  /** How it is told (what is looked at), what is done, what that can harm: for `fix explain`. */
  told: string;
  cure: string;
  harm: string;
  /** The entry of the runbook that it automates, where there is one: its heading. */
  runbook?: string;
  signatures: Signature[];
  /** What cannot be relied on while this is a problem or unknown: steps that need it are planned only where a step mends it. */
  breaks(finding: Finding<Facts>): Resource[];
  /** Findings that cause this one: where one of them is a problem, this is shown under it. In order of precedence. */
  follows?: FindingId[];
  /** The same, where that one touches every MicroVM that this one does. */
  followsWhereTouched?: FindingId[];
  inspect(survey: Survey): Promise<Diagnosis<Facts>>;
  remedy(finding: Finding<Facts> & { facts: Facts }, context: PlanContext): Remedy;
}

/** Keeps the type of `Facts` between inspect and remedy, and forgets it for the registry. */
export function defineRemediation<Facts>(remediation: Remediation<Facts>): Remediation {
  return remediation;
}

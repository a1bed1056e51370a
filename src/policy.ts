/** What may be done, and how: flags beat /etc/flintlock-fix/policy.yaml, which beats the defaults. Plain data. */

import { defaultSteps } from "./heal/unattended.ts";
import type { FindingId, Profile, StepId } from "./report.ts";

/** What began a run: a person, or one of the four that act by themselves. */
export type Trigger = "hand" | "boot" | "timer" | "cron" | "watch";

export type Occasion = "cured" | "failed" | "needs-person" | "breaker";

/** What stops automation that does not help. Only runs that nobody attends are held back by it. */
export interface Brakes {
  /** So many attempts at one finding … */
  attempts: number;
  /** … in so long. */
  attemptWindowMs: number;
  /** Between the first and the second attempt; four times as long before each further one. */
  attemptPauseMs: number;
  /** A finding that is back sooner than this after its cure was not cured: the breaker opens. */
  holdMs: number;
  /** So many findings that came back within `relapseMs` of their cure open it too. */
  relapses: number;
  relapseMs: number;
  /** So long after a boot nothing is done, but for what the boot unit does. */
  coolDownDevMs: number;
  coolDownProdMs: number;
}

export interface Policy extends Brakes {
  profile: "auto" | Exclude<Profile, "unknown">;
  only: FindingId[];
  skip: FindingId[];
  bridgeName: string | null;
  parentIface: string | null;
  disk: string | null;
  allowDestructive: boolean;
  allowPackages: boolean;
  provisioner: "native" | "script";
  provisionScript: string | null;
  /** Bounds each whole look. */
  timeoutMs: number;
  /** Stay until every waiting MicroVM was tried, so long at most; null: do not wait. */
  waitMs: number | null;
  /** Nobody watches: the boot unit, the timer, cron or `fix watch` runs it (`trigger` says which), under the brakes below. */
  unattended: boolean;
  trigger: Trigger;
  /** Steps that an unattended run may take, by profile. */
  unattendedDev: StepId[];
  unattendedProd: StepId[];
  /** argv that is told of what an unattended run did, as JSON on its stdin; empty: none. */
  notifyCommand: string[];
  notifyOn: Occasion[];
  notifyTimeoutMs: number;
  notifyRetries: number;
  /** For node_exporter's textfile collector; null: none is written. */
  metricsFile: string | null;
  /** The ledger and everything else that is kept between runs. */
  stateDir: string;
}

export const defaultPolicy: Policy = {
  profile: "auto",
  only: [],
  skip: [],
  bridgeName: null,
  parentIface: null,
  disk: null,
  allowDestructive: false,
  allowPackages: false,
  provisioner: "native",
  provisionScript: null,
  timeoutMs: 90_000,
  waitMs: null,
  unattended: false,
  trigger: "hand",
  unattendedDev: defaultSteps("dev"),
  unattendedProd: defaultSteps("prod"),
  attempts: 3,
  attemptWindowMs: 6 * 3_600_000,
  attemptPauseMs: 60_000,
  holdMs: 2 * 60_000,
  relapses: 2,
  relapseMs: 10 * 60_000,
  coolDownDevMs: 0,
  coolDownProdMs: 5 * 60_000,
  notifyCommand: [],
  notifyOn: ["cured", "failed", "needs-person", "breaker"],
  notifyTimeoutMs: 20_000,
  notifyRetries: 2,
  metricsFile: null,
  stateDir: "/var/lib/flintlock-fix",
};

/** Whether that check is made: `only` and `skip`. */
export const isChosen = ({ only, skip }: Pick<Policy, "only" | "skip">, id: FindingId): boolean =>
  (only.length === 0 || only.includes(id)) && !skip.includes(id);

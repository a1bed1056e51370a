/** What may be done, and how: flags beat /etc/flintlock-fix/policy.yaml, which beats the defaults. Plain data. */

import type { FindingId, Profile } from "./report.ts";

export interface Policy {
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
  /** Run by a person, or by the boot unit, the timer, cron or watch. */
  unattended: boolean;
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
  stateDir: "/var/lib/flintlock-fix",
};

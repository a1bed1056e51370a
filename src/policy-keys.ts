/** The keys of the policy file: what each may hold. One line a key; the file's reader and `fix explain --policy` both use it. */

import type { Policy } from "./policy.ts";
import type { FindingId } from "./report.ts";

export interface PolicyKey {
  name: string;
  about: string;
  /** Names of the policy's fields that it sets. */
  sets: (keyof Policy)[];
  read(value: unknown, ids: readonly FindingId[]): { values: Partial<Policy> } | { wrong: string };
}

const choice =
  <T extends string>(choices: readonly T[], into: (value: T) => Partial<Policy>): PolicyKey["read"] =>
  (value) => {
    const chosen = choices.find((item) => item === value);
    return chosen === undefined ? { wrong: `expected ${choices.join(" or ")}` } : { values: into(chosen) };
  };

const link =
  (into: (value: string) => Partial<Policy>): PolicyKey["read"] =>
  (value) => (typeof value === "string" && /^[^\s/:]{1,15}$/.test(value) ? { values: into(value) } : { wrong: "expected the name of a network interface" });

const findings =
  (into: (value: FindingId[]) => Partial<Policy>): PolicyKey["read"] =>
  (value, ids) => {
    const words: unknown[] = Array.isArray(value) ? value : [];
    const chosen = words.flatMap((word) => ids.filter((id) => id === word));
    return Array.isArray(value) && chosen.length === words.length ? { values: into(chosen) } : { wrong: `expected a list of findings: ${ids.join(", ")}` };
  };

const milliseconds: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

export function durationMs(value: unknown): number | null {
  const [, digits, unit] = typeof value === "string" ? (/^(\d{1,7})(s|m|h)$/.exec(value) ?? []) : [];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits) * (milliseconds[unit ?? ""] ?? NaN);
}

const time =
  (into: (ms: number) => Partial<Policy>): PolicyKey["read"] =>
  (value) => {
    const ms = durationMs(value);
    return ms === null ? { wrong: "expected a duration: 90s, 5m, 2h" } : { values: into(ms) };
  };

const path =
  (into: (value: string) => Partial<Policy>): PolicyKey["read"] =>
  (value) => (typeof value === "string" && value.startsWith("/") ? { values: into(value) } : { wrong: "expected an absolute path" });

/** Consent to destruction is not among them: it is given for one run, on its command line. */
export const policyKeys: readonly PolicyKey[] = [
  { name: "profile", about: "auto, dev or prod: what kind of host this is", sets: ["profile"], read: choice(["auto", "dev", "prod"], (profile) => ({ profile })) },
  { name: "only", about: "only these checks", sets: ["only"], read: findings((only) => ({ only })) },
  { name: "skip", about: "not these checks", sets: ["skip"], read: findings((skip) => ({ skip })) },
  { name: "bridge-name", about: "bridge to use where the host does not work as it is", sets: ["bridgeName"], read: link((bridgeName) => ({ bridgeName })) },
  { name: "parent-iface", about: "parent interface to use where the host does not work as it is", sets: ["parentIface"], read: link((parentIface) => ({ parentIface })) },
  { name: "allow-packages", about: "true: install-kernel-modules may install packages", sets: ["allowPackages"], read: (value) => (typeof value === "boolean" ? { values: { allowPackages: value } } : { wrong: "expected true or false" }) },
  { name: "provisioner", about: "native or script: who makes the pool", sets: ["provisioner"], read: choice(["native", "script"], (provisioner) => ({ provisioner })) },
  { name: "provision-script", about: "the provision.sh for provisioner: script", sets: ["provisionScript"], read: path((provisionScript) => ({ provisionScript })) },
  { name: "timeout", about: "bound of each whole look", sets: ["timeoutMs"], read: time((timeoutMs) => ({ timeoutMs })) },
  { name: "wait", about: "stay until every waiting MicroVM was tried again, so long at most", sets: ["waitMs"], read: time((waitMs) => ({ waitMs })) },
];

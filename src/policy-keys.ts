/** The keys of the policy file: what each may hold. One line a key; the file's reader and `fix explain --policy` both use it. */

import { milliseconds } from "./duration.ts";
import { validInterfaceName } from "./facts/links.ts";
import { stepsThatMayRunAlone } from "./heal/unattended.ts";
import type { Occasion, Policy } from "./policy.ts";
import type { FindingId, StepId } from "./report.ts";

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
  (value) =>
    typeof value === "string" && validInterfaceName(value) ? { values: into(value) } : { wrong: "expected the name of a network interface" };

const findings =
  (into: (value: FindingId[]) => Partial<Policy>): PolicyKey["read"] =>
  (value, ids) => {
    const words: unknown[] = Array.isArray(value) ? value : [];
    const chosen = words.flatMap((word) => ids.filter((id) => id === word));
    return Array.isArray(value) && chosen.length === words.length ? { values: into(chosen) } : { wrong: `expected a list of findings: ${ids.join(", ")}` };
  };

const time =
  (into: (ms: number) => Partial<Policy>): PolicyKey["read"] =>
  (value) => {
    const ms = milliseconds(value);
    return ms === null ? { wrong: "expected a duration: 90s, 5m, 2h" } : { values: into(ms) };
  };

const path =
  (into: (value: string) => Partial<Policy>): PolicyKey["read"] =>
  (value) =>
    typeof value === "string" && value.startsWith("/") ? { values: into(value) } : { wrong: "expected an absolute path" };

/** As `time`, and zero too. */
const span =
  (into: (ms: number) => Partial<Policy>): PolicyKey["read"] =>
  (value) => {
    const ms = value === 0 || value === "0s" || value === "0" ? 0 : milliseconds(value);
    return ms === null ? { wrong: "expected a duration: 0s, 90s, 5m, 2h" } : { values: into(ms) };
  };

const count =
  (least: number, into: (value: number) => Partial<Policy>): PolicyKey["read"] =>
  (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= 1_000
      ? { values: into(value) }
      : { wrong: `expected a whole number from ${least} to 1000` };

const some =
  <T extends string>(choices: readonly T[], into: (value: T[]) => Partial<Policy>): PolicyKey["read"] =>
  (value) => {
    const words: unknown[] = Array.isArray(value) ? value : [];
    const chosen = words.flatMap((word) => choices.filter((choice_) => choice_ === word));
    return Array.isArray(value) && chosen.length === words.length ? { values: into(chosen) } : { wrong: `expected a list of: ${choices.join(", ")}` };
  };

const steps = (into: (value: StepId[]) => Partial<Policy>): PolicyKey["read"] => some(stepsThatMayRunAlone, into);
const occasions: readonly Occasion[] = ["cured", "failed", "needs-person", "breaker"];

/** A program by its absolute path, and its words. */
const command =
  (into: (argv: string[]) => Partial<Policy>): PolicyKey["read"] =>
  (value) => {
    const words: unknown[] = Array.isArray(value) ? value : [];
    const argv = words.filter((word): word is string => typeof word === "string" && !word.includes("\0"));
    const fits = Array.isArray(value) && argv.length === words.length && (argv.length === 0 || argv[0]?.startsWith("/") === true);
    return fits ? { values: into(argv) } : { wrong: "expected a list of words, the first an absolute path: [/usr/local/bin/tell, --loud]" };
  };

/** Keys whose values are mappings: their keys stand below as GROUP.KEY. */
export const policyGroups: readonly string[] = ["unattended", "brakes", "notify", "metrics"];

/** Consent to destruction is not among them: it is given for one run, on its command line. */
export const policyKeys: readonly PolicyKey[] = [
  {
    name: "profile",
    about: "auto, dev or prod: what kind of host this is",
    sets: ["profile"],
    read: choice(["auto", "dev", "prod"], (profile) => ({ profile })),
  },
  { name: "only", about: "only these checks", sets: ["only"], read: findings((only) => ({ only })) },
  { name: "skip", about: "not these checks", sets: ["skip"], read: findings((skip) => ({ skip })) },
  { name: "bridge-name", about: "bridge to use where the host does not work as it is", sets: ["bridgeName"], read: link((bridgeName) => ({ bridgeName })) },
  {
    name: "parent-iface",
    about: "parent interface to use where the host does not work as it is",
    sets: ["parentIface"],
    read: link((parentIface) => ({ parentIface })),
  },
  {
    name: "allow-packages",
    about: "true: install-kernel-modules may install packages",
    sets: ["allowPackages"],
    read: (value) => (typeof value === "boolean" ? { values: { allowPackages: value } } : { wrong: "expected true or false" }),
  },
  {
    name: "provisioner",
    about: "native or script: who makes the pool",
    sets: ["provisioner"],
    read: choice(["native", "script"], (provisioner) => ({ provisioner })),
  },
  {
    name: "provision-script",
    about: "the provision.sh for provisioner: script",
    sets: ["provisionScript"],
    read: path((provisionScript) => ({ provisionScript })),
  },
  { name: "timeout", about: "bound of each whole look", sets: ["timeoutMs"], read: time((timeoutMs) => ({ timeoutMs })) },
  { name: "wait", about: "stay until every waiting MicroVM was tried again, so long at most", sets: ["waitMs"], read: time((waitMs) => ({ waitMs })) },
  {
    name: "unattended.dev",
    about: "steps that automation may take on a dev host",
    sets: ["unattendedDev"],
    read: steps((unattendedDev) => ({ unattendedDev })),
  },
  { name: "unattended.prod", about: "the same on a prod host", sets: ["unattendedProd"], read: steps((unattendedProd) => ({ unattendedProd })) },
  { name: "brakes.attempts", about: "so many attempts at one finding", sets: ["attempts"], read: count(0, (attempts) => ({ attempts })) },
  { name: "brakes.window", about: "… in so long", sets: ["attemptWindowMs"], read: time((attemptWindowMs) => ({ attemptWindowMs })) },
  {
    name: "brakes.pause",
    about: "between the first two attempts; four times as long before each further one",
    sets: ["attemptPauseMs"],
    read: span((attemptPauseMs) => ({ attemptPauseMs })),
  },
  {
    name: "brakes.hold",
    about: "a finding that is back sooner was not cured: automation stops itself",
    sets: ["holdMs"],
    read: span((holdMs) => ({ holdMs })),
  },
  {
    name: "brakes.relapses",
    about: "so many findings that came back within relapse-window stop it too",
    sets: ["relapses"],
    read: count(1, (relapses) => ({ relapses })),
  },
  {
    name: "brakes.relapse-window",
    about: "how soon after its cure a finding counts as come back",
    sets: ["relapseMs"],
    read: span((relapseMs) => ({ relapseMs })),
  },
  {
    name: "brakes.cool-down-dev",
    about: "so long after a boot only the boot unit acts (dev)",
    sets: ["coolDownDevMs"],
    read: span((coolDownDevMs) => ({ coolDownDevMs })),
  },
  { name: "brakes.cool-down-prod", about: "the same on a prod host", sets: ["coolDownProdMs"], read: span((coolDownProdMs) => ({ coolDownProdMs })) },
  { name: "notify.command", about: "argv that is told, as JSON on stdin", sets: ["notifyCommand"], read: command((notifyCommand) => ({ notifyCommand })) },
  { name: "notify.on", about: `of what: ${occasions.join(", ")}`, sets: ["notifyOn"], read: some(occasions, (notifyOn) => ({ notifyOn })) },
  { name: "notify.timeout", about: "how long it may take", sets: ["notifyTimeoutMs"], read: time((notifyTimeoutMs) => ({ notifyTimeoutMs })) },
  { name: "notify.retries", about: "how often it is tried again", sets: ["notifyRetries"], read: count(0, (notifyRetries) => ({ notifyRetries })) },
  {
    name: "metrics.textfile",
    about: "written after each run, for node_exporter's textfile collector",
    sets: ["metricsFile"],
    read: path((metricsFile) => ({ metricsFile })),
  },
];

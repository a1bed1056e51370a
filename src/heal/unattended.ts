/**
 * Which steps a run may take that nobody attends. On a dev host: everything that destroys nothing and needs no decision. On
 * a prod host: activation, module loading and restarts; nothing of what a person set up is edited.
 */

import type { Profile, StepId } from "../report.ts";

interface Rule {
  dev: boolean;
  prod: boolean;
  /** Before the daemons start: storage and modules alone. A unit that is ordered after the boot unit cannot be started by it. */
  boot: boolean;
}

const both: Rule = { dev: true, prod: true, boot: false };
const devOnly: Rule = { dev: true, prod: false, boot: false };
const atBoot: Rule = { dev: true, prod: true, boot: true };
/** Only where the policy file names it. */
const whenNamed: Rule = { dev: false, prod: false, boot: false };

/** `provision-direct-lvm` destroys, and is not among what the policy file may name. */
const rules: Record<Exclude<StepId, "provision-direct-lvm">, Rule> = {
  "recreate-devpool": atBoot,
  "activate-direct-lvm": atBoot,
  "load-macvlan": atBoot,
  "clear-inactive-table": devOnly,
  "grow-devpool": devOnly,
  "start-containerd": both,
  "restart-containerd": both,
  "stop-flintlockd": both,
  "start-flintlockd": both,
  "restart-flintlockd": both,
  "restart-flintlockd-again": both,
  "install-kernel-modules": whenNamed,
  "set-bridge-name": devOnly,
  "set-parent-iface": devOnly,
  "attach-tap": devOnly,
  "clear-stale-pid": devOnly,
};

const isStep = (name: string): name is keyof typeof rules => Object.hasOwn(rules, name);

export const stepsThatMayRunAlone: readonly StepId[] = Object.keys(rules).filter(isStep);

export function defaultSteps(profile: "dev" | "prod"): StepId[] {
  return stepsThatMayRunAlone.filter((id) => isStep(id) && rules[id][profile]);
}

export function isForBoot(id: StepId): boolean {
  return isStep(id) && rules[id].boot;
}

/** A host whose profile could not be told is treated with the care that a prod host gets. */
export function allowedSteps(profile: Profile, policy: { unattendedDev: readonly StepId[]; unattendedProd: readonly StepId[] }): readonly StepId[] {
  return profile === "dev" ? policy.unattendedDev : policy.unattendedProd;
}

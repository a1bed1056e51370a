/** What is done about bridge-name or parent-iface: which value, whether it may be written, and the steps. Pure. */

import { chooseBridge } from "../facts/bridge-choice.ts";
import { shownDevice, type NetworkKey } from "../facts/network-needs.ts";
import { chooseParent, type Links } from "../facts/parent-choice.ts";
import type { PlanContext, Remedy } from "../remediation.ts";
import type { FindingId, Refusal } from "../report.ts";
import type { ConfigFile, Setting } from "../survey/settings.ts";
import { setConfigKey, type ConfigStepId } from "./config.ts";
import { bringUpFlintlockd } from "./units.ts";

export interface SettingFacts {
  key: NetworkKey;
  config: ConfigFile;
  /** As it is in force now. */
  setting: Setting;
  /** Null: they could not be looked at. */
  links: Links | null;
}

export type Decision = { value: string; because: string; advice: string[] } | Pick<Refusal, "code" | "message" | "hint">;

/** `asked`: what the operator said to use; null: it is to be chosen. */
export function decide({ key, config, setting, links }: SettingFacts, asked: string | null): Decision {
  const { problem } = config;
  if (problem)
    return {
      code: `CONFIG_${problem.code}`,
      message: `${placeOf(config)}: ${problem.message}: flintlockd ignores such a file and starts with its defaults`,
      hint: "put the file right by hand, then run fix again; it is not overwritten",
    };
  if (isOverriding(setting)) {
    const given = setting.value === "" ? "nothing" : shownDevice(setting.value);
    return {
      code: "OVERRIDDEN",
      message: `${key} is given as ${given} by ${setting.where} (${setting.origin}), which beats ${config.path}: an edit of the file would change nothing`,
      hint: `change it there ${byHand}`,
    };
  }
  if (links === null)
    return {
      code: "LINKS_UNKNOWN",
      message: `the network devices of this host could not be looked at, so no ${key} can be chosen`,
      hint: "run it as root, on the host itself",
    };
  const choice = key === "bridge-name" ? chooseBridge(links.links, asked) : chooseParent(links, asked);
  return "name" in choice ? { value: choice.name, because: choice.because, advice: choice.advice } : choice;
}

/** A flag of the unit, or its environment: this tool does not edit those, and the file does not count beside them. */
export const isOverriding = ({ origin }: Setting): boolean => origin === "flag" || origin === "environment";

/** Follows what is to be changed in a unit. */
export const byHand = "(systemctl edit --full flintlockd.service, or its drop-in), then: systemctl daemon-reload && systemctl restart flintlockd.service";

export function placeOf({ path, problem }: ConfigFile): string {
  const { line = null, column = null } = problem ?? {};
  return line === null ? path : `${path}:${line}${column === null ? "" : `, column ${column}`}`;
}

const stepOf: Record<NetworkKey, ConfigStepId> = { "bridge-name": "set-bridge-name", "parent-iface": "set-parent-iface" };

export const askedFor = (key: NetworkKey, { policy }: Pick<PlanContext, "policy">): string | null =>
  key === "bridge-name" ? policy.bridgeName : policy.parentIface;

/** Sets the key and restarts flintlockd, or says why not. */
export function setAndRestart(facts: SettingFacts, finding: FindingId, context: PlanContext): Remedy {
  const decision = decide(facts, askedFor(facts.key, context));
  if ("code" in decision) return { steps: [], refusals: [{ finding, ...decision }], advice: [] };
  const edit = setConfigKey(facts.config, stepOf[facts.key], facts.key, decision.value, [finding]);
  if ("refusal" in edit) return { steps: [], refusals: [{ finding, ...edit.refusal }], advice: [] };
  const restart = bringUpFlintlockd(context, [finding]);
  // A flintlockd that runs would go on with the old value; one that does not, or in a crash loop, reads the file whenever it is started.
  const running = context.restart.flintlockdSettled ? restart.find(({ id }) => id === "restart-flintlockd") : undefined;
  return {
    steps: [{ ...edit.step, ...(running ? { onlyWith: running.key } : {}) }, ...restart],
    refusals: [],
    advice: [`${facts.key} becomes ${decision.value}: ${decision.because}`, ...decision.advice].map((message) => ({ finding, message })),
  };
}

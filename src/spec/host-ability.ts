/** What a host can give to MicroVMs' interfaces, as plain data; where there is no flintlock host, that is what it says. */

import { validInterfaceName, type Link } from "../facts/links.ts";
import type { MacvtapSupport } from "../facts/kernel-modules.ts";
import { absent, known, unknown, type Answer } from "../host/inspector.ts";
import type { Setting } from "../survey/settings.ts";
import type { Survey } from "../survey/survey.ts";

/** A setting in force; `value` is never empty. */
export interface InForce {
  value: string;
  /** `PATH:LINE`, or the unit whose flag or environment it is; empty for a default. */
  where: string;
}

export interface HostAbility {
  /** `this host`, or the name of the capture. */
  name: string;
  /** Known: a flintlock host. Absent: none, and nothing could be compared. Unknown: it could not be looked at. */
  host: Answer<true>;
  /** Absent: set nowhere. */
  bridgeName: Answer<InForce>;
  parentIface: Answer<InForce>;
  defaultProvider: Answer<InForce>;
  /** Binaries set to nothing switch a provider off (flintlock: infrastructure/microvm/providers.go, NewFromConfig). */
  providersOff: readonly string[];
  links: Answer<readonly Link[]>;
  macvtap: Answer<Macvtap>;
  /** What the policy says to use where the host has nothing. */
  policy: { bridgeName: string | null; parentIface: string | null };
}

/** Whether the kernel makes macvtap interfaces; `apply`: `fix --apply` sees to it. */
export type Macvtap = { possible: true } | { possible: false; why: string; apply: boolean };

export function nowhere(name: string, why: string, policy: HostAbility["policy"]): HostAbility {
  return { name, host: absent(why), ...all(absent(why)), providersOff: [], policy };
}

const all = (
  answer: ReturnType<typeof absent> | ReturnType<typeof unknown>,
): Pick<HostAbility, "bridgeName" | "parentIface" | "defaultProvider" | "links" | "macvtap"> => ({
  bridgeName: answer,
  parentIface: answer,
  defaultProvider: answer,
  links: answer,
  macvtap: answer,
});

export async function hostAbility(survey: Survey, name = "this host"): Promise<HostAbility> {
  const { bridgeName, parentIface } = survey.policy;
  const policy = { bridgeName, parentIface };
  const layout = await survey.layout();
  if (layout.kind === "absent") return nowhere(name, layout.why, policy);
  const [settings, links, modules] = await Promise.all([survey.settings(), survey.links(), survey.kernelModules()]);
  const common = {
    name,
    policy,
    links: links.kind === "known" ? known(links.value.links, links.at) : links,
    macvtap: modules.kind === "known" ? known(macvtapOf(modules.value.support), modules.at) : modules,
  };
  if (settings.kind !== "known")
    return {
      ...common,
      host: unknown(settings.why),
      bridgeName: unknown(settings.why),
      parentIface: unknown(settings.why),
      defaultProvider: unknown(settings.why),
      providersOff: [],
    };
  const { value, at } = settings;
  const broken = value.config.problem;
  const inForce = (flag: string): Answer<InForce> => {
    const setting = value.of(flag);
    // A file that cannot be read may say anything; one that does not parse says nothing to flintlockd.
    if (broken !== null && setting.origin === "default" && broken.code === "UNREADABLE") return unknown(`${value.config.path}: ${broken.message}`);
    return setting.value === "" ? absent(`${flag} is set nowhere`) : known(asInForce(setting), at);
  };
  return {
    ...common,
    host: known(true, at),
    bridgeName: inForce("bridge-name"),
    parentIface: inForce("parent-iface"),
    defaultProvider: inForce("default-provider"),
    providersOff: ["firecracker", "cloudhypervisor"].filter((provider) => isOff(value.of(`${provider}-bin`))),
  };
}

const asInForce = ({ value, where }: Setting): InForce => ({ value, where });

const isOff = ({ value, origin }: Setting): boolean => origin !== "default" && value === "";

function macvtapOf(support: MacvtapSupport): Macvtap {
  switch (support.is) {
    case "present":
    case "loadable":
      return { possible: true };
    case "denied":
      return { possible: false, why: `the kernel may not load macvtap by itself (${placesOf(support.lines)})`, apply: true };
    case "blocked":
      return { possible: false, why: `macvtap is blocked (${placesOf(support.lines)})`, apply: false };
    case "missing":
      return { possible: false, why: "the running kernel has no macvtap module", apply: false };
    case "not-permitted":
      return { possible: false, why: support.why, apply: false };
  }
}

const placesOf = (lines: readonly { where: string; text: string }[]): string => lines.map(({ where, text }) => `${where}: ${text}`).join("; ");

/** A name from a spec or a file, for a sentence: quoted where it is no name of a device. */
export const shownLink = (name: string): string => (validInterfaceName(name) ? name : JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name));

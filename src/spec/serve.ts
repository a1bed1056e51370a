/** Whether a host can give an interface what it needs. Pure. */

import { isBridge } from "../facts/bridge-choice.ts";
import { validInterfaceName, type Link } from "../facts/links.ts";
import { unfitParent } from "../facts/parent-choice.ts";
import { shownLink, type HostAbility } from "./host-ability.ts";
import type { InterfaceType } from "./microvm.ts";
import type { Provider } from "./provider.ts";
import type { RuleId } from "./rules.ts";

/** What is wanted, however it is written. */
export interface Wanted {
  type: InterfaceType;
  /** What really counts: null for CAPMVM, whose override nobody reads. */
  bridge: string | null;
  metadata: boolean;
}

export interface Trouble {
  rule: RuleId;
  message: string;
  hint: string;
  /** Of which value it is. */
  at: "type" | "bridge";
}

/**
 * `policy`: not as the host is, but once `fix --apply` did what the policy says. `unknown`: `host` says whether that is because
 * there is none to compare with, or because it could not be looked at.
 */
export type Service =
  { is: "served" | "policy"; by: string } | { is: "refused"; troubles: Trouble[] } | { is: "unknown"; why: string; host: "absent" | "unknown" };

export function serve(wanted: Wanted, provider: Provider, ability: HostAbility): Service {
  if (wanted.type === "macvtap") return serveMacvtap(provider, ability);
  if (wanted.metadata) return { is: "served", by: "a tap for metadata alone needs no bridge" };
  return wanted.bridge === null ? serveTap(ability) : serveOverride(wanted.bridge, ability);
}

const refused = (rule: RuleId, at: Trouble["at"], message: string, hint: string): Service => ({ is: "refused", troubles: [{ rule, at, message, hint }] });

function serveMacvtap(provider: Provider, ability: HostAbility): Service {
  if (provider.takesMacvtap === null) return { is: "unknown", why: provider.because, host: provider.host };
  if (!provider.takesMacvtap)
    return refused(
      "macvtap-on-firecracker",
      "type",
      `macvtap on ${provider.shown} (${provider.because}): flintlock refuses it since 0.7`,
      `type tap, or provider cloudhypervisor (default-provider in flintlockd's configuration)`,
    );
  const { parentIface, macvtap, links, policy, host } = ability;
  if (host.kind === "absent" && policy.parentIface === null) return { is: "unknown", why: "parent-iface and macvtap were not compared", host: "absent" };
  if (parentIface.kind === "unknown") return { is: "unknown", why: parentIface.why, host: "unknown" };
  if (parentIface.kind === "absent") {
    if (policy.parentIface !== null) return { is: "policy", by: byPolicy("parent-iface", policy.parentIface, host.kind) };
    return refused(
      "macvtap-without-parent",
      "type",
      `macvtap needs a parent, and ${ability.name} has no parent-iface`,
      "fix --apply sets parent-iface on the host; or type tap, where the host has a bridge",
    );
  }
  if (macvtap.kind === "known" && !macvtap.value.possible)
    return refused(
      "macvtap-unavailable",
      "type",
      `${ability.name} cannot create macvtap interfaces: ${macvtap.value.why}`,
      macvtap.value.apply ? "fix --apply loads the modules; or type tap" : "fix says what can be done on the host; or type tap",
    );
  const { value, where } = parentIface.value;
  if (links.kind === "known") {
    const trouble = wrongParent(value, where, links.value);
    if (trouble) return { is: "refused", troubles: [trouble] };
  }
  if (links.kind !== "known" || macvtap.kind !== "known") return { is: "unknown", why: links.kind === "known" ? whyOf(macvtap) : links.why, host: "unknown" };
  return { is: "served", by: `parent-iface ${shownLink(value)}${from(where)}` };
}

const whyOf = (answer: HostAbility["macvtap"]): string => (answer.kind === "known" ? "" : answer.why);

function wrongParent(name: string, where: string, links: readonly Link[]): Trouble | null {
  const link = links.find((candidate) => candidate.name === name);
  const hint = "set parent-iface to a wired interface that is there (fix --apply --parent-iface NAME), or type tap";
  if (!link) return { rule: "parent-not-found", at: "type", message: `parent-iface ${shownLink(name)}${from(where)} does not exist`, hint };
  const unfit = unfitParent(link);
  if (!unfit) return null;
  return {
    rule: "parent-unfit",
    at: "type",
    message: `parent-iface ${shownLink(name)}${from(where)} cannot carry a macvtap: ${"unfit" in unfit ? unfit.unfit : `it is a port of ${shownLink(unfit.busyWith)} and busy`}`,
    hint,
  };
}

function serveTap(ability: HostAbility): Service {
  const { bridgeName, links, policy, host } = ability;
  if (host.kind === "absent" && policy.bridgeName === null) return { is: "unknown", why: "bridge-name was not compared", host: "absent" };
  if (bridgeName.kind === "unknown") return { is: "unknown", why: bridgeName.why, host: "unknown" };
  if (bridgeName.kind === "absent") {
    if (policy.bridgeName !== null) return { is: "policy", by: byPolicy("bridge-name", policy.bridgeName, host.kind) };
    return refused(
      "tap-without-bridge",
      "type",
      `a tap needs a bridge: the spec names none that counts, and ${ability.name} has no bridge-name`,
      "fix --apply sets bridge-name on the host; or the spec names a bridge (flintlock specs only), or type macvtap where provider and host can",
    );
  }
  const { value, where } = bridgeName.value;
  if (links.kind !== "known") return { is: "unknown", why: links.why, host: "unknown" };
  const trouble = wrongBridge(
    value,
    links.value,
    "type",
    `bridge-name ${shownLink(value)}${from(where)}`,
    "make that bridge, or set bridge-name to one that is there (fix --apply --bridge-name NAME)",
  );
  return trouble ? { is: "refused", troubles: [trouble] } : { is: "served", by: `bridge-name ${shownLink(value)}${from(where)}` };
}

function serveOverride(bridge: string, { host, links }: HostAbility): Service {
  if (!validInterfaceName(bridge))
    return refused("invalid-bridge-name", "bridge", `${shownLink(bridge)} cannot be the name of a bridge`, "1 to 15 bytes, no slash, colon or white space");
  if (links.kind !== "known")
    return {
      is: "unknown",
      why: host.kind === "absent" ? `whether bridge ${bridge} exists was not compared` : links.why,
      host: host.kind === "absent" ? "absent" : "unknown",
    };
  const trouble = wrongBridge(
    bridge,
    links.value,
    "bridge",
    `bridge ${bridge} of the spec`,
    `make it (ip link add ${bridge} type bridge), or name another${bridgesOf(links.value)}`,
  );
  return trouble ? { is: "refused", troubles: [trouble] } : { is: "served", by: `bridge ${bridge} of the spec` };
}

function wrongBridge(name: string, links: readonly Link[], at: Trouble["at"], subject: string, hint: string): Trouble | null {
  if (isBridge(links, name)) return null;
  const link = links.find((candidate) => candidate.name === name);
  if (!link) return { rule: "bridge-not-found", at, message: `${subject} does not exist`, hint };
  return { rule: "not-a-bridge", at, message: `${subject} is ${link.kind === "other" ? "a device of another kind" : `a ${link.kind}`}, not a bridge`, hint };
}

function bridgesOf(links: readonly Link[]): string {
  const bridges = links.filter(({ kind }) => kind === "bridge").map(({ name }) => name);
  return bridges.length > 0 ? ` (there: ${bridges.slice(0, 8).join(", ")})` : "";
}

const byPolicy = (key: string, name: string, host: string): string =>
  host === "absent" ? `${key} ${shownLink(name)} of the policy` : `${key} ${shownLink(name)} of the policy, once fix --apply set it`;

const from = (where: string): string => (where === "" ? "" : ` (${where})`);

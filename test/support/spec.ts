/** Hosts and sources for the tests of specs. */

import { readFileSync } from "node:fs";
import type { Link, LinkKind } from "../../src/facts/links.ts";
import { absent, known } from "../../src/host/inspector.ts";
import { nowhere, type HostAbility, type Macvtap } from "../../src/spec/host-ability.ts";
import { assemble, type Asked, type Assembled } from "../../src/spec/assemble.ts";
import type { Ask } from "../../src/spec/patch.ts";
import { readSource } from "../../src/spec/source.ts";

export const fixture = (name: string): string => readFileSync(new URL(`../fixtures/spec/${name}`, import.meta.url), "utf8");

export const link = (name: string, kind: LinkKind, master: string | null = null): Link => ({
  name,
  ifindex: 1,
  kind,
  up: true,
  master,
  physical: kind === "nic",
  lowers: [],
});

export interface HostParts {
  bridge?: string | null;
  parent?: string | null;
  provider?: string;
  links?: Link[];
  macvtap?: Macvtap;
  policy?: HostAbility["policy"];
  providersOff?: string[];
}

export const elsewhere = nowhere("this host", "there is no flintlock here", { bridgeName: null, parentIface: null });

/** A flintlock host with bridge br0 and NIC ens1, both configured, and Firecracker by default. */
export function flintlockHost({
  bridge = "br0",
  parent = "ens1",
  provider = "firecracker",
  links,
  macvtap = { possible: true },
  policy,
  providersOff = [],
}: HostParts = {}): HostAbility {
  const set = (value: string | null, line: number): HostAbility["bridgeName"] =>
    value === null ? absent("set nowhere") : known({ value, where: `/etc/opt/flintlockd/config.yaml:${line}` });
  return {
    name: "this host",
    host: known(true),
    bridgeName: set(bridge, 2),
    parentIface: set(parent, 3),
    defaultProvider: known({ value: provider, where: provider === "firecracker" ? "" : "/etc/opt/flintlockd/config.yaml:4" }),
    providersOff,
    links: known(links ?? [link("br0", "bridge"), link("ens1", "nic"), link("docker0", "bridge")]),
    macvtap: known(macvtap),
    policy: policy ?? { bridgeName: null, parentIface: null },
  };
}

export const cloudHypervisorHost = (parts: HostParts = {}): HostAbility => flintlockHost({ provider: "cloudhypervisor", ...parts });

export const nothingAsked: Ask = { type: null, bridge: null, interfaces: [], rename: null };

export function run(name: string, text: string, asked: Partial<Asked>, ability: HostAbility = elsewhere): Assembled {
  return assemble([readSource(name, text)], { mode: "check", ask: nothingAsked, fixTabs: false, ...asked }, ability);
}

export const check = (name: string, text: string, ability: HostAbility = elsewhere): Assembled["report"] => run(name, text, {}, ability).report;

export function patch(name: string, text: string, ask: Partial<Ask> = {}, ability: HostAbility = elsewhere): Assembled & { text: string } {
  const assembled = run(name, text, { mode: "patch", ask: { ...nothingAsked, ...ask } }, ability);
  return { ...assembled, text: assembled.edits[0]?.after ?? text };
}

/** A bare spec with these interfaces. */
export const bare = (interfaces: unknown[], rest: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ id: "a", namespace: "ns1", kernel: { image: "k" }, root_volume: { id: "root" }, ...rest, interfaces }, null, 2)}\n`;

/** Network devices that a host's configuration defines, whether they are up or not: netplan, systemd-networkd, NetworkManager, ifupdown. */

import { isPlain } from "./links.ts";

export interface NetworkDefinition {
  device: string;
  /** What it makes. */
  kind: "bridge" | "other";
  by: "netplan" | "systemd-networkd" | "NetworkManager" | "ifupdown";
  /** `PATH:LINE` */
  where: string;
  /** What brings it up. */
  command: string[];
}

/** Who acts on a definition: a service that has to run, or a program that has to be there. */
export const owners: Record<NetworkDefinition["by"], { service: string } | { program: string }> = {
  netplan: { program: "netplan" },
  "systemd-networkd": { service: "systemd-networkd.service" },
  NetworkManager: { service: "NetworkManager.service" },
  ifupdown: { program: "ifup" },
};

export const definitionFolders = {
  netplan: ["/etc/netplan", "/run/netplan", "/lib/netplan"],
  networkd: ["/etc/systemd/network", "/run/systemd/network", "/usr/local/lib/systemd/network", "/usr/lib/systemd/network"],
  networkManager: ["/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections"],
  ifupdown: ["/etc/network/interfaces.d"],
};
export const interfacesFile = "/etc/network/interfaces";

/** Kinds of devices that a definition makes, rather than hardware that it configures (netplan(5)). */
const netplanKinds = ["bridges", "bonds", "vlans", "dummy-devices", "vrfs", "tunnels"];

/** `network`: the value of that key of the file. */
export function netplanDefinitions(path: string, text: string, network: unknown): NetworkDefinition[] {
  const made = netplanKinds.flatMap((section) =>
    Object.keys(mapping(mapping(network)[section])).map((device) => ({ device, kind: kindOf(section === "bridges") })),
  );
  return made
    .filter(({ device }) => isPlain(device))
    .map(({ device, kind }) => ({
      device,
      kind,
      by: "netplan",
      where: `${path}:${lineOf(text, (line) => /^["']?([^"':]+)["']?\s*:/.exec(line)?.[1] === device)}`,
      command: ["netplan", "apply"],
    }));
}

/** systemd.netdev(5): a .netdev file makes a device; a .network file only configures one that is there. */
export function netdevDefinitions(path: string, text: string): NetworkDefinition[] {
  const device = iniValue(text, "NetDev", "Name");
  return device === null || !isPlain(device.value)
    ? []
    : [
        {
          device: device.value,
          kind: kindOf(iniValue(text, "NetDev", "Kind")?.value === "bridge"),
          by: "systemd-networkd",
          where: `${path}:${device.line}`,
          command: ["networkctl", "reload"],
        },
      ];
}

/** nm-settings-keyfile(5) */
export function keyfileDefinitions(path: string, text: string): NetworkDefinition[] {
  const value = (key: string): string => iniValue(text, "connection", key)?.value ?? "";
  const device = iniValue(text, "connection", "interface-name");
  if (device === null || !isPlain(device.value) || !["bridge", "bond", "vlan", "team", "dummy"].includes(value("type"))) return [];
  // An id may hold blanks and quotes; the command is one to paste.
  const which = /^[\w.-]+$/.test(value("id"))
    ? ["id", value("id")]
    : /^[0-9a-f-]{36}$/.test(value("uuid"))
      ? ["uuid", value("uuid")]
      : ["ifname", device.value];
  return [
    {
      device: device.value,
      kind: kindOf(value("type") === "bridge"),
      by: "NetworkManager",
      where: `${path}:${device.line}`,
      command: ["nmcli", "connection", "up", ...which],
    },
  ];
}

/** interfaces(5): `iface NAME inet …`, and what follows up to the next stanza. */
export function interfacesDefinitions(path: string, text: string): NetworkDefinition[] {
  const found = new Map<string, { line: number; isBridge: boolean }>();
  let stanza: { line: number; isBridge: boolean } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const [word = "", device = ""] = line.split(/\s+/);
    if (word === "iface" && device !== "lo" && isPlain(device)) {
      stanza = found.get(device) ?? { line: index + 1, isBridge: false };
      found.set(device, stanza);
    } else if (/^(?:iface|auto|allow-.*|mapping|source|source-directory|rename|no-.*)$/.test(word)) stanza = undefined;
    else if (stanza && makesBridge.test(line)) stanza.isBridge = true;
  }
  return [...found].map(([device, { line, isBridge }]) => ({
    device,
    kind: kindOf(isBridge),
    by: "ifupdown",
    where: `${path}:${line}`,
    command: ["ifup", device],
  }));
}

/** bridge-utils-interfaces(5), or a command of the stanza; without either it configures a device that is there. */
const makesBridge = /^bridge[_-]ports\b|\bbrctl addbr\b|\bip link add\b.*\btype bridge\b/;

const kindOf = (isBridge: boolean): NetworkDefinition["kind"] => (isBridge ? "bridge" : "other");

const mapping = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {});

function lineOf(text: string, matches: (line: string) => boolean): number {
  return Math.max(text.split("\n").findIndex((line) => matches(line.trim())) + 1, 1);
}

function iniValue(text: string, section: string, key: string): { value: string; line: number } | null {
  let current = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line.startsWith("[") && line.endsWith("]")) current = line.slice(1, -1);
    const equals = line.indexOf("=");
    if (current === section && equals > 0 && line.slice(0, equals).trim() === key) return { value: line.slice(equals + 1).trim(), line: index + 1 };
  }
  return null;
}

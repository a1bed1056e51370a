import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  interfacesDefinitions,
  keyfileDefinitions,
  netdevDefinitions,
  netplanDefinitions,
  type NetworkDefinition,
} from "../../../src/facts/network-definitions.ts";

test("netplan: devices that it makes, with their line", () => {
  const text = 'network:\n  version: 2\n  ethernets:\n    eth0: {}\n  bridges:\n    br8:\n      dhcp4: true\n    "a b": {}\n';
  const network = { version: 2, ethernets: { eth0: {} }, bridges: { br8: { dhcp4: true }, "a b": {} } };
  expect(netplanDefinitions("/etc/netplan/50.yaml", text, network)).toEqual([
    { device: "br8", kind: "bridge", by: "netplan", where: "/etc/netplan/50.yaml:6", command: ["netplan", "apply"] },
  ]);
  expect(netplanDefinitions("x", text, undefined)).toEqual([]);
  expect(netplanDefinitions("x", text, { bridges: ["br0"] }).map(({ device }) => device)).toEqual([]);
});

test("systemd-networkd, NetworkManager, ifupdown", () => {
  expect(netdevDefinitions("/a.netdev", "[Match]\nName=no\n[NetDev]\nName=br9\nKind=bridge\n")).toMatchObject([
    { device: "br9", where: "/a.netdev:4", command: ["networkctl", "reload"] },
  ]);
  const keyfile = (name: string): string[] | undefined => keyfileDefinitions("/a", `[connection]\n${name}\ntype=bridge\ninterface-name=br10\n`)[0]?.command;
  expect(keyfile("id=lan")).toEqual(["nmcli", "connection", "up", "id", "lan"]);
  expect(keyfile("id=My $(bridge)\nuuid=0f0e2ad3-3b2a-4c56-9d7c-2f5f6a1c9d10")).toEqual([
    "nmcli",
    "connection",
    "up",
    "uuid",
    "0f0e2ad3-3b2a-4c56-9d7c-2f5f6a1c9d10",
  ]);
  expect(keyfile("id=My $(bridge)")).toEqual(["nmcli", "connection", "up", "ifname", "br10"]);
  expect(keyfileDefinitions("/a", "[connection]\nid=x\ntype=ethernet\ninterface-name=eth0\n")).toEqual([]);
  expect(interfacesDefinitions("/etc/network/interfaces", "auto br11\niface lo inet loopback\niface br11 inet static\niface br11 inet6 auto\n")).toEqual([
    { device: "br11", kind: "other", by: "ifupdown", where: "/etc/network/interfaces:3", command: ["ifup", "br11"] },
  ]);
});

test("what it makes", () => {
  const kinds = (definitions: NetworkDefinition[]) => definitions.map(({ device, kind }) => `${device} ${kind}`);
  expect(kinds(netplanDefinitions("x", "", { bridges: { a: {} }, "dummy-devices": { b: {} } }))).toEqual(["a bridge", "b other"]);
  expect(kinds(netdevDefinitions("x", "[NetDev]\nName=a\nKind=dummy\n"))).toEqual(["a other"]);
  expect(kinds(netdevDefinitions("x", "[NetDev]\nName=a\nKind=bridge\n"))).toEqual(["a bridge"]);
  expect(kinds(keyfileDefinitions("x", "[connection]\ntype=bond\ninterface-name=a\n"))).toEqual(["a other"]);
  const stanzas = [
    ["a", "bridge_ports none"],
    ["b", "bridge-ports eth0"],
    ["c", "pre-up ip link add name c type bridge || true"],
    ["d", "pre-up brctl addbr d"],
    ["e", "address 10.0.0.1/24"],
    ["f", "auto g\nbridge_ports none"],
  ];
  const text = stanzas.map(([device = "", option = ""]) => `iface ${device} inet manual\n  ${option}\n`).join("");
  expect(kinds(interfacesDefinitions("x", `${text}iface a inet6 auto\n`))).toEqual(["a bridge", "b bridge", "c bridge", "d bridge", "e other", "f other"]);
});

test("any text is taken without an error, and no name comes out that is none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const all = [
        ...netdevDefinitions("p", `[NetDev]\nName=${text}`),
        ...keyfileDefinitions("p", `[connection]\ntype=bridge\ninterface-name=${text}`),
        ...interfacesDefinitions("p", `iface ${text} inet`),
      ];
      for (const { device } of all) expect(device).not.toMatch(/[\s/]/);
    }),
  );
});

import { describe, expect, test } from "@jest/globals";
import { chooseBridge, madeBy } from "../../../src/facts/bridge-choice.ts";
import type { Link, LinkKind } from "../../../src/facts/links.ts";

const link = (name: string, kind: LinkKind = "bridge", up = true): Link => ({ name, ifindex: 1, kind, up, master: null, physical: kind === "nic", lowers: [] });

test.each([
  "docker0",
  "docker_gwbridge",
  "br-0123456789ab",
  "virbr0",
  "virbr12",
  "cni0",
  "cni-podman0",
  "podman1",
  "lxdbr0",
  "lxcbr0",
  "incusbr0",
  "cali1234",
  "flannel.1",
  "vxlan.calico",
  "weave",
  "kube-bridge",
  "cbr0",
  "cilium_host",
  "nerdctl0",
  "mpqemubr0",
  "ovs-system",
  "br-int",
  "br-tun",
  "brq1a2b3c4d-5e",
  "fwbr100i0",
  "azure0",
  "docker12",
  "cni-net",
  "azure12",
  "antrea-gw0",
  "geneve1",
  "gre0",
  "br-ex",
  "virbr",
  "lxdfan0",
  "podman",
])("%s was made by another program", (name) => expect(madeBy(name)).not.toBeNull());

test.each([
  "br0",
  "br8",
  "vmbr0",
  "bridge0",
  "br-lan",
  "br-0123456789abc",
  "br-flintlock",
  "lan",
  "xenbr0",
  "mydocker0",
  "myvirbr0",
  "my-cni0",
  "my-lxdbr0",
  "my-podman0",
  "my-nerdctl0",
  "my-mpqemubr0",
  "my-gre0",
  "my-br-int",
  "br-int2",
  "my-fwbr1i0",
  "fwbr1i0p1",
])("%s was not", (name) => expect(madeBy(name)).toBeNull());

describe("where nothing is said", () => {
  test("the one bridge of the host is taken", () => {
    expect(chooseBridge([link("br0"), link("docker0"), link("eth0", "nic")], null)).toMatchObject({ name: "br0", advice: [] });
  });
  test("one that is down counts, with advice", () => {
    expect(chooseBridge([link("br0", "bridge", false)], null)).toMatchObject({ name: "br0", advice: [expect.stringContaining("ip link set br0 up")] });
  });
  test("none: refused, and what was not taken is named", () => {
    expect(chooseBridge([link("docker0"), link("eth0", "nic")], null)).toMatchObject({
      code: "NO_BRIDGE",
      message: expect.stringContaining("docker0 (made by Docker)"),
    });
    expect(chooseBridge([], null)).toMatchObject({ code: "NO_BRIDGE", hint: expect.stringContaining("ip link add") });
  });
  test("what was not taken are bridges, and the way out is told", () => {
    expect(chooseBridge([link("docker0"), link("virbr0"), link("eth0", "nic")], null)).toEqual({
      code: "NO_BRIDGE",
      message: expect.stringMatching(/docker0 \(made by Docker\), virbr0 \(made by libvirt\)/),
      hint: expect.stringMatching(/, or name one with --bridge-name NAME$/),
    });
    const none = chooseBridge([link("eth0", "nic")], null);
    expect(JSON.stringify(none)).not.toMatch(/eth0|made by|or name one/);
  });
  test("several: refused with the choices", () => {
    expect(chooseBridge([link("br1"), link("br0", "bridge", false)], null)).toEqual({
      code: "AMBIGUOUS_BRIDGE",
      message: "several bridges could be bridge-name: br0 (down), br1",
      hint: "say which one: --bridge-name br0 or --bridge-name br1",
    });
  });
});

describe("where a bridge is named", () => {
  const links = [link("br0"), link("br1"), link("docker0"), link("eth0", "nic"), link("ovs", "other")];
  test.each(["br1", "docker0"])("%s is taken", (name) => expect(chooseBridge(links, name)).toMatchObject({ name }));
  test.each([
    ["br9", "BRIDGE_NOT_FOUND"],
    ["eth0", "NOT_A_BRIDGE"],
    ["ovs", "NOT_A_BRIDGE"],
    ["../etc/passwd", "INVALID_NAME"],
    ["", "INVALID_NAME"],
    ["x".repeat(16), "INVALID_NAME"],
  ])("%j is refused: %s", (name, code) => expect(chooseBridge(links, name)).toMatchObject({ code, hint: "bridges of this host: br0, br1" }));
});

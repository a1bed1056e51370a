import { describe, expect, test } from "@jest/globals";
import type { Link } from "../../../src/facts/links.ts";
import { chooseParent } from "../../../src/facts/parent-choice.ts";
import { bestFirst, type DefaultRoute } from "../../../src/facts/routes.ts";

const link = (name: string, changes: Partial<Link> = {}): Link => ({
  name,
  ifindex: 1,
  kind: "nic",
  up: true,
  master: null,
  physical: changes.kind === undefined || changes.kind === "wireless",
  lowers: [],
  ...changes,
});
const route = (name: string, metric = 100, family: DefaultRoute["family"] = "ipv4"): DefaultRoute => ({ link: name, metric, family });
const choose = (links: Link[], routes: DefaultRoute[], asked: string | null = null) => chooseParent({ links, defaultRoutes: bestFirst(routes) }, asked);

const eth0 = link("eth0");
const eth1 = link("eth1");

describe("the wired interface of the default route", () => {
  test.each<[string, Link[], DefaultRoute[], string]>([
    ["a NIC", [eth0, eth1], [route("eth1")], "eth1"],
    ["a bond", [link("bond0", { kind: "bond" }), link("eth0", { master: "bond0" })], [route("bond0")], "bond0"],
    ["a VLAN", [link("eth0.5", { kind: "vlan" })], [route("eth0.5")], "eth0.5"],
    ["the lowest metric", [eth0, eth1], [route("eth0", 200), route("eth1", 100)], "eth1"],
    ["IPv6 only", [eth0], [route("eth0", 1024, "ipv6")], "eth0"],
    ["IPv4 before IPv6", [eth0, eth1], [route("eth0", 1, "ipv6"), route("eth1", 100)], "eth1"],
    ["the same metric in another family is no rival", [eth0, eth1], [route("eth0"), route("eth1", 100, "ipv6")], "eth0"],
    ["both families over one NIC", [eth0], [route("eth0"), route("eth0", 100, "ipv6")], "eth0"],
    ["past a WireGuard tunnel", [link("wg0", { kind: "wireguard" }), eth0], [route("wg0", 50), route("eth0", 100)], "eth0"],
    ["past wireless", [link("wlan0", { kind: "wireless" }), eth0], [route("wlan0", 50), route("eth0", 600)], "eth0"],
    ["past tun", [link("tun0", { kind: "tun" }), eth0], [route("tun0", 50), route("eth0", 600)], "eth0"],
    ["a bridge with a wired port", [link("br0", { kind: "bridge" }), link("eth0", { master: "br0" })], [route("br0")], "br0"],
    ["a bridge with a bond as its port", [link("br0", { kind: "bridge" }), link("bond0", { kind: "bond", master: "br0" })], [route("br0")], "br0"],
    ["a NIC that is a port: the bridge", [link("br0", { kind: "bridge" }), link("eth0", { master: "br0" })], [route("eth0")], "br0"],
  ])("%s", (_, links, routes, name) => expect(choose(links, routes)).toMatchObject({ name }));

  test("the choice of a bridge is explained", () => {
    expect(choose([link("br0", { kind: "bridge" }), link("eth0", { master: "br0" })], [route("br0")])).toMatchObject({
      because: expect.stringContaining("eth0 is busy with the bridge"),
    });
    expect(choose([link("wg0", { kind: "wireguard" }), eth0], [route("wg0", 50), route("eth0")])).toMatchObject({
      because: expect.stringContaining("passed over: wg0 is a WireGuard tunnel"),
    });
  });

  test.each<[string, Link[], DefaultRoute[], string]>([
    ["no default route", [eth0], [], "NO_PARENT"],
    ["veth (a container)", [link("eth0", { kind: "veth" })], [route("eth0")], "NO_PARENT"],
    ["a dummy named eth0", [link("eth0", { kind: "dummy" })], [route("eth0")], "NO_PARENT"],
    ["only wireless", [link("wlan0", { kind: "wireless" })], [route("wlan0")], "NO_PARENT"],
    ["a bridge without a wired port", [link("br0", { kind: "bridge" }), link("veth1", { kind: "veth", master: "br0" })], [route("br0")], "NO_PARENT"],
    ["a slave of a team", [link("eth0", { master: "team0" }), link("team0", { kind: "other" })], [route("eth0")], "NO_PARENT"],
    ["a link that is gone", [], [route("eth0")], "NO_PARENT"],
    ["equal metrics", [eth0, eth1], [route("eth0"), route("eth1")], "AMBIGUOUS_PARENT"],
  ])("%s is refused", (_, links, routes, code) => expect(choose(links, routes)).toMatchObject({ code }));

  test("why it was chosen, and why not, is said", () => {
    expect(choose([eth0], [route("eth0", 7)])).toMatchObject({ because: "the IPv4 default route (metric 7) leads over it, a wired interface" });
    expect(choose([eth0], [route("eth0", 7, "ipv6")])).toMatchObject({ because: expect.stringMatching(/^the IPv6 default route \(metric 7\)/) });
    expect(choose([eth0], [])).toMatchObject({ message: expect.stringMatching(/^this host has no default route, so /) });
    const gone = choose(
      [link("br0", { kind: "bridge" }), link("wlan0", { kind: "wireless" })],
      [route("br0"), route("wlan0"), route("eth9"), route("eth9", 200)],
    );
    expect(gone).toMatchObject({
      message: expect.stringMatching(/^no default route leads over a wired interface: bridge br0 has no wired port; wlan0 is wireless; eth9 is not there, so /),
    });
    expect(choose([eth0, eth1], [route("eth0"), route("eth1"), route("eth1")])).toMatchObject({
      message: "several default routes are equally good (metric 100): eth0, eth1",
    });
  });

  test("a port of one bridge says nothing of another", () => {
    const links = [
      link("br0", { kind: "bridge" }),
      link("br1", { kind: "bridge" }),
      link("eth1", { master: "br1" }),
      link("v1", { kind: "veth", master: "br0" }),
    ];
    expect(choose(links, [route("br0")])).toMatchObject({ code: "NO_PARENT", hint: "say which one: --parent-iface NAME (wired here: br1)" });
    expect(choose(links, [route("br1")])).toMatchObject({ name: "br1", because: expect.stringContaining("its port eth1 is busy") });
    expect(choose(links, [route("eth1")])).toMatchObject({ name: "br1", because: expect.stringContaining("port of bridge br1") });
  });

  test("the refusal names what is wired here", () => {
    expect(choose([eth0, link("eth1", { up: false }), link("wlan0", { kind: "wireless" })], [])).toMatchObject({
      hint: "say which one: --parent-iface NAME (wired here: eth0, eth1 (down))",
    });
  });
});

describe("where an interface is named", () => {
  const links = [
    eth0,
    link("eth1", { master: "br0" }),
    link("br0", { kind: "bridge" }),
    link("lo", { kind: "loopback" }),
    link("tun0", { kind: "tun" }),
    link("wlan0", { kind: "wireless" }),
    link("d0", { kind: "dummy", up: false }),
  ];
  test.each(["eth0", "br0", "wlan0", "d0"])("%s is taken", (name) => expect(choose(links, [], name)).toMatchObject({ name }));
  test("with advice where it may not be what is meant", () => {
    expect(choose(links, [], "wlan0")).toMatchObject({ advice: [expect.stringContaining("wireless")] });
    expect(choose(links, [], "d0")).toMatchObject({ advice: ["d0 is down: ip link set d0 up"] });
  });
  test.each([
    ["eth9", "PARENT_NOT_FOUND"],
    ["eth1", "PARENT_BUSY"],
    ["lo", "PARENT_UNFIT"],
    ["tun0", "PARENT_UNFIT"],
    ["a b", "INVALID_NAME"],
  ])("%j is refused: %s", (name, code) => expect(choose(links, [], name)).toMatchObject({ code }));
  test("the master of a port is offered only where it is a bridge", () =>
    expect(choose([link("eth1", { master: "bond0" }), link("bond0", { kind: "bond" }), link("br0", { kind: "bridge" })], [], "eth1")).toMatchObject({
      code: "PARENT_BUSY",
      hint: expect.stringMatching(/^name a wired interface/),
    }));
  test("a port's bridge is offered", () =>
    expect(choose(links, [], "eth1")).toMatchObject({ hint: "the bridge itself can be the parent: --parent-iface br0" }));
});

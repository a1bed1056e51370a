import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { flintlockKind, linkOf, lowersOf, needsIflink, parseUevent, validInterfaceName, type LinkKind, type LinkSigns } from "../../../src/facts/links.ts";

const signs = (changes: Partial<LinkSigns>): LinkSigns => ({ name: "x0", entries: [], uevent: "INTERFACE=x0\nIFINDEX=7\n", flags: "0x1003", ...changes });

describe("the kind of a link", () => {
  test.each<[LinkKind, Partial<LinkSigns>]>([
    ["nic", { entries: ["device"] }],
    ["nic", { entries: ["device"], uevent: "DEVTYPE=dsa\nIFINDEX=7" }],
    ["bridge", { entries: ["bridge", "brif"], uevent: "DEVTYPE=bridge\nIFINDEX=7" }],
    ["bond", { entries: ["bonding"], uevent: "DEVTYPE=bond\nIFINDEX=7" }],
    ["vlan", { entries: ["lower_vec0"], uevent: "DEVTYPE=vlan\nIFINDEX=7" }],
    ["wireless", { entries: ["device", "phy80211"], uevent: "DEVTYPE=wlan\nIFINDEX=7" }],
    ["wireless", { entries: ["device", "wireless"] }],
    ["tap", { entries: ["tun_flags"], tunFlags: "0x1802" }],
    ["tun", { entries: ["tun_flags"], tunFlags: "0x1801" }],
    ["wireguard", { uevent: "DEVTYPE=wireguard\nIFINDEX=7" }],
    ["macvtap", { entries: ["lower_vec0", "macvtap", "tap7"] }],
    ["macvlan", { entries: ["lower_vec0"] }],
    ["veth", { iflink: "8" }],
    ["dummy", { iflink: "7", flags: "0x82" }],
    ["loopback", { iflink: "7", flags: "0x9" }],
    ["other", { iflink: "7" }],
    ["other", { uevent: "DEVTYPE=vxlan\nIFINDEX=7" }],
    ["other", { entries: ["device"], uevent: "DEVTYPE=wwan\nIFINDEX=7" }],
  ])("%s", (kind, changes) => expect(linkOf(signs(changes), null).kind).toBe(kind));

  test("up, port and hardware are told", () => {
    expect(linkOf(signs({ entries: ["device"], flags: "0x1002" }), "br0")).toEqual({
      name: "x0",
      ifindex: 7,
      kind: "nic",
      up: false,
      master: "br0",
      physical: true,
      lowers: [],
    });
    expect(linkOf(signs({ uevent: "" }), null)).toMatchObject({ ifindex: null, up: true });
  });
});

test.each([
  [{ entries: [], uevent: "IFINDEX=3" }, true],
  [{ entries: ["device"], uevent: "" }, false],
  [{ entries: ["tun_flags"], uevent: "" }, false],
  [{ entries: ["lower_x"], uevent: "" }, false],
  [{ entries: [], uevent: "DEVTYPE=vxlan" }, false],
])("iflink is read only where nothing else tells the kind: %j", (given, needed) => expect(needsIflink(given)).toBe(needed));

test.each([
  ["fltap5bd799b", "tap"],
  ["flvtape32c326", "macvtap"],
  ["fltap5bd799", null],
  ["fltap5bd799bb", null],
  ["fltapXXXXXXX", null],
  ["eth0", null],
])("flintlock's own name %s: %s", (name, kind) => expect(flintlockKind(name)).toBe(kind));

test.each(["eth0", "vec0.5", "br-0123456789ab", "a".repeat(15), "ö"])("%s is a name", (name) => expect(validInterfaceName(name)).toBe(true));
test.each(["", ".", "..", "a/b", "a b", "a\tb", "a:b", "a".repeat(16), "öööööööö", "-x", "--all", "a\nb", "a\0b"])("%j is no name", (name) =>
  expect(validInterfaceName(name)).toBe(false),
);

test("lower links", () => expect(lowersOf(["lower_eth0", "mtu", "upper_br0", "lower_eth1"])).toEqual(["eth0", "eth1"]));

test("any text is taken without an error", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.string()), (uevent, flags, entries) =>
      expect(() => linkOf(signs({ uevent, flags, entries }), null)).not.toThrow(),
    ),
  );
  fc.assert(fc.property(fc.string(), (text) => parseUevent(text) instanceof Map));
});

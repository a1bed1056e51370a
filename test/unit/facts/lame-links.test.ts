import { describe, expect, test } from "@jest/globals";
import { lameLinks } from "../../../src/facts/lame-links.ts";
import type { Link } from "../../../src/facts/links.ts";
import type { MicrovmRecord, RecordedInterface } from "../../../src/facts/microvm-record.ts";

const link = (name: string, changes: Partial<Link> = {}): Link => ({
  name,
  ifindex: 1,
  kind: "bridge",
  up: true,
  master: null,
  physical: false,
  lowers: [],
  ...changes,
});
const tap = (name: string, master: string | null): Link => link(name, { kind: "tap", up: null, ifindex: null, master });
const nic = (name: string, up = true): Link => link(name, { kind: "nic", physical: true, up });

const onTap = (hostDevice: string, changes: Partial<RecordedInterface> = {}): RecordedInterface => ({
  guestDevice: "eth1",
  type: "tap",
  bridge: null,
  metadata: false,
  hostDevice,
  ...changes,
});
const record = (name: string, interfaces: RecordedInterface[], changes: Partial<MicrovmRecord> = {}): MicrovmRecord => ({
  ...{ id: `ns1/${name}/01H`, namespace: "ns1", name, uid: "01H", provider: "firecracker", version: 1, state: "created", retry: 0, notBefore: 0 },
  ...{ createdAt: 0, updatedAt: 0, deletedAt: 0, source: "" },
  interfaces,
  ...changes,
});

const settled = { bridge: "br0", parent: "eth0" };
const [first, second] = [onTap("fltap0000001"), onTap("fltap0000002")];
const macvtap = onTap("flvtap0000003", { type: "macvtap" });

describe("links that carry nothing, or elsewhere", () => {
  test.each<[string, MicrovmRecord[], Link[], RegExp[]]>([
    ["all is up", [record("a", [first]), record("c", [macvtap])], [link("br0"), tap("fltap0000001", "br0"), nic("eth0")], []],
    [
      "a bridge is down",
      [record("a", [first])],
      [link("br0", { up: false }), tap("fltap0000001", "br0")],
      [/^bridge br0 is down, so ns1\/a\/01H has no network: ip link set dev br0 up$/],
    ],
    [
      "a bridge is down under two",
      [record("a", [first]), record("b", [second])],
      [link("br0", { up: false }), tap("fltap0000001", "br0"), tap("fltap0000002", "br0")],
      [/^bridge br0 is down, so ns1\/a\/01H, ns1\/b\/01H have no network/],
    ],
    [
      "a bridge is down under one that is on it twice",
      [record("a", [first, second])],
      [link("br0", { up: false }), tap("fltap0000001", "br0"), tap("fltap0000002", "br0")],
      [/^bridge br0 is down, so ns1\/a\/01H has no network/],
    ],
    ["a bridge is down that nobody is on", [record("a", [first])], [link("br0"), link("br1", { up: false }), tap("fltap0000001", "br0")], []],
    [
      "the parent is down",
      [record("c", [macvtap])],
      [nic("eth0", false)],
      [/^parent interface eth0 is down, so ns1\/c\/01H has no network: ip link set dev eth0 up$/],
    ],
    ["the parent is down, and nobody is on it", [record("a", [first])], [link("br0"), tap("fltap0000001", "br0"), nic("eth0", false)], []],
    ["the name of the parent is no word for a shell", [record("c", [macvtap])], [nic("$(reboot)", false)], []],
    [
      "a tap is elsewhere",
      [record("a", [first])],
      [link("br0"), link("br9"), tap("fltap0000001", "br9")],
      [
        /^fltap0000001 of ns1\/a\/01H is attached to br9, and a tap made now would be attached to br0; if nobody meant that: ip link set dev fltap0000001 master br0$/,
      ],
    ],
    [
      "a tap is on its MicroVM's own bridge",
      [record("a", [onTap("fltap0000001", { bridge: "br9" })])],
      [link("br0"), link("br9"), tap("fltap0000001", "br9")],
      [],
    ],
    ["a tap is elsewhere, for what was wanted is not there", [record("a", [first])], [link("br9"), tap("fltap0000001", "br9")], []],
    ["a tap is on nothing", [record("a", [first])], [link("br0"), tap("fltap0000001", null)], []],
    ["a tap for metadata", [record("a", [onTap("fltap0000001", { metadata: true })])], [link("br0"), link("br9"), tap("fltap0000001", "br9")], []],
    ["a MicroVM is on its way out", [record("a", [first], { deletedAt: 5 })], [link("br0", { up: false }), tap("fltap0000001", "br0")], []],
    ["the tap is not there", [record("a", [first])], [link("br0", { up: false })], []],
  ])("%s", (_name, records, links, expected) => {
    const said = lameLinks(records, links, settled);
    expect(said).toHaveLength(expected.length);
    expected.forEach((pattern, index) => expect(said[index]).toMatch(pattern));
  });

  test("a name that a shell would read is not put into a command", () => {
    const records = [record("c", [macvtap])];
    expect(lameLinks(records, [nic("$(reboot)", false)], { bridge: "", parent: "$(reboot)" })).toEqual([
      "parent interface $(reboot) is down, so ns1/c/01H has no network",
    ]);
  });
});

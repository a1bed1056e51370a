import { describe, expect, test } from "@jest/globals";
import {
  needOf,
  noWants,
  shownDevice,
  someOf,
  wantsOf,
  type Need,
  type NetworkKey,
  type Situation,
  type WantingMicrovm,
} from "../../../src/facts/network-needs.ts";

type Interface = WantingMicrovm["interfaces"][number];
const metadata: Interface = { guestDevice: "eth0", type: "tap", bridge: null, metadata: true, hostDevice: null };
const tap: Interface = { ...metadata, guestDevice: "eth1", metadata: false };
const overridden: Interface = { ...tap, bridge: "br8" };
const macvtap: Interface = { ...tap, type: "macvtap" };
const microvm = (id: string, interfaces: Interface[], deletedAt = 0): WantingMicrovm => ({ id, deletedAt, interfaces });

test("what records want: not those on their way out, and for metadata no bridge", () => {
  const records = [
    microvm("a", [metadata, tap]),
    microvm("b", [metadata, overridden]),
    microvm("c", [macvtap]),
    microvm("d", [tap, macvtap], 5),
    microvm("e", [metadata]),
    microvm("f", [{ ...tap, type: "unknown" }]),
  ];
  expect(wantsOf(records)).toEqual({
    tap: ["a"],
    override: [{ microvm: "b", guestDevice: "eth1", bridge: "br8" }],
    macvtap: ["c"],
    metadata: ["a", "b", "e"].map((id) => ({ microvm: id, bridge: null })),
  });
});

describe("which setting is missing", () => {
  const quiet: Situation = { bridge: "", parent: "", wants: noWants, logged: { tap: 0, macvtap: 0 }, asked: { bridge: null, parent: null } };
  const tapped = { ...noWants, tap: ["a"] };
  const macvtapped = { ...noWants, macvtap: ["c"] };
  const both = { ...noWants, tap: ["a"], macvtap: ["c"] };
  const named = { ...noWants, override: [{ microvm: "b", guestDevice: "eth1", bridge: "br8" }] };
  const fatal: Need = { is: "needed", cannotStart: true };
  const needed: Need = { is: "needed", cannotStart: false };
  const no: Need = { is: "not-needed" };
  test.each<[string, Partial<Situation>, Need, Need]>([
    ["both are set", { bridge: "br0", parent: "eth0", wants: both }, { is: "set" }, { is: "set" }],
    ["a tap without bridge-name", { parent: "eth0", wants: tapped }, needed, { is: "set" }],
    ["a tap with a bridge of its own", { parent: "eth0", wants: named }, no, { is: "set" }],
    ["macvtap without parent-iface", { bridge: "br0", wants: macvtapped }, { is: "set" }, needed],
    ["only the log says so", { parent: "eth0", logged: { tap: 2, macvtap: 0 } }, needed, { is: "set" }],
    ["nothing wants it", { parent: "eth0" }, no, { is: "set" }],
    ["records that cannot be read", { bridge: "br0", wants: null }, { is: "set" }, { is: "unknown" }],
    ["neither, taps stored", { wants: tapped }, fatal, no],
    ["neither, taps with their own bridges stored", { wants: named }, fatal, no],
    ["neither, macvtap stored", { wants: macvtapped }, no, fatal],
    ["neither, both stored", { wants: both }, fatal, fatal],
    ["neither, nothing stored", {}, { is: "undecided" }, { is: "undecided" }],
    ["neither, records that cannot be read", { wants: null }, { is: "undecided" }, { is: "undecided" }],
    ["neither, and a bridge is named", { asked: { bridge: "br0", parent: null } }, fatal, no],
    ["neither, and a parent is named", { asked: { bridge: null, parent: "eth0" } }, no, fatal],
    ["neither, and both are named", { asked: { bridge: "br0", parent: "eth0" } }, fatal, fatal],
    ["neither, macvtap stored, a bridge is named all the same", { wants: macvtapped, asked: { bridge: "br0", parent: null } }, no, fatal],
  ])("%s", (_, changes, bridge, parent) => {
    const need = (key: NetworkKey) => needOf(key, { ...quiet, ...changes });
    expect([need("bridge-name"), need("parent-iface")]).toEqual([bridge, parent]);
  });
});

test("names and lists for a report line", () => {
  expect(shownDevice("br0")).toBe("br0");
  expect(shownDevice("a\u001b[31m b")).toBe('"a\\u001b[31m b"');
  expect(shownDevice("x".repeat(100))).toHaveLength(43);
  expect(someOf(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
  expect(someOf(["a", "b", "c"])).toBe("a, b, c");
});

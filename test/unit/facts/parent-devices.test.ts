import { expect, test } from "@jest/globals";
import type { Link } from "../../../src/facts/links.ts";
import { noWants } from "../../../src/facts/network-needs.ts";
import { deviceIssues, faultInWords, type DeviceIssue, type DeviceSituation } from "../../../src/facts/parent-devices.ts";

const link = (name: string, changes: Partial<Link> = {}): Link => ({
  name,
  ifindex: 1,
  kind: "nic",
  up: true,
  master: null,
  physical: true,
  lowers: [],
  ...changes,
});
const plain: DeviceSituation = {
  links: [
    link("br0", { kind: "bridge" }),
    link("br1", { kind: "bridge", up: false }),
    link("eth0"),
    link("eth1", { master: "br0" }),
    link("wg0", { kind: "wireguard" }),
  ],
  bridge: "br0",
  parent: "",
  wants: noWants,
  macvtapLogged: false,
  macvtapByDefault: false,
};
const macvtap = { ...noWants, macvtap: ["c"] };

test.each<[string, Partial<DeviceSituation>, Partial<DeviceIssue>[]]>([
  ["all there", { parent: "eth0", wants: macvtap }, []],
  ["a bridge that is not there, although nothing wants it yet", { bridge: "br9" }, [{ named: "bridge-name", device: "br9", fault: { is: "absent" } }]],
  [
    "a bridge that is not there: a tap for metadata looks it up, too, unless it names another",
    {
      bridge: "br9",
      wants: {
        ...noWants,
        tap: ["a"],
        metadata: [
          { microvm: "a", bridge: null },
          { microvm: "b", bridge: null },
          { microvm: "c", bridge: "br0" },
        ],
      },
    },
    [{ named: "bridge-name", device: "br9", fault: { is: "absent" }, microvms: ["a", "b"] }],
  ],
  [
    "no bridge but a NIC: a tap for metadata is attached to nothing, and does not fail",
    { bridge: "eth0", wants: { ...noWants, metadata: [{ microvm: "b", bridge: null }] } },
    [{ named: "bridge-name", fault: { is: "not-a-bridge", kind: "nic" }, microvms: [] }],
  ],
  [
    "a tap for metadata that names bridges of its own: what is there will do",
    {
      wants: {
        ...noWants,
        metadata: [
          { microvm: "b", bridge: "br8" },
          { microvm: "c", bridge: "eth0" },
        ],
      },
    },
    [{ named: "override", device: "br8", fault: { is: "absent" }, microvms: ["b"] }],
  ],
  ["no bridge but a NIC", { bridge: "eth0" }, [{ named: "bridge-name", fault: { is: "not-a-bridge", kind: "nic" } }]],
  ["a parent that is not there and that nothing wants", { parent: "eth9" }, []],
  ["a parent that is not there, the only one set, with Firecracker by default", { bridge: "", parent: "eth9" }, []],
  ["the same with Cloud Hypervisor by default", { bridge: "", parent: "eth9", macvtapByDefault: true }, [{ named: "parent-iface", fault: { is: "absent" } }]],
  ["a parent that is not there, macvtap stored", { parent: "eth9", wants: macvtap }, [{ named: "parent-iface", fault: { is: "absent" }, microvms: ["c"] }]],
  ["a parent that is not there, and the log says so", { parent: "eth9", macvtapLogged: true }, [{ named: "parent-iface", fault: { is: "absent" } }]],
  ["a busy parent that nothing wants", { parent: "eth1" }, []],
  ["a busy parent, macvtap stored", { parent: "eth1", wants: macvtap }, [{ named: "parent-iface", fault: { is: "busy", master: "br0" } }]],
  ["a tunnel as parent", { parent: "wg0", wants: macvtap }, [{ fault: { is: "unfit", why: "wg0 is a WireGuard tunnel" } }]],
  [
    "one issue for each bridge of MicroVMs' own",
    {
      wants: {
        ...noWants,
        override: [
          { microvm: "b", guestDevice: "eth1", bridge: "br8" },
          { microvm: "d", guestDevice: "eth1", bridge: "br8" },
          { microvm: "d", guestDevice: "eth2", bridge: "br8" },
          { microvm: "e", guestDevice: "eth1", bridge: "br1" },
        ],
      },
    },
    [{ named: "override", device: "br8", fault: { is: "absent" }, microvms: ["b", "d"] }],
  ],
])("%s", (_, changes, expected) => {
  const { issues } = deviceIssues({ ...plain, ...changes });
  expect(issues).toHaveLength(expected.length);
  expect(issues).toMatchObject(expected);
});

test("advice: what will be a fault, and a bridge that is down", () => {
  expect(deviceIssues({ ...plain, parent: "eth9" }).advice).toEqual([expect.stringContaining("parent-iface eth9 does not exist; only macvtap")]);
  expect(deviceIssues({ ...plain, bridge: "br1" }).advice).toEqual([expect.stringContaining("ip link set br1 up")]);
});

test.each([
  [{ is: "absent" } as const, "does not exist"],
  [{ is: "not-a-bridge", kind: "other" } as const, "is not a bridge"],
  [{ is: "not-a-bridge", kind: "dummy" } as const, "is not a bridge but a dummy device"],
  [{ is: "busy", master: "br0" } as const, "is a port of br0 and therefore busy"],
  [{ is: "unfit", why: "x" } as const, "cannot carry a macvtap (x)"],
])("%j in words", (fault, words) => expect(faultInWords(fault)).toBe(words));

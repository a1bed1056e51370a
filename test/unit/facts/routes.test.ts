import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { bestFirst, parseIpRoutes, parseIpv4Routes, parseIpv6Routes } from "../../../src/facts/routes.ts";

const ipv4 = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
vec0\t00000000\t0100000A\t0003\t0\t0\t50\t00000000\t0\t0\t0
*\t00000000\t00000000\t0201\t0\t0\t9999\t00000000\t0\t0\t0
vec1\t00000000\t0100000A\t0002\t0\t0\t1\t00000000\t0\t0\t0
vec1\t00000000\t0100000A\t0001\t0\t0\t1\t00000080\t0\t0\t0
vec0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;

const zero = "0".repeat(32);
const ipv6 = `fd000000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     vec0
${zero} 00 ${zero} 00 fd000000000000000000000000000001 0000004d 00000001 00000000 00000003     vec0
${zero} 00 ${zero} 00 ${zero} 0000270f 00000001 00000000 00200200       lo
${zero} 00 ${zero} 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000203     vec1
${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo
`;

test("only usable default routes, with the metric in each file's own base", () => {
  expect(parseIpv4Routes(ipv4)).toEqual([{ link: "vec0", family: "ipv4", metric: 50 }]);
  expect(parseIpv6Routes(ipv6)).toEqual([{ link: "vec0", family: "ipv6", metric: 77 }]);
});

const over = (link: string, metric = 0) => ({ link, family: "ipv4", metric });
test.each<[string, unknown, unknown]>([
  ["one", [{ dst: "default", gateway: "192.0.2.1", dev: "eth0", metric: 100, flags: [] }], [over("eth0", 100)]],
  [
    "several next hops",
    [
      {
        dst: "default",
        flags: [],
        nexthops: [
          { gateway: "192.0.2.1", dev: "eth0", weight: 1, flags: [] },
          { dev: "eth1", weight: 1, flags: ["linkdown"] },
        ],
      },
    ],
    [over("eth0"), over("eth1")],
  ],
  ["a nexthop group", [{ dst: "default", nhid: 10, metric: 5, flags: [], nexthops: [{ dev: "eth0" }, { dev: "eth1" }] }], [over("eth0", 5), over("eth1", 5)]],
  [
    "a dead next hop",
    [
      {
        dst: "default",
        nexthops: [
          { dev: "eth0", flags: ["dead", "linkdown"] },
          { dev: "eth1", flags: [] },
        ],
      },
    ],
    [over("eth1")],
  ],
  [
    "no way out",
    [
      { type: "unreachable", dst: "default", dev: "lo", metric: 9999 },
      { dst: "10.0.0.0/8", dev: "eth0" },
    ],
    [],
  ],
  ["no list", { dst: "default", dev: "eth0" }, null],
])("ip-route(8): %s", (_, printed, routes) => expect(parseIpRoutes(JSON.stringify(printed), "ipv4")).toEqual(routes));

test("ip-route(8): nothing, and no JSON", () => expect([parseIpRoutes("", "ipv4"), parseIpRoutes("default via", "ipv4")]).toEqual([[], null]));

test("IPv4 first, then the lowest metric; equals keep their order", () => {
  const route = (link: string, family: "ipv4" | "ipv6", metric: number) => ({ link, family, metric });
  expect(bestFirst([route("a", "ipv6", 1), route("b", "ipv4", 200), route("c", "ipv4", 100), route("d", "ipv4", 100)]).map(({ link }) => link)).toEqual([
    "c",
    "d",
    "b",
    "a",
  ]);
});

test("any text is taken without an error", () =>
  fc.assert(fc.property(fc.string(), (text) => Array.isArray([...parseIpv4Routes(text), ...parseIpv6Routes(text), parseIpRoutes(text, "ipv4")]))));

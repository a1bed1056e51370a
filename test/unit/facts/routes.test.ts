import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { bestFirst, parseIpv4Routes, parseIpv6Routes } from "../../../src/facts/routes.ts";

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
  fc.assert(fc.property(fc.string(), (text) => Array.isArray([...parseIpv4Routes(text), ...parseIpv6Routes(text)]))));

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isInTheWay, isListenerOf, isLocalAddress, listeners, localIpv4, localIpv6, parseEndpoint, type Endpoint } from "../../../src/facts/sockets.ts";

const endpoint = (text: string): Endpoint => {
  const parsed = parseEndpoint(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed;
};

describe("listening sockets", () => {
  test("of a healthy host", () => {
    const found = listeners(readFileSync(new URL("../../fixtures/services/proc-net-tcp", import.meta.url), "utf8"));
    expect(found).toContainEqual({ address: "127.0.0.1", port: 9090, inode: "1338" });
    expect(found.map(({ port }) => port).sort()).toEqual([1338, 42963, 5000, 8090, 9090].sort());
  });

  test("of IPv6, and no others than those that listen", () => {
    const table = [
      "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0",
      "   1: 00000000000000000000000001000000:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0 0 10 0",
      "   2: 0000000000000000FFFF00000100007F:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0 0 10 0",
      "   3: 0000000000000000FFFF00000100007F:2382 0000000000000000FFFF00000100007F:0001 01 00000000:00000000 00:00000000 00000000     0        0 14 1 0 100 0 0 10 0",
    ].join("\n");
    expect(listeners(table)).toEqual([
      { address: "::", port: 9090, inode: "11" },
      { address: "::1", port: 9090, inode: "12" },
      { address: "127.0.0.1", port: 9090, inode: "13" },
    ]);
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(listeners(text)).toEqual([])));
  });
});

describe("endpoints", () => {
  test.each([
    [":9090", "any", "", 9090],
    ["0.0.0.0:9090", "any", "0.0.0.0", 9090],
    ["[::]:9090", "any", "::", 9090],
    ["localhost:9090", "name", "localhost", 9090],
    ["127.0.0.1:9090", "literal", "127.0.0.1", 9090],
    ["[fe80::1%eth0]:80", "literal", "fe80::1%eth0", 80],
    ["host:http", "name", "host", 80],
  ])("%s", (text, kind, host, port) => {
    expect(parseEndpoint(text)).toEqual({ kind, host, port });
  });

  test.each([
    ["127.0.0.1", "address 127.0.0.1: missing port in address"],
    ["", "address : missing port in address"],
    ["::1:9090", "address ::1:9090: too many colons in address"],
    ["a:99999", "address 99999: invalid port"],
    ["a:nope", "address nope: unknown port"],
  ])("%j is refused in Go's words", (text, problem) => {
    expect(parseEndpoint(text)).toEqual({ problem });
  });

  test.each([
    ["127.0.0.1:9090", "127.0.0.1", true, true],
    ["127.0.0.1:9090", "0.0.0.0", false, true],
    ["127.0.0.1:9090", "10.0.0.1", false, false],
    [":9090", "::", true, true],
    [":9090", "127.0.0.1", false, true],
    ["localhost:9090", "127.0.0.1", true, true],
    ["[::1]:9090", "::1", true, true],
    ["[0:0:0:0:0:0:0:1]:9090", "::1", true, true],
  ])("%s and a socket on %s", (text, address, is, inTheWay) => {
    const listener = { address, port: 9090, inode: "1" };
    expect(isListenerOf(endpoint(text), listener)).toBe(is);
    expect(isInTheWay(endpoint(text), listener)).toBe(inTheWay);
    expect(isListenerOf(endpoint(text), { ...listener, port: 9091 })).toBe(false);
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(typeof parseEndpoint(text)).toBe("object")));
  });
});

test("addresses of this host", () => {
  const trie =
    "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     |-- 10.77.0.1\n        /32 host LOCAL\n     |-- 10.77.0.255\n        /32 link BROADCAST\n";
  const ipv4 = localIpv4(trie);
  const ipv6 = localIpv6("00000000000000000000000000000001 01 80 10 80       lo\nfe800000000000000000000000000002 02 40 20 80     eth0\n");
  expect([...ipv4]).toEqual(["10.77.0.1"]);
  expect(["10.77.0.1", "127.0.0.5", "::1", "fe80::2%eth0"].every((address) => isLocalAddress(address, ipv4, ipv6))).toBe(true);
  expect(["10.77.0.2", "fe80::3"].some((address) => isLocalAddress(address, ipv4, ipv6))).toBe(false);
});

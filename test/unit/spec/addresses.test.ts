import { describe, expect, test } from "@jest/globals";
import { wrongCidr, wrongIp, wrongMac } from "../../../src/spec/addresses.ts";

describe("MAC addresses", () => {
  test.each(["02:00:00:00:00:01", "AA:FF:00:00:00:01", "02-00-00-00-00-01", "0200.0000.0001"])("%s is good", (mac) => {
    expect(wrongMac(mac)).toBeNull();
  });

  test.each([
    ["", /is no MAC/],
    ["02:00:00:00:00", /5 bytes/],
    ["02:00:00:00:00:01:02:03", /8 bytes/],
    ["02:00-00:00:00:01", /is no MAC/],
    ["2:0:0:0:0:1", /is no MAC/],
    ["02:00:00:00:00:0g", /is no MAC/],
    ["01:00:5e:00:00:01", /multicast/],
    ["ff:ff:ff:ff:ff:ff", /multicast/],
    ["00:00:00:00:00:00", /zeros/],
    ["a".repeat(100_000), /is no MAC/],
  ])("%.40s is not", (mac, why) => {
    expect(wrongMac(mac)).toMatch(why);
  });
});

describe("addresses in CIDR notation", () => {
  test.each(["192.0.2.1/24", "192.0.2.1/0", "192.0.2.1/32", "2001:db8::1/64", "::1/128"])("%s is good", (address) => {
    expect(wrongCidr(address)).toBeNull();
  });

  test.each([
    ["192.0.2.1", /lacks the prefix/],
    ["2001:db8::1", /lacks the prefix/],
    ["192.0.2.1/33", /32 is the most/],
    ["2001:db8::1/129", /128 is the most/],
    ["192.0.2.1/024", /024/],
    ["192.0.2.256/24", /no address/],
    ["192.0.2/24", /no address/],
    ["fe80::1%eth0/64", /no address/],
    ["", /no address/],
    ["dhcp", /no address/],
  ])("%s is not", (address, why) => {
    expect(wrongCidr(address)).toMatch(why);
  });
});

test.each([
  ["192.0.2.53", null],
  ["2001:db8::53", null],
  ["192.0.2.53/24", "is no IP address"],
  ["dns.example", "is no IP address"],
])("%s as a name server: %s", (address, wrong) => {
  expect(wrongIp(address)).toBe(wrong);
});

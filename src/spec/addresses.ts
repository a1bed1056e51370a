/** MAC and IP addresses as flintlock takes them (core/models/network.go; Go: net.ParseMAC, net.ParseCIDR). */

import { isIP, isIPv4, isIPv6 } from "node:net";

/** Null where it is good, else what is wrong with it. */
export function wrongMac(text: string): string | null {
  const groups = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2})+|[0-9a-f]{2}(?:-[0-9a-f]{2})+|[0-9a-f]{4}(?:\.[0-9a-f]{4})+)$/i.test(text.slice(0, 100));
  const digits = text.replaceAll(/[:.-]/g, "");
  if (!groups || text.length > 100) return "is no MAC address";
  if (digits.length !== 12) return `has ${digits.length / 2} bytes, and an Ethernet address has 6`;
  if (/^0+$/.test(digits)) return "is all zeros";
  // The lowest bit of the first byte marks a group (IEEE 802); the kernel takes no such address for a device (is_valid_ether_addr).
  return (Number.parseInt(digits.slice(0, 2), 16) & 1) === 1 ? "is a multicast address, which no interface can have" : null;
}

export function wrongCidr(text: string): string | null {
  const slash = text.indexOf("/");
  const bits = text.slice(slash + 1);
  const address = slash <= 60 && prefix.test(bits) ? text.slice(0, slash) : "";
  if (isIPv4(address)) return digitsOnly(bits, 32);
  // A zone is no part of what ParseCIDR takes.
  if (isIPv6(address) && !address.includes("%")) return digitsOnly(bits, 128);
  return isIP(text) === 0 ? "is no address in CIDR notation" : "lacks the prefix length (such as /24)";
}

const prefix = /^\d{1,3}$/;

function digitsOnly(bits: string, most: number): string | null {
  return Number(bits) <= most && (bits === "0" || !bits.startsWith("0")) ? null : `has the prefix length ${bits}, and ${most} is the most`;
}

export const wrongIp = (text: string): string | null => (isIP(text) === 0 || text.includes("%") ? "is no IP address" : null);

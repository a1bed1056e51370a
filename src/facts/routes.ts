/**
 * Default routes of the main table, from /proc/net/route and /proc/net/ipv6_route (proc_pid_net(5), net/ipv6/route.c), or from ip-route(8).
 * Of a route with several next hops, or over a nexthop group, the files in /proc tell the first one only (net/ipv4/fib_trie.c, fib_route_seq_show).
 */

import { isFields, type Fields } from "./journal.ts";

export interface DefaultRoute {
  link: string;
  family: "ipv4" | "ipv6";
  metric: number;
}

/** include/uapi/linux/route.h: usable, and not an `unreachable` route. */
const rtf = { up: 0x1, reject: 0x200 };

const usable = (flags: number): boolean => (flags & rtf.up) !== 0 && (flags & rtf.reject) === 0;

export function parseIpv4Routes(text: string): DefaultRoute[] {
  return rows(text).flatMap(([link = "", destination, , flags = "", , , metric = "", mask]) => {
    if (destination !== "00000000" || mask !== "00000000" || !usable(parseInt(flags, 16))) return [];
    return [{ link, family: "ipv4" as const, metric: Number(metric) }];
  });
}

export function parseIpv6Routes(text: string): DefaultRoute[] {
  return rows(text).flatMap(([destination = "", prefix, , , , metric = "", , , flags = "", link = ""]) => {
    if (!/^0{32}$/.test(destination) || prefix !== "00" || link === "lo" || !usable(parseInt(flags, 16))) return [];
    return [{ link, family: "ipv6" as const, metric: parseInt(metric, 16) }];
  });
}

/** `ip -json route show default`: one for each next hop that is alive. Null where the text is no such list. */
export function parseIpRoutes(text: string, family: DefaultRoute["family"]): DefaultRoute[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text.trim() || "[]");
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  return value.filter(isFields).flatMap((route) => {
    const { dst, type, metric, nexthops } = route;
    // What is no plain route (`unreachable`, `blackhole`) has a type.
    if (dst !== "default" || (type !== undefined && type !== "unicast")) return [];
    const hops: Fields[] = Array.isArray(nexthops) ? nexthops.filter(isFields) : [route];
    return hops.flatMap(({ dev, flags }) => {
      const isDead = Array.isArray(flags) && flags.includes("dead");
      return typeof dev === "string" && !isDead ? [{ link: dev, family, metric: typeof metric === "number" ? metric : 0 }] : [];
    });
  });
}

/** IPv4 before IPv6, then the lowest metric: the order in which a host's own way out is looked for. */
export function bestFirst(routes: readonly DefaultRoute[]): DefaultRoute[] {
  return [...routes].sort((a, b) => (a.family === b.family ? a.metric - b.metric : a.family === "ipv4" ? -1 : 1));
}

function rows(text: string): string[][] {
  return text.split("\n").map((line) => line.trim().split(/\s+/));
}

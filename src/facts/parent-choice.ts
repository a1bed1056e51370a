/** Which link macvtap interfaces are to hang on, where nobody said so: the wired interface of the default route. */

import type { Choice } from "./bridge-choice.ts";
import { namesOf } from "./bridge-choice.ts";
import { validInterfaceName, type Link, type LinkKind } from "./links.ts";
import type { DefaultRoute } from "./routes.ts";

export interface Links {
  links: Link[];
  /** Best first: see bestFirst. */
  defaultRoutes: DefaultRoute[];
}

const inWords: Record<LinkKind, string> = {
  nic: "a wired interface",
  bridge: "a bridge",
  bond: "a bond",
  vlan: "a VLAN",
  wireless: "wireless",
  tun: "a tun device",
  tap: "a tap device",
  wireguard: "a WireGuard tunnel",
  veth: "one end of a veth pair",
  macvlan: "a macvlan itself",
  macvtap: "a macvtap itself",
  dummy: "a dummy without hardware",
  loopback: "the loopback",
  other: "a virtual device",
};

/** What macvlan refuses as a lower device with EINVAL: no Ethernet, or the loopback (drivers/net/macvlan.c, macvlan_port_create). */
const noEthernet: ReadonlySet<LinkKind> = new Set(["loopback", "tun", "wireguard"]);

/** Why this link cannot carry a macvtap at all; null where it can. A port of another device is busy (macvlan_port_create, EBUSY). */
export function unfitParent(link: Link): { busyWith: string } | { unfit: string } | null {
  if (noEthernet.has(link.kind)) return { unfit: `${link.name} is ${inWords[link.kind]}` };
  return link.master === null ? null : { busyWith: link.master };
}

export function chooseParent({ links, defaultRoutes }: Links, asked: string | null): Choice {
  if (asked !== null) return checkedParent(links, asked);
  const passed: string[] = [];
  const fit: { route: DefaultRoute; name: string; because: string }[] = [];
  for (const route of defaultRoutes) {
    const verdict = wiredBehind(route, links);
    if ("skip" in verdict) passed.push(verdict.skip);
    else fit.push({ route, ...verdict });
  }
  const hint = `say which one: --parent-iface NAME${wiredHere(links)}`;
  const [best] = fit;
  if (!best) {
    const why =
      defaultRoutes.length === 0 ? "this host has no default route" : `no default route leads over a wired interface: ${[...new Set(passed)].join("; ")}`;
    return { code: "NO_PARENT", message: `${why}, so which interface parent-iface should be cannot be told`, hint };
  }
  const equals = fit.filter(({ route, name }) => route.family === best.route.family && route.metric === best.route.metric && name !== best.name);
  if (equals.length > 0) {
    const names = [best, ...equals].map(({ name }) => name);
    return {
      code: "AMBIGUOUS_PARENT",
      message: `several default routes are equally good (metric ${best.route.metric}): ${[...new Set(names)].join(", ")}`,
      hint,
    };
  }
  const others = passed.length > 0 ? ` (passed over: ${[...new Set(passed)].join("; ")})` : "";
  return { name: best.name, because: `${best.because}${others}`, advice: downAdvice(links, best.name) };
}

/** The link that a default route leads over, where it is wired, or the bridge that such a link is a port of. */
function wiredBehind({ link: name, family, metric }: DefaultRoute, links: readonly Link[]): { name: string; because: string } | { skip: string } {
  const link = links.find((candidate) => candidate.name === name);
  const route = `the ${family === "ipv4" ? "IPv4" : "IPv6"} default route (metric ${metric})`;
  if (!link) return { skip: `${name} is not there` };
  const master = link.master === null ? undefined : links.find((candidate) => candidate.name === link.master);
  if (master?.kind === "bridge" && isWired(link))
    return {
      name: master.name,
      because: `${route} leads over ${name}, which is a port of bridge ${master.name} and therefore busy: the bridge itself can be the parent`,
    };
  if (link.master !== null) return { skip: `${name} is a port of ${link.master}` };
  if (link.kind === "bridge") {
    const port = links.find((candidate) => candidate.master === link.name && isWired(candidate));
    if (!port) return { skip: `bridge ${name} has no wired port` };
    return { name, because: `${route} leads over bridge ${name}; its port ${port.name} is busy with the bridge, but the bridge itself can be the parent` };
  }
  return isWired(link) ? { name, because: `${route} leads over it, ${inWords[link.kind]}` } : { skip: `${name} is ${inWords[link.kind]}` };
}

function isWired({ kind, physical }: Link): boolean {
  return kind === "bond" || kind === "vlan" || (kind === "nic" && physical);
}

/** ` (wired here: …)`, or nothing where there is none. */
export function wiredHere(links: readonly Link[]): string {
  const wired = links.filter(
    (link) => (isWired(link) && link.master === null) || (link.kind === "bridge" && links.some((port) => port.master === link.name && isWired(port))),
  );
  return wired.length > 0 ? ` (wired here: ${namesOf(wired)})` : "";
}

function checkedParent(links: readonly Link[], asked: string): Choice {
  const hint = `name a wired interface that is no port of another device${wiredHere(links)}`;
  if (!validInterfaceName(asked)) return { code: "INVALID_NAME", message: `--parent-iface ${JSON.stringify(asked)} is no name of a network device`, hint };
  const link = links.find(({ name }) => name === asked);
  if (!link) return { code: "PARENT_NOT_FOUND", message: `--parent-iface ${asked}: there is no such device on this host`, hint };
  const against = unfitParent(link);
  if (against && "busyWith" in against) {
    const bridge = links.some(({ name, kind }) => name === against.busyWith && kind === "bridge");
    return {
      code: "PARENT_BUSY",
      message: `--parent-iface ${asked}: it is a port of ${against.busyWith} and therefore busy`,
      hint: bridge ? `the bridge itself can be the parent: --parent-iface ${against.busyWith}` : hint,
    };
  }
  if (against) return { code: "PARENT_UNFIT", message: `--parent-iface ${asked}: ${against.unfit}, which cannot carry a macvtap`, hint };
  const wireless =
    link.kind === "wireless" ? [`${asked} is wireless: most access points drop frames from more than one address, so MicroVMs may get no answer`] : [];
  return { name: asked, because: "it was said so", advice: [...wireless, ...downAdvice(links, asked)] };
}

function downAdvice(links: readonly Link[], name: string): string[] {
  return links.some((link) => link.name === name && link.up === false) ? [`${name} is down: ip link set ${name} up`] : [];
}

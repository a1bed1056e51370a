/** Which bridge flintlock's taps are to be attached to, where nobody said so: never one that another program made for itself. */

import { validInterfaceName, type Link } from "./links.ts";

export type Choice = { name: string; because: string; advice: string[] } | { code: string; message: string; hint: string };

/** Who makes bridges of such names for its own use. */
const foreign: { made: string; by: RegExp }[] = [
  { made: "Docker", by: /^(?:docker(?:\d+|_gwbridge)?|br-[0-9a-f]{12})$/ },
  { made: "libvirt", by: /^virbr\d*/ },
  { made: "CNI", by: /^(?:cni\d*|cni-.*|cbr\d+|kube-bridge|azure\d+|antrea.*|cilium.*|cali.*|flannel.*|weave|crio.*|kindnet.*)$/ },
  { made: "LXD, Incus or LXC", by: /^(?:lxdbr|lxcbr|lxdfan|incusbr)\d*/ },
  { made: "Podman", by: /^(?:podman|cni-podman)\d*$/ },
  { made: "nerdctl", by: /^nerdctl\d*/ },
  { made: "Multipass", by: /^mpqemubr\d+/ },
  { made: "an overlay network", by: /^(?:vxlan|geneve|gre|ov-).*/ },
  { made: "Open vSwitch or OpenStack", by: /^(?:ovs-.*|br-int|br-tun|br-ex|brq[0-9a-f-]{8,11})$/ },
  { made: "Proxmox's firewall", by: /^fwbr\d+i\d+$/ },
];

/** Null: made by nobody that is known. */
export function madeBy(bridge: string): string | null {
  return foreign.find(({ by }) => by.test(bridge))?.made ?? null;
}

export const isBridge = (links: readonly Link[], name: string): boolean => links.some((link) => link.name === name && link.kind === "bridge");

/** Bridges that somebody made for this host, by name. */
export function ownBridges(links: readonly Link[]): Link[] {
  return links.filter(({ kind, name }) => kind === "bridge" && madeBy(name) === null).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const makeOne = "make one (ip link add NAME type bridge && ip link set NAME up, and for good with netplan, systemd-networkd or the like), then run fix again";

export function chooseBridge(links: readonly Link[], asked: string | null): Choice {
  if (asked !== null) return checkedBridge(links, asked);
  const own = ownBridges(links);
  const [only, ...others] = own;
  if (!only) {
    const left = links.filter(({ kind }) => kind === "bridge").map(({ name }) => `${name} (made by ${madeBy(name) ?? "another program"})`);
    const why = left.length > 0 ? `; not taken: ${left.join(", ")}` : "";
    return {
      code: "NO_BRIDGE",
      message: `there is no bridge on this host that could be bridge-name${why}`,
      hint: `${makeOne}${left.length > 0 ? ", or name one with --bridge-name NAME" : ""}`,
    };
  }
  if (others.length > 0)
    return {
      code: "AMBIGUOUS_BRIDGE",
      message: `several bridges could be bridge-name: ${namesOf(own)}`,
      hint: `say which one: ${own.map(({ name }) => `--bridge-name ${name}`).join(" or ")}`,
    };
  return { name: only.name, because: "it is the one bridge on this host that no other program made for itself", advice: downAdvice(only) };
}

function checkedBridge(links: readonly Link[], asked: string): Choice {
  const choices = ownBridges(links);
  const hint = choices.length > 0 ? `bridges of this host: ${namesOf(choices)}` : makeOne;
  if (!validInterfaceName(asked)) return { code: "INVALID_NAME", message: `--bridge-name ${JSON.stringify(asked)} is no name of a network device`, hint };
  const link = links.find(({ name }) => name === asked);
  if (!link) return { code: "BRIDGE_NOT_FOUND", message: `--bridge-name ${asked}: there is no such device on this host`, hint };
  if (link.kind !== "bridge")
    return {
      code: "NOT_A_BRIDGE",
      message: `--bridge-name ${asked}: that is a ${link.kind === "other" ? "device of another kind" : link.kind}, not a bridge`,
      hint,
    };
  return { name: asked, because: "it was said so", advice: downAdvice(link) };
}

export const namesOf = (links: readonly Link[]): string => links.map(({ name, up }) => (up === false ? `${name} (down)` : name)).join(", ");

function downAdvice({ name, up }: Link): string[] {
  return up === false ? [`bridge ${name} is down: MicroVMs are attached to it, but nothing passes before: ip link set ${name} up`] : [];
}

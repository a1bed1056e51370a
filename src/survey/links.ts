/** Network links and default routes, from /sys/class/net and /proc/net. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export type LinkKind =
  "nic" | "bridge" | "bond" | "vlan" | "wireless" | "tun" | "tap" | "wireguard" | "veth" | "macvlan" | "macvtap" | "dummy" | "loopback" | "other";

export interface Link {
  name: string;
  ifindex: number;
  kind: LinkKind;
  /** IFF_UP */
  up: boolean;
  /** Name of the bridge or bond that it is a port of; null where none. */
  master: string | null;
  /** Has a `device` in sysfs: real hardware, or as good as. */
  physical: boolean;
}

export interface DefaultRoute {
  link: string;
  family: "ipv4" | "ipv6";
  metric: number;
}

export interface Links {
  links: Link[];
  /** Best (lowest metric) first. */
  defaultRoutes: DefaultRoute[];
}

export async function links(survey: Survey): Promise<Answer<Links>> {
  void survey;
  return unknown("TODO");
}

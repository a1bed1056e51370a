/** What the stored MicroVMs want of the host's network, and which of bridge-name and parent-iface is missing for it. Pure. */

import { isPlain } from "./links.ts";

/** What is read of a record (src/survey/records.ts): its interfaces as flintlock stored them. */
export interface WantingMicrovm {
  id: string;
  deletedAt: number;
  interfaces: readonly { guestDevice: string; type: "tap" | "macvtap" | "unknown"; bridge: string | null; metadata: boolean; hostDevice: string | null }[];
}

export interface Wants {
  /** MicroVMs with a tap that goes to the configured bridge. */
  tap: string[];
  /** MicroVMs with a tap that names its own bridge. */
  override: { microvm: string; guestDevice: string; bridge: string }[];
  macvtap: string[];
  /** MicroVMs with a tap for metadata: it wants no bridge, but one that is named for it has to exist. Null: the configured one. */
  metadata: { microvm: string; bridge: string | null }[];
}

export const noWants: Wants = { tap: [], override: [], macvtap: [], metadata: [] };

/**
 * A tap for metadata is attached to nothing, and yet its bridge is looked up first, where there is a name (flintlock:
 * core/steps/network/interface_create.go, Do; infrastructure/network/network_service.go, IfaceCreate). One on its way out wants nothing.
 */
export function wantsOf(records: readonly WantingMicrovm[]): Wants {
  const wants: Wants = { tap: [], override: [], macvtap: [], metadata: [] };
  for (const { id, deletedAt, interfaces } of records) {
    if (deletedAt !== 0) continue;
    const taps = interfaces.filter(({ type, metadata }) => type === "tap" && !metadata);
    if (taps.some(({ bridge }) => bridge === null)) wants.tap.push(id);
    for (const { guestDevice, bridge } of taps) if (bridge !== null) wants.override.push({ microvm: id, guestDevice, bridge });
    if (interfaces.some(({ type }) => type === "macvtap")) wants.macvtap.push(id);
    for (const { type, metadata, bridge } of interfaces) if (type === "tap" && metadata) wants.metadata.push({ microvm: id, bridge });
  }
  return wants;
}

export type NetworkKey = "bridge-name" | "parent-iface";

export interface Situation {
  /** Values in force; empty: none. */
  bridge: string;
  parent: string;
  /** Null: the records could not be read. */
  wants: Wants | null;
  /** MicroVMs that flintlockd said could not do without it, since what could have cured it. */
  logged: { tap: number; macvtap: number };
  /** What the operator said to use; null: nothing. */
  asked: { bridge: string | null; parent: string | null };
}

export type Need =
  | { is: "set" }
  /** Nothing on this host wants it. */
  | { is: "not-needed" }
  /** Whether anything wants it cannot be told. */
  | { is: "unknown" }
  /** `cannotStart`: with neither of the two flintlockd does not start (internal/command/run/run.go, PreRunE). */
  | { is: "needed"; cannotStart: boolean }
  /** flintlockd does not start without one of the two, and nothing says which. */
  | { is: "undecided" };

export function needOf(key: NetworkKey, { bridge, parent, wants, logged, asked }: Situation): Need {
  const forTap = key === "bridge-name";
  if ((forTap ? bridge : parent) !== "") return { is: "set" };
  const neither = bridge === "" && parent === "";
  // With neither of the two set, a host whose taps all name their own bridge is still one that goes by bridges.
  const tap = logged.tap > 0 || (wants !== null && (wants.tap.length > 0 || (neither && wants.override.length > 0)));
  const macvtap = logged.macvtap > 0 || (wants !== null && wants.macvtap.length > 0);
  if (forTap ? tap : macvtap) return { is: "needed", cannotStart: neither };
  if (!neither) return { is: wants === null ? "unknown" : "not-needed" };
  if (tap || macvtap) return { is: "not-needed" };
  if (asked.bridge === null && asked.parent === null) return { is: "undecided" };
  return (forTap ? asked.bridge : asked.parent) === null ? { is: "not-needed" } : { is: "needed", cannotStart: true };
}

/** A value from a file or a record, for a line of a report: quoted and cut where it is no name of a device. */
export function shownDevice(name: string): string {
  return isPlain(name) ? name : JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** `ns1/a/01H… and 3 more` */
export function someOf(ids: readonly string[], most = 3): string {
  const [first = "none", ...rest] = ids;
  const more = ids.length - most;
  return more > 0 ? `${ids.slice(0, most).join(", ")} and ${more} more` : [first, ...rest].join(", ");
}

/** Which of the devices that flintlock hangs its interfaces on are not what they have to be. Pure. */

import { isBridge } from "./bridge-choice.ts";
import type { Link } from "./links.ts";
import { shownDevice, type NetworkKey, type Wants } from "./network-needs.ts";
import { unfitParent } from "./parent-choice.ts";

export type DeviceFault = { is: "absent" } | { is: "not-a-bridge"; kind: string } | { is: "busy"; master: string } | { is: "unfit"; why: string };

export interface DeviceIssue {
  device: string;
  /** Who names it. */
  named: NetworkKey | "override";
  fault: DeviceFault;
  /** NAMESPACE/NAME/UID of those that fail by it. */
  microvms: string[];
}

export interface DeviceSituation {
  links: readonly Link[];
  /** Values in force; empty: none. */
  bridge: string;
  parent: string;
  wants: Wants;
  /** flintlockd's journal says, since it last started, that a macvtap could not be made for want of its parent. */
  macvtapLogged: boolean;
  /** `default-provider` is Cloud Hypervisor, the only one that may have macvtap: a host with no bridge-name is then meant for it. */
  macvtapByDefault: boolean;
}

export interface DeviceFindings {
  issues: DeviceIssue[];
  /** What will be a fault once something wants it. */
  advice: string[];
}

export function deviceIssues({ links, bridge, parent, wants, macvtapLogged, macvtapByDefault }: DeviceSituation): DeviceFindings {
  const issues: DeviceIssue[] = [];
  const advice: string[] = [];
  const bridgeFault = bridge === "" ? null : faultOfBridge(links, bridge);
  // Any MicroVM may ask for a tap, and no other setting stands in for the bridge: the next one fails.
  if (bridgeFault) issues.push({ device: bridge, named: "bridge-name", fault: bridgeFault, microvms: failingBy(bridgeFault, wants) });
  else if (links.some((link) => link.name === bridge && link.up === false))
    advice.push(`bridge ${bridge} is down: nothing passes over it before: ip link set ${bridge} up`);
  const parentFault = parent === "" ? null : faultOfParent(links, parent);
  if (parentFault) {
    const needed = wants.macvtap.length > 0 || macvtapLogged || (macvtapByDefault && bridge === "");
    if (needed) issues.push({ device: parent, named: "parent-iface", fault: parentFault, microvms: wants.macvtap });
    else
      advice.push(
        `parent-iface ${shownDevice(parent)} ${faultInWords(parentFault)}; only macvtap interfaces (Cloud Hypervisor) need it and no MicroVM here has one: the first would fail`,
      );
  }
  return { issues: [...issues, ...overrideIssues(links, wants)], advice };
}

/** By a configured bridge that is not there a tap for metadata fails, too; one that is there has only to be found. */
function failingBy(fault: DeviceFault, { tap, metadata }: Wants): string[] {
  const looking = fault.is === "absent" ? metadata.flatMap(({ microvm, bridge }) => (bridge === null ? [microvm] : [])) : [];
  return [...new Set([...tap, ...looking])];
}

/** One issue a device: many MicroVMs may name the same. */
function overrideIssues(links: readonly Link[], { override, metadata }: Wants): DeviceIssue[] {
  const byDevice = new Map<string, DeviceIssue>();
  const looking = metadata.flatMap(({ microvm, bridge }) => (bridge !== null && faultOfBridge(links, bridge)?.is === "absent" ? [{ microvm, bridge }] : []));
  for (const { bridge, microvm } of [...override, ...looking]) {
    const known = byDevice.get(bridge);
    if (known) {
      if (!known.microvms.includes(microvm)) known.microvms.push(microvm);
      continue;
    }
    const fault = faultOfBridge(links, bridge);
    if (fault) byDevice.set(bridge, { device: bridge, named: "override", fault, microvms: [microvm] });
  }
  return [...byDevice.values()];
}

export function faultOfBridge(links: readonly Link[], name: string): DeviceFault | null {
  if (isBridge(links, name)) return null;
  const link = links.find((candidate) => candidate.name === name);
  return link ? { is: "not-a-bridge", kind: link.kind } : { is: "absent" };
}

export function faultOfParent(links: readonly Link[], name: string): DeviceFault | null {
  const link = links.find((candidate) => candidate.name === name);
  if (!link) return { is: "absent" };
  const against = unfitParent(link);
  if (!against) return null;
  return "busyWith" in against ? { is: "busy", master: against.busyWith } : { is: "unfit", why: against.unfit };
}

export const faultOf = (key: NetworkKey, links: readonly Link[], name: string): DeviceFault | null =>
  key === "bridge-name" ? faultOfBridge(links, name) : faultOfParent(links, name);

export function faultInWords(fault: DeviceFault): string {
  switch (fault.is) {
    case "absent":
      return "does not exist";
    case "not-a-bridge":
      return fault.kind === "other" ? "is not a bridge" : `is not a bridge but a ${fault.kind} device`;
    case "busy":
      return `is a port of ${fault.master} and therefore busy`;
    case "unfit":
      return `cannot carry a macvtap (${fault.why})`;
  }
}

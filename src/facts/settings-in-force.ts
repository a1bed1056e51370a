/** Which device flintlockd looks for by its own words, and whether that is the one set now: it reads its settings once, when it starts. Pure. */

import type { LogHit } from "./log-evidence.ts";
import { wantsOf, type NetworkKey, type WantingMicrovm } from "./network-needs.ts";

/** Signatures of parent-device-missing. */
export const deviceSignatures = { absent: "parent-not-found", busy: "parent-busy", notABridge: "not-a-bridge" };

const naming = [/failed to lookup parent network interface \\?"([^"\\]+)\\?"/i, /setting master for [^\s"]+ to ([^\s":]+):/i];

/** The device that such a line names; null where it names none, as of one that is busy. */
export function missedDevice(excerpt: string): string | null {
  for (const pattern of naming) {
    const [, device] = pattern.exec(excerpt) ?? [];
    if (device !== undefined) return device;
  }
  return null;
}

export interface Missed {
  /** Of parent-device-missing. */
  hits: readonly LogHit[];
  records: readonly WantingMicrovm[];
  /** What is set now; empty: nothing. */
  set: Record<NetworkKey, string>;
  /** Microseconds since boot: the start of flintlockd's process. */
  startUs: number;
  /** Likewise; null: its configuration has not changed, or that cannot be told. */
  configChangedUs: number | null;
}

/** The line that shows that flintlockd goes by another value of this key than is set now. */
export function contradiction(key: NetworkKey, { hits, records, set, startUs, configChangedUs }: Missed): LogHit | undefined {
  const microvms = new Map(records.map((record) => [record.id, record]));
  return hits.find(({ signature, excerpt, monotonicUs, microvm }) => {
    const record = microvms.get(microvm ?? "");
    if (!record || monotonicUs < startUs) return false;
    const { tap, macvtap, override, metadata } = wantsOf([record]);
    // What a tap for metadata looked up is told from a macvtap's parent only where there is no macvtap.
    const lookedUp = signature === deviceSignatures.absent && macvtap.length === 0 && metadata.some(({ bridge }) => bridge === null);
    // Only a macvtap finds its parent busy, and only a tap gets a master.
    const keys: NetworkKey[] = [
      ...((tap.length > 0 || lookedUp) && signature !== deviceSignatures.busy ? ["bridge-name" as const] : []),
      ...(macvtap.length > 0 && signature !== deviceSignatures.notABridge ? ["parent-iface" as const] : []),
    ];
    if (!keys.includes(key)) return false;
    const device = missedDevice(excerpt);
    // Which one was busy is not said: it is not the one set now, where that was set under flintlockd's feet and the line is newer.
    if (device === null) return configChangedUs !== null && startUs < configChangedUs && configChangedUs <= monotonicUs;
    return ![...keys.map((each) => set[each]), ...[...override, ...metadata].map(({ bridge }) => bridge)].includes(device);
  });
}

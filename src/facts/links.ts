/** Network links as sysfs tells them (Documentation/ABI/testing/sysfs-class-net of the kernel). */

export type LinkKind =
  "nic" | "bridge" | "bond" | "vlan" | "wireless" | "tun" | "tap" | "wireguard" | "veth" | "macvlan" | "macvtap" | "dummy" | "loopback" | "other";

export interface Link {
  name: string;
  /** Null where it was not asked for: flintlock's own taps, of which there may be a thousand. */
  ifindex: number | null;
  kind: LinkKind;
  /** IFF_UP; null where it was not asked for. */
  up: boolean | null;
  /** Name of the bridge, bond or other device that it is a port of; null where none. */
  master: string | null;
  /** Has a `device` in sysfs: real hardware, or as good as. */
  physical: boolean;
  /** What it is made of: ports of a bridge or bond, the parent of a VLAN. */
  lowers: string[];
}

/** What one link's folder in /sys/class/net tells. */
export interface LinkSigns {
  name: string;
  /** Names of the folder's entries. */
  entries: readonly string[];
  uevent: string;
  flags: string;
  tunFlags?: string;
  iflink?: string;
}

const iff = { up: 0x1, loopback: 0x8, noarp: 0x80 };
/** include/uapi/linux/if_tun.h */
const iffTap = 0x2;

/** `fltap` and `flvtap` with seven hex digits (flintlock: infrastructure/network/utils.go, NewIfaceName). */
export function flintlockKind(name: string): "tap" | "macvtap" | null {
  if (/^fltap[0-9a-f]{7}$/.test(name)) return "tap";
  return /^flvtap[0-9a-f]{7}$/.test(name) ? "macvtap" : null;
}

/**
 * As the kernel takes them (net/core/dev.c, dev_valid_name): 15 bytes at most, no slash, colon or blank, not `.` or `..`; and no dash in front, with
 * which ip(8) would take it for an option.
 */
export function validInterfaceName(name: string): boolean {
  return name !== "." && name !== ".." && Buffer.byteLength(name) <= 15 && /^[^\s/:\0]+$/.test(name) && !name.startsWith("-");
}

/** May stand in a command that a person pastes into a shell: the kernel takes `$(reboot)` for a name, too. */
export const isPlain = (name: string): boolean => validInterfaceName(name) && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);

export function parseUevent(text: string): Map<string, string> {
  const pairs = text.split("\n").flatMap((line): [string, string][] => {
    const equals = line.indexOf("=");
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)]] : [];
  });
  return new Map(pairs);
}

export const lowersOf = (entries: readonly string[]): string[] =>
  entries.filter((entry) => entry.startsWith("lower_")).map((entry) => entry.slice("lower_".length));

/** Whether `iflink` has to be read to tell the kind: a veth has no mark of its own. */
export function needsIflink({ entries, uevent }: Pick<LinkSigns, "entries" | "uevent">): boolean {
  return !entries.includes("device") && !entries.includes("tun_flags") && !parseUevent(uevent).has("DEVTYPE") && lowersOf(entries).length === 0;
}

export function linkOf(signs: LinkSigns, master: string | null): Link {
  const uevent = parseUevent(signs.uevent);
  const ifindex = Number(uevent.get("IFINDEX"));
  return {
    name: signs.name,
    ifindex: Number.isInteger(ifindex) ? ifindex : null,
    kind: kindOf(signs, uevent.get("DEVTYPE") ?? "", ifindex),
    up: (Number(signs.flags) & iff.up) !== 0,
    master,
    physical: signs.entries.includes("device"),
    lowers: lowersOf(signs.entries),
  };
}

function kindOf(signs: LinkSigns, devtype: string, ifindex: number): LinkKind {
  const has = (entry: string): boolean => signs.entries.includes(entry);
  const flags = Number(signs.flags);
  if ((flags & iff.loopback) !== 0) return "loopback";
  if (has("bridge") || devtype === "bridge") return "bridge";
  if (has("bonding") || devtype === "bond") return "bond";
  if (devtype === "vlan") return "vlan";
  if (has("wireless") || has("phy80211") || devtype === "wlan") return "wireless";
  if (has("tun_flags")) return (Number(signs.tunFlags) & iffTap) === 0 ? "tun" : "tap";
  if (devtype === "wireguard") return "wireguard";
  if (has("macvtap") || devtype === "macvtap") return "macvtap";
  // A modem (DEVTYPE=wwan) has a device, too, but is not wired.
  if (has("device")) return devtype === "" || devtype === "dsa" ? "nic" : "other";
  if (devtype === "macvlan" || (devtype === "" && lowersOf(signs.entries).length > 0)) return "macvlan";
  if (devtype !== "") return "other";
  if (signs.iflink !== undefined && Number(signs.iflink) !== ifindex) return "veth";
  return (flags & iff.noarp) === 0 ? "other" : "dummy";
}

/** Links that are there and yet carry nothing, or carry it elsewhere: no fault that this tool cures, and what a person would look at next. Pure. */

import type { MicrovmRecord } from "./microvm-record.ts";
import { isPlain, type Link } from "./links.ts";
import { someOf } from "./network-needs.ts";

export interface Settled {
  /** bridge-name and parent-iface in force; "" where none. */
  bridge: string;
  parent: string;
}

interface Port {
  microvm: string;
  tap: string;
  /** The MicroVM's own bridge, or bridge-name; "" where neither. */
  wanted: string;
  /** What it is attached to; null: nothing, which tap-detached tells. */
  master: string | null;
}

export function lameLinks(records: readonly MicrovmRecord[], links: readonly Link[], { bridge, parent }: Settled): string[] {
  const byName = new Map(links.map((link) => [link.name, link]));
  const wanted = records.filter(({ deletedAt }) => deletedAt === 0);
  const ports = wanted.flatMap(({ id, interfaces }): Port[] =>
    interfaces.flatMap(({ type, metadata, hostDevice, bridge: own }) => {
      const link = hostDevice === null ? undefined : byName.get(hostDevice);
      return type === "tap" && !metadata && link ? [{ microvm: id, tap: link.name, wanted: own ?? bridge, master: link.master }] : [];
    }),
  );
  const onParent = wanted.filter(({ interfaces }) => interfaces.some(({ type }) => type === "macvtap")).map(({ id }) => id);
  const down = (name: string, users: readonly string[]): string[] =>
    users.length > 0 && byName.get(name)?.up === false ? [isDown(byName.get(name)?.kind === "bridge" ? "bridge" : "parent interface", name, users)] : [];
  const masters = new Set(ports.flatMap(({ master }) => master ?? []));
  return [
    ...[...masters].sort().flatMap((name) =>
      down(
        name,
        ports.filter(({ master }) => master === name).map(({ microvm }) => microvm),
      ),
    ),
    ...(parent === "" ? [] : down(parent, onParent)),
    ...elsewhere(ports, byName),
  ];
}

function isDown(what: string, name: string, users: readonly string[]): string {
  const microvms = [...new Set(users)];
  const way = isPlain(name) ? `: ip link set dev ${name} up` : "";
  return `${what} ${name} is down, so ${someOf(microvms)} ${microvms.length === 1 ? "has" : "have"} no network${way}`;
}

/** flintlock attaches a tap once, when it makes it: a setting that changed since moves none, and neither does flintlockd's restart. */
function elsewhere(ports: readonly Port[], byName: ReadonlyMap<string, Link>): string[] {
  return ports
    .filter(({ wanted, master }) => master !== null && master !== wanted && byName.get(wanted)?.kind === "bridge")
    .slice(0, 3)
    .map(({ microvm, tap, wanted, master }) => {
      const way = isPlain(wanted) ? `: ip link set dev ${tap} master ${wanted}` : "";
      return `${tap} of ${microvm} is attached to ${master ?? ""}, and a tap made now would be attached to ${wanted}; if nobody meant that${way}`;
    });
}

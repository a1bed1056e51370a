/** Network links and default routes, from /sys/class/net and /proc/net; no process is started and no module loaded. */

import type { Answer } from "../host/inspector.ts";
import { known, valueOf } from "../host/inspector.ts";
import { flintlockKind, linkOf, lowersOf, needsIflink, validInterfaceName, type Link, type LinkSigns } from "../facts/links.ts";
import type { Links } from "../facts/parent-choice.ts";
import { bestFirst, parseIpv4Routes, parseIpv6Routes } from "../facts/routes.ts";
import type { Survey } from "./survey.ts";

export type { Link } from "../facts/links.ts";
export type { Links } from "../facts/parent-choice.ts";

const root = "/sys/class/net";

export async function links(survey: Survey): Promise<Answer<Links>> {
  const { host } = survey;
  const [names, ipv4, ipv6] = await Promise.all([
    host.ask({ ask: "directory", path: root }),
    host.ask({ ask: "file", path: "/proc/net/route" }),
    host.ask({ ask: "file", path: "/proc/net/ipv6_route" }),
  ]);
  if (names.kind !== "known") return names;
  // Of flintlock's own taps there may be a thousand: their bridge's folder names them all.
  const own = names.value.filter((name) => flintlockKind(name) !== null);
  const others = names.value.filter((name) => flintlockKind(name) === null && validInterfaceName(name));
  const signs = (await Promise.all(others.map((name) => signsOf(survey, name)))).filter((sign) => sign !== undefined);
  const masters = new Map(
    signs
      .filter(({ entries }) => entries.includes("bridge") || entries.includes("bonding"))
      .flatMap(({ name, entries }) => lowersOf(entries).map((port) => [port, name] as const)),
  );
  const [found, taps] = await Promise.all([
    Promise.all(signs.map(async (sign) => linkOf(sign, await masterOf(survey, sign.name, masters, sign.entries.includes("master"))))),
    Promise.all(own.map(async (name) => tap(name, await masterOf(survey, name, masters, true)))),
  ]);
  // A kernel without IPv6 has no ipv6_route.
  const defaultRoutes = bestFirst([...parseIpv4Routes(valueOf(ipv4)?.text ?? ""), ...parseIpv6Routes(valueOf(ipv6)?.text ?? "")]);
  return known({ links: [...found, ...taps], defaultRoutes }, names.at);
}

function tap(name: string, master: string | null): Link {
  return { name, ifindex: null, kind: flintlockKind(name) ?? "tap", up: null, master, physical: false, lowers: [] };
}

/** Undefined: it has gone since the folder was listed, or is no link (`bonding_masters` is a file). */
async function signsOf({ host }: Survey, name: string): Promise<LinkSigns | undefined> {
  const folder = `${root}/${name}`;
  const text = async (file: string): Promise<string> => valueOf(await host.ask({ ask: "file", path: `${folder}/${file}` }))?.text.trim() ?? "";
  const [entries, uevent, flags] = await Promise.all([host.ask({ ask: "directory", path: folder }), text("uevent"), text("flags")]);
  if (entries.kind !== "known") return undefined;
  const sign: LinkSigns = { name, entries: entries.value, uevent, flags };
  if (entries.value.includes("tun_flags")) return { ...sign, tunFlags: await text("tun_flags") };
  return needsIflink(sign) ? { ...sign, iflink: await text("iflink") } : sign;
}

async function masterOf({ host }: Survey, name: string, masters: ReadonlyMap<string, string>, mayHave: boolean): Promise<string | null> {
  const listed = masters.get(name);
  if (listed !== undefined || !mayHave) return listed ?? null;
  const target = await host.ask({ ask: "link", path: `${root}/${name}/master` });
  return valueOf(target)?.split("/").at(-1) ?? null;
}

/** Network links and default routes, from /sys/class/net and /proc/net; no process is started and no module loaded. */

import type { Answer } from "../host/inspector.ts";
import { known, mapAnswer, unknown, valueOf } from "../host/inspector.ts";
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
  const folders = await Promise.all(others.map((name) => signsOf(survey, name)));
  const signs = folders.flatMap((folder) => (folder.kind === "known" ? [folder.value] : []));
  const masters = new Map(
    signs
      .filter(({ entries }) => entries.includes("bridge") || entries.includes("bonding"))
      .flatMap(({ name, entries }) => lowersOf(entries).map((port) => [port, name] as const)),
  );
  const [found, taps] = await Promise.all([
    Promise.all(signs.map(async (sign) => mapAnswer(await masterOf(survey, sign.name, masters, sign.entries.includes("master")), (to) => linkOf(sign, to)))),
    Promise.all(own.map(async (name) => mapAnswer(await masterOf(survey, name, masters, true), (to) => tap(name, to)))),
  ]);
  // Without one that is there, or with a port that is taken for loose, the rest would tell something else than the host.
  const untold = [...folders, ...found, ...taps].find(({ kind }) => kind === "unknown");
  if (untold?.kind === "unknown") return untold;
  // A kernel without IPv6 has no ipv6_route.
  const defaultRoutes = bestFirst([...parseIpv4Routes(valueOf(ipv4)?.text ?? ""), ...parseIpv6Routes(valueOf(ipv6)?.text ?? "")]);
  return known({ links: [...found, ...taps].flatMap((link) => valueOf(link) ?? []), defaultRoutes }, names.at);
}

function tap(name: string, master: string | null): Link {
  return { name, ifindex: null, kind: flintlockKind(name) ?? "tap", up: null, master, physical: false, lowers: [] };
}

/** Absent: it has gone since the folder was listed, or is no link (`bonding_masters` is a file). */
async function signsOf({ host }: Survey, name: string): Promise<Answer<LinkSigns>> {
  const folder = `${root}/${name}`;
  const text = async (file: string): Promise<string> => valueOf(await host.ask({ ask: "file", path: `${folder}/${file}` }))?.text.trim() ?? "";
  const [entries, uevent, flags] = await Promise.all([host.ask({ ask: "directory", path: folder }), text("uevent"), text("flags")]);
  if (entries.kind !== "known") return entries.kind === "absent" ? entries : unknown(`${folder}: ${entries.why}`);
  const sign: LinkSigns = { name, entries: entries.value, uevent, flags };
  if (entries.value.includes("tun_flags")) return known({ ...sign, tunFlags: await text("tun_flags") });
  return known(needsIflink(sign) ? { ...sign, iflink: await text("iflink") } : sign);
}

/** Null: it has none. */
async function masterOf({ host }: Survey, name: string, masters: ReadonlyMap<string, string>, mayHave: boolean): Promise<Answer<string | null>> {
  const listed = masters.get(name);
  if (listed !== undefined || !mayHave) return known(listed ?? null);
  const path = `${root}/${name}/master`;
  const target = await host.ask({ ask: "link", path });
  if (target.kind === "unknown") return unknown(`${path}: ${target.why}`);
  return known(valueOf(target)?.split("/").at(-1) ?? null);
}

/** Which device-mapper devices there are, and in which state. What can be told from sysfs is; dmsetup is asked only where dm_mod is loaded. */

import { parseInfo } from "../facts/device-mapper.ts";
import { evidence, refOf } from "../evidence.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";

export const said = (argv: string[], text: string, at: string): Evidence =>
  evidence({ source: "command", ref: refOf(argv), at, excerpt: text === "" ? "(no table)" : text });

/** Names of those that are suspended. */
export async function suspendedDevices(host: Inspector): Promise<Answer<string[]>> {
  const names = await deviceNames(host);
  if (names.kind !== "known") return names;
  const states = await Promise.all(
    [...names.value].map(async ([name, kernelName]) => ({ name, state: await host.ask({ ask: "file", path: `/sys/block/${kernelName}/dm/suspended` }) })),
  );
  return known(
    states.flatMap(({ name, state }) => (valueOf(state)?.text.trim() === "1" ? [name] : [])),
    names.at,
  );
}

/** Device-mapper names and their kernel names (dm-0), from sysfs: /dev/mapper/control is not opened, which would load dm_mod. */
export async function deviceNames(host: Inspector): Promise<Answer<Map<string, string>>> {
  const block = await host.ask({ ask: "directory", path: "/sys/block" });
  if (block.kind !== "known") return unknown(block.why);
  const kernelNames = block.value.filter((entry) => /^dm-\d+$/.test(entry));
  const names = await Promise.all(kernelNames.map((entry) => host.ask({ ask: "file", path: `/sys/block/${entry}/dm/name` })));
  const found = new Map<string, string>();
  for (const [index, answer] of names.entries()) {
    if (answer.kind === "unknown") return answer;
    // absent: it was removed meanwhile.
    if (answer.kind === "known") found.set(answer.value.text.trimEnd(), kernelNames[index] ?? "");
  }
  return known(found, block.at);
}

export interface LiveState {
  /** Target of the live table; empty where there is none. */
  target: string;
  inactive: boolean;
  suspended: boolean;
}

/** Null: no device of that name. */
export async function liveState(host: Inspector, name: string): Promise<Answer<LiveState | null>> {
  const presence = await presenceOf(host, name);
  if (presence.kind !== "known") return presence;
  if (!presence.value.there) return known(null, presence.at);
  const [table, info] = await Promise.all([output(host, ["dmsetup", "table", name]), output(host, ["dmsetup", "info", name])]);
  if (table.kind !== "known") return unknown(table.why);
  const parsed = parseInfo(valueOf(info) ?? "");
  if (!parsed) return unknown(`dmsetup info ${name} did not answer`);
  return known({ target: targetOf(table.value), inactive: parsed.tables.includes("INACTIVE"), suspended: parsed.state !== "ACTIVE" }, table.at);
}

/** First word after the length of a table's first line. */
export const targetOf = (table: string): string => table.split(/\s+/)[2] ?? "";

interface Presence {
  there: boolean;
  seen: Evidence;
}

/** A device that never had a table is not in sysfs (the kernel adds its disk with the first one), but device-mapper has it. */
export async function presenceOf(host: Inspector, name: string): Promise<Answer<Presence>> {
  const [names, registered] = await Promise.all([deviceNames(host), host.ask({ ask: "file", path: "/proc/devices" })]);
  if (names.kind !== "known") return names;
  const list = [...names.value.keys()].join(" ");
  const seen = evidence({ source: "file", ref: "/sys/block", at: null, excerpt: list === "" ? "no device-mapper device (dm-*)" : list });
  if (names.value.has(name)) return known({ there: true, seen }, names.at);
  if (registered.kind === "unknown") return registered;
  if (!/\bdevice-mapper$/m.test(valueOf(registered)?.text ?? "")) return known({ there: false, seen }, names.at);
  const argv = ["dmsetup", "ls"];
  const listed = await host.ask({ ask: "command", argv });
  // Without dmsetup nobody made a device that has no table.
  if (listed.kind === "absent") return known({ there: false, seen }, names.at);
  if (listed.kind === "unknown" || listed.value.status !== 0)
    return unknown(listed.kind === "unknown" ? listed.why : `dmsetup ls failed: ${listed.value.stderr.trim()}`);
  const there = listed.value.stdout.split("\n").some((line) => line.split("\t")[0] === name);
  return known({ there, seen: said(argv, listed.value.stdout, listed.at) }, listed.at);
}

/** What a dmsetup command prints, without the white space around it. */
export async function output(host: Inspector, argv: string[]): Promise<Answer<string>> {
  const answer = await host.ask({ ask: "command", argv });
  if (answer.kind === "absent") return unknown(`${argv[0] ?? ""} is not installed: ${answer.why}`);
  if (answer.kind === "unknown") return answer;
  const { status, stdout, stderr } = answer.value;
  if (status !== 0) return unknown(`${argv.join(" ")} exited ${status ?? "by a signal"}: ${stderr.trim().split("\n")[0] ?? ""}`);
  return known(stdout.trim(), answer.at);
}

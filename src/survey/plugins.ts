/** containerd's plugins and whether each loaded (`ctr plugins ls`). */

import { parsePlugins, type Plugin } from "../facts/plugins.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export type { Plugin } from "../facts/plugins.ts";

/** `unknown` where containerd does not answer. */
export async function plugins(survey: Survey): Promise<Answer<Plugin[]>> {
  const layout = await survey.layout();
  if (layout.kind !== "known") return unknown(layout.why);
  return pluginsOf(survey.host, "ctr", layout.value.socket);
}

export const pluginsCommand = (ctr: string, socket: string): string[] => [ctr, "--address", socket, "--connect-timeout", "5s", "plugins", "ls"];

export async function pluginsOf(host: Inspector, ctr: string, socket: string): Promise<Answer<Plugin[]>> {
  // ctr waits for a socket that is not there until its own limit.
  const there = await host.ask({ ask: "status", path: socket });
  if (there.kind === "absent") return unknown(`containerd does not answer: its socket ${socket} is not there`);
  const listed = await host.ask({ ask: "command", argv: pluginsCommand(ctr, socket), timeoutMs: 15_000 });
  if (listed.kind !== "known") return unknown(listed.why);
  const { status, signal, stdout, stderr } = listed.value;
  if (status !== 0) return unknown(`containerd does not answer on ${socket}: ${firstLine(stderr) || `ctr ended with ${signal ?? `status ${String(status)}`}`}`);
  const parsed = parsePlugins(stdout);
  return parsed ? known(parsed, listed.at) : unknown("ctr plugins ls printed no list of plugins");
}

const firstLine = (text: string): string => (text.trim().split("\n")[0] ?? "").slice(0, 300);

/** As ctr printed the line of the devmapper snapshotter; empty where it is not in the list. */
export function lineOf(list: Answer<Plugin[]>, id: string): string {
  const plugin = valueOf(list)?.find((one) => one.id === id && one.type.startsWith("io.containerd.snapshotter."));
  return plugin ? `${plugin.type} ${plugin.id} ${plugin.status}` : "";
}

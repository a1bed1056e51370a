/** Whether flintlockd serves: its main process listens on its endpoints. */

import { isListenerOf, listeners, parseEndpoint, type Listener } from "../facts/sockets.ts";
import type { StallWords } from "../facts/stall-words.ts";
import { absent, known, mapAnswer, unknown, type Answer, type FileText, type Inspector } from "../host/inspector.ts";
import type { Setting, Settings } from "./settings.ts";
import { stallWordsOf } from "./stall-words.ts";
import type { Survey } from "./survey.ts";

export interface Serving {
  /** Endpoints that its settings say it should listen on; empty with `disable-api` and no `enable-http`. */
  expected: string[];
  /** Of these, the ones that its main process listens on. */
  listening: string[];
  /** Everything that its main process listens on, `ADDRESS:PORT`. A stalled one has closed them all. */
  sockets: string[];
}

export interface ServingAsSaid extends Serving {
  /** Where it is to listen on nothing, only its own words tell: of a part of it that failed, which ends all the others. Null: it said nothing of the kind. */
  failed: StallWords | null;
}

/** An endpoint that flintlockd should listen on, and where that is set. */
export interface ExpectedEndpoint {
  flag: "grpc-endpoint" | "http-endpoint";
  setting: Setting;
}

/** internal/command/run/run.go, runServer: gRPC unless `disable-api`; the HTTP gateway with `enable-http`, whatever becomes of gRPC. */
export function expectedEndpoints(settings: Settings): ExpectedEndpoint[] {
  const isSet = (flag: string): boolean => settings.of(flag).value === "true";
  const endpoint = (flag: ExpectedEndpoint["flag"]): ExpectedEndpoint => ({ flag, setting: settings.of(flag) });
  return [...(isSet("disable-api") ? [] : [endpoint("grpc-endpoint")]), ...(isSet("enable-http") ? [endpoint("http-endpoint")] : [])];
}

/** `absent`: flintlockd has no process now. */
export async function serving(survey: Survey): Promise<Answer<ServingAsSaid>> {
  const [units, settings] = await Promise.all([survey.units(), survey.settings()]);
  if (units.kind !== "known") return units;
  if (settings.kind !== "known") return settings;
  const { flintlockd } = units.value;
  const expected = expectedEndpoints(settings.value).map(({ setting }) => setting.value);
  if (flintlockd.mainPid === 0) return absent("flintlockd does not run");
  if (expected.length === 0) return known({ expected, listening: [], sockets: [], failed: await stallWordsOf(survey, settings.value, flintlockd) });
  return mapAnswer(await servingOf(survey.host, flintlockd.mainPid, expected), (seen) => ({ ...seen, failed: null }));
}

export async function servingOf(host: Inspector, pid: number, expected: readonly string[]): Promise<Answer<Serving>> {
  const [tables, own] = await Promise.all([allListeners(host, pid), socketsOf(host, pid)]);
  if (tables.kind !== "known") return tables;
  if (own.kind !== "known") return own;
  const mine = tables.value.filter(({ inode }) => own.value.has(inode));
  const listening = expected.filter((text) => {
    const endpoint = parseEndpoint(text);
    return !("problem" in endpoint) && mine.some((listener) => isListenerOf(endpoint, listener) || (endpoint.port === 0 && listener.port > 0));
  });
  const sockets = mine.map(({ address, port }) => (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`));
  return known({ expected: [...expected], listening, sockets }, own.at);
}

/** In the network namespace of that process: its unit may have one of its own (systemd.exec(5): PrivateNetwork=, NetworkNamespacePath=). */
export async function allListeners(host: Inspector, pid: number): Promise<Answer<Listener[]>> {
  // tcp6 is absent where IPv6 is switched off.
  const [tcp, tcp6] = await Promise.all([netFile(host, pid, "tcp"), netFile(host, pid, "tcp6")]);
  if (tcp.kind !== "known") return unknown(tcp.why);
  if (tcp6.kind === "unknown") return tcp6;
  return known([...listeners(tcp.value.text), ...(tcp6.kind === "known" ? listeners(tcp6.value.text) : [])], tcp.at);
}

/** Of /proc/PID/net; where that cannot be read, of this process's own network namespace, which is nearly always the same. */
export async function netFile(host: Inspector, pid: number, name: "tcp" | "tcp6" | "fib_trie" | "if_inet6"): Promise<Answer<FileText>> {
  const its = await host.ask({ ask: "file", path: `/proc/${pid}/net/${name}` });
  return its.kind === "known" ? its : host.ask({ ask: "file", path: `/proc/net/${name}` });
}

/** Inodes of the sockets that a process has open; `unknown` where its /proc/PID/fd cannot be read. */
export async function socketsOf(host: Inspector, pid: number): Promise<Answer<Set<string>>> {
  const folder = `/proc/${pid}/fd`;
  const names = await host.ask({ ask: "directory", path: folder });
  if (names.kind !== "known") return names;
  const links = await Promise.all(names.value.filter((name) => /^\d+$/.test(name)).map((name) => host.ask({ ask: "link", path: `${folder}/${name}` })));
  return known(new Set(links.flatMap((link) => (link.kind === "known" ? (/^socket:\[(\d+)\]$/.exec(link.value)?.[1] ?? []) : []))), names.at);
}

/** Whose socket that is: looked for in every process, so only asked where it matters. */
export async function ownerOf(host: Inspector, inode: string): Promise<{ pid: number; argv: string[] } | null> {
  const processes = await host.ask({ ask: "directory", path: "/proc" });
  if (processes.kind !== "known") return null;
  for (const name of processes.value.filter((entry) => /^\d+$/.test(entry))) {
    const sockets = await socketsOf(host, Number(name));
    if (sockets.kind !== "known" || !sockets.value.has(inode)) continue;
    const cmdline = await host.ask({ ask: "file", path: `/proc/${name}/cmdline` });
    return { pid: Number(name), argv: cmdline.kind === "known" ? cmdline.value.text.split("\0").filter(Boolean) : [] };
  }
  return null;
}

/** What keeps, or kept, flintlockd from serving: its own words, and whether that is still so. Nothing here changes anything. */

import { isInTheWay, isLocalAddress, localIpv4, localIpv6, parseEndpoint } from "../facts/sockets.ts";
import type { StallWords } from "../facts/stall-words.ts";
import type { Unit } from "../facts/unit.ts";
import { valueOf } from "../host/inspector.ts";
import { otherSocket } from "./other-socket.ts";
import { allListeners, expectedEndpoints, netFile, ownerOf, socketsOf, type ExpectedEndpoint } from "./serving.ts";
import type { Settings } from "./settings.ts";
import { shown, stallWordsOf } from "./stall-words.ts";
import type { Survey } from "./survey.ts";

export interface StandingCause {
  /** TRACED, PORT_IN_USE, NAME_NOT_RESOLVED, ADDRESS_NOT_LOCAL, BAD_ENDPOINT, TLS_SETTINGS, CONTAINERD_SOCKET, CONTAINERD_NOT_ANSWERING, CAUSE_UNKNOWN */
  code: string;
  text: string;
  hint: string;
  /** Where that is seen: a file, or a command. */
  seen: { source: "file" | "command"; ref: string };
}

export interface StallCauses {
  /** Why it does not serve, as it said itself; null where its log does not tell. */
  words: StallWords | null;
  standing: StandingCause[];
}

/** `startMs`: when its process started, by the wall clock. */
export async function stallCauses(survey: Survey, settings: Settings, flintlockd: Unit, startMs: number): Promise<StallCauses> {
  const [words, endpoints, containerd, tls] = await Promise.all([
    stallWordsOf(survey, settings, flintlockd),
    Promise.all(expectedEndpoints(settings).map((endpoint) => endpointCauses(survey, endpoint, flintlockd.mainPid))),
    containerdCauses(survey, settings),
    tlsCauses(survey, settings),
  ]);
  const standing = [...containerd, ...endpoints.flat(), ...tls];
  const changedSince = (settings.config.file?.mtimeMs ?? 0) > startMs;
  // Of what it names and nobody here knows to look for, only a new configuration speaks against it being so still.
  if (words?.kind === "other" && standing.length === 0 && !changedSince)
    standing.push({
      code: "CAUSE_UNKNOWN",
      text: `it cannot be told whether this is still so: ${words.text}`,
      hint: "mend that, then: systemctl restart flintlockd.service",
      seen: { source: "command", ref: "journalctl --boot --unit flintlockd.service" },
    });
  return { words, standing };
}

const settingsFile = "/etc/opt/flintlockd/config.yaml";

/** It dials containerd when it starts, for up to 10 s, and never again (infrastructure/containerd: New). */
async function containerdCauses(survey: Survey, settings: Settings): Promise<StandingCause[]> {
  const socket = await socketCauses(survey, settings);
  if (socket.length > 0) return socket;
  const plugins = await survey.plugins();
  if (plugins.kind === "known") return [];
  const unit = valueOf(await survey.layout())?.containerdUnit ?? "containerd";
  return [
    {
      code: "CONTAINERD_NOT_ANSWERING",
      text: plugins.why,
      hint: `see why: journalctl --boot --unit ${unit}; flintlockd has to be restarted once containerd answers`,
      seen: { source: "command", ref: "ctr plugins ls" },
    },
  ];
}

/** Of no use however well containerd does: it is given to gRPC as `unix://` and the value, which needs a path (containerd: pkg/dialer, DialAddress). */
async function socketCauses(survey: Survey, settings: Settings): Promise<StandingCause[]> {
  const { value, where } = settings.of("containerd-socket");
  const place = where === "" ? "the default" : where;
  const file = where === "" ? settings.config.path : where;
  const cause = (text: string, path: string): StandingCause[] => [
    {
      code: "CONTAINERD_SOCKET",
      text: `containerd-socket is ${JSON.stringify(shown(value, 200))} (${place}): ${text}`,
      hint: `set containerd-socket to ${path} in ${file}, then: systemctl restart flintlockd.service`,
      seen: { source: "file", ref: file },
    },
  ];
  if (!value.startsWith("/"))
    return cause("flintlockd takes the path of a socket, which begins with /, and nothing before it", valueOf(await survey.layout())?.socket ?? "that path");
  const other = await otherSocket(survey);
  if (other === null) return [];
  if (!other.there) return cause(`there is no such socket; that of ${other.unit} is ${other.own}`, other.own);
  const plugins = await survey.plugins();
  return plugins.kind === "known" ? [] : cause(`that of ${other.unit} is ${other.own}, and ${plugins.why}`, other.own);
}

async function endpointCauses(survey: Survey, { flag, setting }: ExpectedEndpoint, ownPid: number): Promise<StandingCause[]> {
  const where = setting.where === "" ? "the default" : setting.where;
  const endpoint = parseEndpoint(setting.value);
  if ("problem" in endpoint)
    return [
      {
        code: "BAD_ENDPOINT",
        text: `${flag} is ${JSON.stringify(setting.value)} (${where}): ${endpoint.problem}`,
        hint: `give it as HOST:PORT in ${where}, then: systemctl restart flintlockd.service`,
        seen: { source: "file", ref: setting.where || settingsFile },
      },
    ];
  const listening = valueOf(await allListeners(survey.host, ownPid)) ?? [];
  const inTheWay = listening.filter((listener) => isInTheWay(endpoint, listener));
  const own = valueOf(await socketsOf(survey.host, ownPid)) ?? new Set();
  const foreign = inTheWay.find(({ inode }) => !own.has(inode));
  if (foreign) {
    const owner = await ownerOf(survey.host, foreign.inode);
    const who = owner ? `process ${owner.pid} (${shown(owner.argv.join(" "), 120)})` : "another process";
    return [
      {
        code: "PORT_IN_USE",
        text: `${flag} ${setting.value} (${where}) is taken: ${who} listens on ${foreign.address}:${foreign.port}`,
        hint: `end that process, or give ${flag} another port in ${where}; then: systemctl restart flintlockd.service`,
        seen: { source: "file", ref: owner ? `/proc/${owner.pid}/fd` : `/proc/${ownPid}/net/tcp` },
      },
    ];
  }
  if (endpoint.kind === "name") return nameCauses(survey, endpoint.host, `${flag} ${setting.value} (${where})`);
  return endpoint.kind === "literal" ? addressCauses(survey, ownPid, endpoint.host, `${flag} ${setting.value} (${where})`) : [];
}

/** As a Go program without cgo looks names up: /etc/hosts, then DNS, and nothing else that nsswitch.conf may name (go: net, dnsclient_unix.go). */
async function nameCauses(survey: Survey, name: string, what: string): Promise<StandingCause[]> {
  const hosts = await survey.host.ask({ ask: "file", path: "/etc/hosts" });
  const lines = hosts.kind === "known" ? hosts.value.text.split("\n") : [];
  if (lines.some((line) => line.replace(/#.*/, "").trim().toLowerCase().split(/\s+/).slice(1).includes(name.toLowerCase().replace(/\.$/, "")))) return [];
  const hint = `put it into /etc/hosts, or give an address instead; then: systemctl restart flintlockd.service`;
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(name))
    return [{ code: "NAME_NOT_RESOLVED", text: `${what}: that is no host name`, hint, seen: { source: "file", ref: "/etc/hosts" } }];
  const dns = await survey.host.ask({ ask: "command", argv: ["getent", "-s", "dns", "ahosts", "--", name] });
  if (dns.kind === "known" && dns.value.status === 0) return [];
  const why = dns.kind === "known" ? "neither /etc/hosts nor DNS knows it" : `not in /etc/hosts, and DNS could not be asked (${dns.why})`;
  return [{ code: "NAME_NOT_RESOLVED", text: `${what}: the name ${name} does not resolve: ${why}`, hint, seen: { source: "file", ref: "/etc/hosts" } }];
}

async function addressCauses(survey: Survey, pid: number, address: string, what: string): Promise<StandingCause[]> {
  const [trie, inet6] = await Promise.all([netFile(survey.host, pid, "fib_trie"), netFile(survey.host, pid, "if_inet6")]);
  if (trie.kind !== "known" || inet6.kind === "unknown") return [];
  if (isLocalAddress(address, localIpv4(trie.value.text), localIpv6(inet6.kind === "known" ? inet6.value.text : ""))) return [];
  return [
    {
      code: "ADDRESS_NOT_LOCAL",
      text: `${what}: no interface of this host has the address ${address}`,
      hint: "bring up the interface that should have it, or give another address; then: systemctl restart flintlockd.service",
      seen: { source: "file", ref: `/proc/${pid}/net/fib_trie` },
    },
  ];
}

/** internal/config/validation.go */
async function tlsCauses(survey: Survey, settings: Settings): Promise<StandingCause[]> {
  if (settings.of("disable-api").value === "true") return [];
  const [insecure, cert, key, validate, ca] = ["insecure", "tls-cert", "tls-key", "tls-client-validate", "tls-client-ca"].map(
    (flag) => settings.of(flag).value,
  );
  const standing = (text: string): StandingCause[] => [
    {
      code: "TLS_SETTINGS",
      text,
      hint: `mend it in ${settings.config.path}, then: systemctl restart flintlockd.service`,
      seen: { source: "file", ref: settings.config.path },
    },
  ];
  if (insecure === "true") return cert !== "" || key !== "" ? standing("insecure is set, and tls-cert or tls-key too: flintlockd refuses both together") : [];
  if (cert === "") return standing("insecure is not set, and there is no tls-cert");
  if (key === "") return standing("insecure is not set, and there is no tls-key");
  if (validate === "true" && ca === "") return standing("tls-client-validate is set, and there is no tls-client-ca");
  const files = [cert, key, ...(validate === "true" ? [ca] : [])].filter((path) => path !== undefined);
  const looks = await Promise.all(files.map(async (path) => ({ path, answer: await survey.host.ask({ ask: "status", path }) })));
  const missing = looks.find(({ answer }) => answer.kind === "absent");
  return missing ? standing(`there is no ${missing.path}, which the TLS settings name`) : [];
}

/** Listening TCP sockets from /proc/net/tcp and tcp6 (kernel: Documentation/networking/proc_net_tcp.rst), and endpoints as Go takes them. */

export interface Listener {
  /** As text: 127.0.0.1, ::1, 0.0.0.0, :: */
  address: string;
  port: number;
  inode: string;
}

/** State 0A is TCP_LISTEN (include/net/tcp_states.h). */
export function listeners(table: string): Listener[] {
  return table.split("\n").flatMap((line) => {
    const match = /^\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+[0-9A-F]+:[0-9A-F]{4}\s+0A\s+(?:\S+\s+){5}(\d+)(?:\s|$)/.exec(line);
    if (!match) return [];
    const [, address = "", port = "", inode = ""] = match;
    return [{ address: addressOf(address), port: parseInt(port, 16), inode }];
  });
}

/** Each group of 32 bits is in the byte order of the host; all that flintlock runs on are little-endian. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => parseInt(byte, 16)).join(".");
  const mapped = /^0{20}F{4}(.{8})$/i.exec(bytes.join(""))?.[1];
  if (mapped !== undefined) return (mapped.match(/../g) ?? []).map((byte) => parseInt(byte, 16)).join(".");
  return ipv6Text((bytes.join("").match(/.{4}/g) ?? []).map((group) => parseInt(group, 16)));
}

/** RFC 5952: the longest run of zero groups becomes `::`. */
function ipv6Text(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < groups.length; at += 1) {
    let length = 0;
    while (groups[at + length] === 0) length += 1;
    if (length > best.length) best = { at, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.at === -1) return hex.join(":");
  return `${hex.slice(0, best.at).join(":")}::${hex.slice(best.at + best.length).join(":")}`;
}

export interface Endpoint {
  /** Without brackets; "" for every address. */
  host: string;
  port: number;
  /** any: "", 0.0.0.0, ::; literal: an address; name: something to resolve. */
  kind: "any" | "literal" | "name";
}

const services: Record<string, number> = { http: 80, https: 443 };

/** net.SplitHostPort; a problem is worded as Go words it. */
export function parseEndpoint(text: string): Endpoint | { problem: string } {
  const bracketed = /^\[([^\]]*)\]:(.*)$/s.exec(text);
  const plain = /^([^:[\]]*):([^:]*)$/s.exec(text);
  const [, host, portText] = bracketed ?? plain ?? [];
  if (host === undefined || portText === undefined) {
    return {
      problem: text.split(":").length > 2 && !text.startsWith("[") ? `address ${text}: too many colons in address` : `address ${text}: missing port in address`,
    };
  }
  const port = portText === "" ? 0 : /^\d{1,5}$/.test(portText) ? Number(portText) : services[portText];
  if (port === undefined || port > 65535) return { problem: `address ${portText}: ${/^\d+$/.test(portText) ? "invalid port" : "unknown port"}` };
  const bare = host.replace(/%.*$/, "");
  const any = bare === "" || bare === "0.0.0.0" || /^[0:]+$/.test(bare);
  return { host, port, kind: any ? "any" : /^\d+\.\d+\.\d+\.\d+$/.test(bare) || bare.includes(":") ? "literal" : "name" };
}

/** Whether a socket that listens there is what that endpoint asks for. A name may have been any address. */
export function isListenerOf(endpoint: Endpoint, listener: Listener): boolean {
  if (endpoint.port !== listener.port) return false;
  switch (endpoint.kind) {
    case "name":
      return true;
    case "any":
      return isAny(listener.address);
    case "literal":
      return sameAddress(endpoint.host, listener.address);
  }
}

/** Whether a socket that listens there keeps that endpoint from being listened on: bind(2), EADDRINUSE. */
export function isInTheWay(endpoint: Endpoint, listener: Listener): boolean {
  if (endpoint.port === 0 || endpoint.port !== listener.port) return false;
  if (endpoint.kind !== "literal" || isAny(listener.address)) return true;
  return sameAddress(endpoint.host, listener.address);
}

const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";

const sameAddress = (a: string, b: string): boolean => normal(a) === normal(b);

function normal(address: string): string {
  const bare = address
    .toLowerCase()
    .replace(/%.*$/, "")
    .replace(/^::ffff:(?=\d+\.)/, "");
  if (!bare.includes(":")) return bare;
  const [head = "", tail] = bare.split("::");
  const groups = (text: string): number[] =>
    text
      .split(":")
      .filter(Boolean)
      .map((group) => parseInt(group, 16));
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups(head).length - groups(tail).length);
  return ipv6Text([...groups(head), ...Array<number>(missing).fill(0), ...groups(tail ?? "")]);
}

/** Addresses of this host from /proc/net/fib_trie: `32 host LOCAL` stands below each. */
export function localIpv4(fibTrie: string): Set<string> {
  const found = new Set<string>();
  let last = "";
  for (const line of fibTrie.split("\n")) {
    const leaf = /\|--\s+(\d+\.\d+\.\d+\.\d+)\s*$/.exec(line)?.[1];
    if (leaf !== undefined) last = leaf;
    else if (line.includes("/32 host LOCAL")) found.add(last);
  }
  return found;
}

/** Addresses of this host from /proc/net/if_inet6. */
export function localIpv6(ifInet6: string): Set<string> {
  return new Set(
    ifInet6
      .split("\n")
      .flatMap((line) => (/^[0-9a-f]{32}\s/.test(line) ? [ipv6Text((line.slice(0, 32).match(/.{4}/g) ?? []).map((group) => parseInt(group, 16)))] : [])),
  );
}

export function isLocalAddress(host: string, ipv4: ReadonlySet<string>, ipv6: ReadonlySet<string>): boolean {
  const bare = normal(host);
  return bare.startsWith("127.") || ipv4.has(bare) || ipv6.has(bare);
}

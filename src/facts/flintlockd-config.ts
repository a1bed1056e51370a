/**
 * flintlockd's settings: which there are, what they are by default, and how a value of each source is read
 * (flintlock: internal/command/flags/flags.go, pkg/defaults/defaults.go, pkg/log/flags.go, pkg/flags/flags.go).
 */

import { goText } from "./go-scalar.ts";
import type { YamlEntry } from "./mapping.ts";

/** Flag name → default. A setting of type bool, int or duration that cannot be read stays at its default. */
export const flintlockdDefaults: Readonly<Record<string, string>> = {
  "basic-auth-token": "",
  "bridge-name": "",
  "cloudhypervisor-bin": "cloud-hypervisor-static",
  "cloudhypervisor-detach": "true",
  "containerd-kernel-ss": "native",
  "containerd-ns": "flintlock",
  "containerd-socket": "/run/containerd/containerd.sock",
  "debug-endpoint": "",
  "default-provider": "firecracker",
  "deleteMicroVM-timeout": "10s",
  "disable-api": "false",
  "disable-reconcile": "false",
  "enable-http": "false",
  "firecracker-bin": "firecracker",
  "firecracker-detach": "true",
  "grpc-endpoint": "localhost:9090",
  "http-endpoint": "localhost:8090",
  insecure: "false",
  "log-format": "text",
  "log-output": "stderr",
  "maximum-retry": "10",
  "parent-iface": "",
  "resync-period": "10m0s",
  "state-dir": "/var/lib/flintlock",
  "tls-cert": "",
  "tls-client-ca": "",
  "tls-client-validate": "false",
  "tls-key": "",
  verbosity: "0",
  "virtiofs-bin": "/usr/libexec/virtiofsd",
};

const bools = new Set(["cloudhypervisor-detach", "disable-api", "disable-reconcile", "enable-http", "firecracker-detach", "insecure", "tls-client-validate"]);
const integers = new Set(["maximum-retry", "verbosity"]);
const durations = new Set(["resync-period", "deleteMicroVM-timeout"]);

/** What pflag makes of a text for that flag; null where it refuses it, and the flag stays as it was. */
export function accepted(flag: string, text: string): string | null {
  if (bools.has(flag)) return goBool(text);
  if (integers.has(flag)) return /^[-+]?(?:0x[0-9a-f]+|0o?[0-7]+|0b[01]+|[0-9]+)$/i.test(text) ? text : null;
  if (durations.has(flag)) return durationMs(text) === null ? null : text;
  return text;
}

/** strconv.ParseBool */
function goBool(text: string): string | null {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return "true";
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? "false" : null;
}

const milliseconds: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** time.ParseDuration: `1h10m`, `600s`, `1.5m`; null where Go refuses it. */
export function durationMs(text: string): number | null {
  if (/^[-+]?0$/.test(text)) return 0;
  const [, sign = "", rest = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest.length > 60 || !/^(?:[0-9.]+(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return null;
  let sum = 0;
  for (const [, amount = "", unit = ""] of rest.matchAll(/([0-9.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(amount)) return null;
    sum += Number(amount) * (milliseconds[unit] ?? 0);
  }
  return sign === "-" ? -sum : sum;
}

/** Flags of `flintlockd run …` (pflag): the last of each counts, `-v` is `--verbosity`, a bool needs no value. */
export function flagsOf(argv: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let i = 1; i < argv.length; i += 1) {
    const word = argv[i] ?? "";
    if (word === "--") break;
    if (!word.startsWith("-") || word === "-") continue;
    const long = word.startsWith("--");
    const equals = word.indexOf("=");
    const name = long ? word.slice(2, equals === -1 ? undefined : equals) : "verbosity";
    if (!long && !word.startsWith("-v")) continue;
    const inline = long ? (equals === -1 ? undefined : word.slice(equals + 1)) : word.slice(2).replace(/^=/, "") || undefined;
    if (inline !== undefined) flags.set(name, inline);
    else if (bools.has(name)) flags.set(name, "true");
    else flags.set(name, argv[(i += 1)] ?? "");
  }
  return flags;
}

/** viper knows no case in keys, and a null counts as not set. */
export function fileSetting(entries: readonly YamlEntry[], flag: string): { value: string; line: number } | null {
  const entry = entries.find(({ key }) => key.toLowerCase() === flag.toLowerCase());
  if (!entry) return null;
  const text = entry.scalar ? goText(entry.scalar) : listText(entry.value);
  const value = text === null ? null : accepted(flag, text);
  return value === null ? null : { value, line: entry.line };
}

/** fmt's %v of a list; a mapping is never a value that works. */
function listText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(String).join(" ")}]` : "map[]";
}

/** viper's prefix and an upper-case key; its hyphens stay, so systemd, which takes no such name, passes only those without. */
export const environmentName = (flag: string): string => `FLINTLOCKD_${flag.toUpperCase()}`;

/** What viper looks for in each folder, first one wins; whatever the ending, it is read as YAML (SetConfigType). */
export const configNames: readonly string[] = ["json", "toml", "yaml", "yml", "properties", "props", "prop", "hcl", "tfvars", "dotenv", "env", "ini"]
  .map((ending) => `config.${ending}`)
  .concat("config");

/** In this order: internal/command/root.go, initCobra. */
export function configFolders(environment: ReadonlyMap<string, string>, home: string | null): string[] {
  const xdg = environment.get("XDG_CONFIG_HOME") ?? "";
  const own = xdg !== "" ? `${xdg}/flintlockd` : `${environment.get("HOME") ?? home ?? ""}/.config/flintlockd`;
  return ["/etc/opt/flintlockd", own.replace(/\/{2,}/g, "/")];
}

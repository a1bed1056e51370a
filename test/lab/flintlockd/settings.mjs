// Flags, then the config file, then defaults, as cobra and viper find them. A file that does not parse is ignored without a word.

import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** name: [default, type, about]; those without a word about them are hidden. */
export const flags = {
  "basic-auth-token": ["", "string", "The token to use for very basic token based authentication."],
  "bridge-name": ["", "string", "The name of the Linux bridge to attach tap devices to by default"],
  "cloudhypervisor-bin": ["cloud-hypervisor-static", "string", "The path to the cloud hypervisor binary to use."],
  "cloudhypervisor-detach": ["true", "", "If true the child cloud hypervisor processes will be detached from the parent flintlock process."],
  "containerd-kernel-ss": ["native", "string", "The name of the snapshotter to use with containerd for kernel/initrd images."],
  "containerd-ns": ["flintlock", "string", "The name of the containerd namespace to use."],
  "containerd-socket": ["/run/containerd/containerd.sock", "string", "The path to the containerd socket."],
  "debug-endpoint": [
    "",
    "string",
    "The endpoint for the debug web server to listen on. It must include a port (e.g. localhost:10500).  An empty string means disable the debug endpoint.",
  ],
  "default-provider": ["firecracker", "string", "The name of the microvm provider to use by default if not supplied in the create request."],
  "deleteMicroVM-timeout": ["10s", "duration", "The timeout for deleting a microvm."],
  "enable-http": ["false", "", "Should the API be exposed via HTTP."],
  "firecracker-bin": ["firecracker", "string", "The path to the firecracker binary to use."],
  "firecracker-detach": ["true", "", "If true the child firecracker processes will be detached from the parent flintlock process."],
  "grpc-endpoint": ["localhost:9090", "string", "The endpoint for the gRPC server to listen on."],
  "http-endpoint": ["localhost:8090", "string", "The endpoint for the HTTP proxy to the gRPC service to listen on."],
  insecure: ["false", "", "Run the gRPC server insecurely (i.e. without TLS). Not recommended."],
  "parent-iface": ["", "string", "The parent iface for the network interfaces. Note it could also be a bond"],
  "resync-period": ["10m0s", "duration", "Reconcile the specs to resynchronise them based on this period."],
  "state-dir": ["/var/lib/flintlock", "string", "The directory to use for the as the root for runtime state."],
  "tls-cert": ["", "string", "Path to the certificate to use for TLS."],
  "tls-client-ca": ["", "string", "Path to the certificate to use when validating client certificates."],
  "tls-client-validate": ["false", "", "Validate the certificates of clients calling the gRPC server."],
  "tls-key": ["", "string", "Path to the key to use for TLS."],
  "virtiofs-bin": ["/usr/libexec/virtiofsd", "string", "The path to the virtiofs binary to use."],
  "disable-api": ["false", "", null],
  "disable-reconcile": ["false", "", null],
  "maximum-retry": ["10", "int", null],
  "log-format": ["text", "string", null],
  "log-output": ["stderr", "string", null],
  verbosity: ["0", "int", null],
};

export function settingsOf(argv) {
  const said = {};
  for (let i = 0; i < argv.length; i++) {
    const [, name, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(argv[i]) ?? [];
    if (name === undefined || !(name in flags)) throw new Error(`unknown flag: ${argv[i]}`);
    said[name] = value ?? (flags[name][1] === "" ? "true" : (argv[(i += 1)] ?? ""));
  }
  const file = fromFile();
  return Object.fromEntries(Object.entries(flags).map(([name, [standard]]) => [name, said[name] ?? file[name.toLowerCase()] ?? standard]));
}

/** viper: the first config.yaml found counts; keys without regard to case; an empty value is not set. */
function fromFile() {
  const home = process.env.HOME ?? "";
  for (const folder of ["/etc/opt/flintlockd", `${process.env.XDG_CONFIG_HOME ?? `${home}/.config`}/flintlockd`]) {
    let text;
    try {
      text = readFileSync(`${folder}/config.yaml`, "utf8");
    } catch {
      continue;
    }
    try {
      const values = parse(text.replace(/^\uFEFF/, ""), { uniqueKeys: true, merge: true }) ?? {};
      if (typeof values !== "object" || Array.isArray(values)) return {};
      return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key.toLowerCase(), String(value)]])));
    } catch {
      return {};
    }
  }
  return {};
}

/** Go's duration, in milliseconds. */
export function durationMs(text) {
  const units = { ns: 1e-6, us: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  return [...text.matchAll(/([\d.]+)(ns|us|ms|h|m|s)/g)].reduce((sum, [, number, unit]) => sum + Number(number) * units[unit], 0);
}

/** What cobra prints on an error. */
export function usage() {
  const lines = Object.entries(flags).flatMap(([name, [standard, type, about]]) => {
    if (about === null) return [];
    const shown = standard === "" || standard === "false" ? "" : type === "string" ? ` (default "${standard}")` : ` (default ${standard})`;
    return [`      ${`--${name} ${type}`.padEnd(34)} ${about}${shown}`];
  });
  return `Usage:
  flintlockd run [flags]

Flags:
${lines.join("\n")}

Global Flags:
      --log-format string   The format of the logging output. Can be 'text' or 'json'. (default "text")
      --log-output string   The output for logging. Supply a file path or one of the special values of 'stdout' and 'stderr'. (default "stderr")
  -v, --verbosity int       The verbosity level of the logging. A level of 2 and above is debug logging. A level of 9 and above is tracing.
`;
}

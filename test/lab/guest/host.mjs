// The host under test, seen and changed with other tools than fix: units, pool, links, MicroVMs and flintlock's records.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { text as textFrom } from "node:stream/consumers";
import { linkOf, must, sh, textOf, until } from "./sh.mjs";

export const socket = "/run/containerd-dev/containerd.sock";
export const pool = "flintlock-dev-thinpool";
export const poolFolder = "/var/lib/containerd-dev/snapshotter/devmapper";
export const config = "/etc/opt/flintlockd/config.yaml";
export const vmFolder = "/var/lib/flintlock/vm";
export const containerd = "containerd-dev.service";
export const flintlockd = "flintlockd.service";

/** One that systemd does not have would be undefined, and equal to itself before and after anything. */
const onlyKnown = {
  get(fields, key) {
    if (typeof key === "string" && key !== "then" && !(key in fields)) throw new Error(`systemctl show tells no ${key}`);
    return fields[key];
  },
};

export async function unit(name) {
  const text = await must("systemctl", "show", name);
  const fields = Object.fromEntries(text.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  // Left out where there is none.
  return new Proxy({ InvocationID: "", ...fields }, onlyKnown);
}

export const setConfig = (changes) => {
  const old = textOf(config) ?? "---\n";
  let text = old;
  for (const [key, value] of Object.entries(changes)) {
    text = text.replace(new RegExp(`^${key}:.*\n`, "m"), "");
    if (value !== null) text += `${key}: ${value}\n`;
  }
  writeFileSync(config, text);
};

/** What is open on TCP: a process of the unit listens on the port. Read from its cgroup, since polls ask this often. */
export function listens(name, port) {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = ["tcp", "tcp6"].flatMap((family) =>
    (textOf(`/proc/net/${family}`) ?? "").split("\n").flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === "0A" && local.endsWith(`:${hex}`) ? [inode] : [];
    }),
  );
  const pids = (textOf(`/sys/fs/cgroup/system.slice/${name}/cgroup.procs`) ?? "").split("\n").filter((pid) => pid !== "");
  return pids.some((pid) => filesOf(pid).some((file) => inodes.some((inode) => file === `socket:[${inode}]`)));
}

function filesOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

export const serves = () => listens(flintlockd, 9090);

export async function pluginStatus() {
  const { stdout } = await sh(["ctr", "--connect-timeout", "3s", "-a", socket, "plugins", "ls"]);
  return /io\.containerd\.snapshotter\.v1\s+devmapper\s+\S+\s+(\S+)/.exec(stdout)?.[1] ?? "no answer";
}

/** 1 or 2, by the program that is installed. */
export const containerdMajor = () => Number(/\sv?(\d+)\./.exec(execFileSync("containerd", ["--version"], { encoding: "utf8" }))?.[1] ?? 1);

const blobs = "/var/lib/containerd-dev/io.containerd.content.v1.content/blobs/sha256";
const metadata = "/var/lib/containerd-dev/io.containerd.metadata.v1.bolt/meta.db";

/** containerd's last answer, and when its database was last written then. */
const listed = { at: null, digests: [] };

/** A time that the database is not written at again: the kernel's clock for files goes on in ticks. */
const writtenAt = () => {
  try {
    const { mtimeMs } = statSync(metadata);
    return Date.now() - mtimeMs > 50 ? mtimeMs : null;
  } catch {
    return null;
  }
};

/** What containerd knows of; deleted blobs stay on disk until its next collection. All blobs where it does not answer. */
function digests() {
  const at = writtenAt();
  if (at !== null && at === listed.at) return listed.digests;
  const onDisk = () => (existsSync(blobs) ? readdirSync(blobs) : []);
  // A containerd that was stopped took its socket with it; ctr would wait for it.
  if (!existsSync(socket)) return onDisk();
  try {
    const text = execFileSync("ctr", ["--connect-timeout", "3s", "-a", socket, "-n", "flintlock", "content", "ls", "--quiet"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Object.assign(listed, { at, digests: text.split("\n").flatMap((digest) => (digest === "" ? [] : [digest.replace("sha256:", "")])) }).digests;
  } catch {
    return onDisk();
  }
}

/** The newest record of each MicroVM, as flintlock left it in containerd's content store. */
export function records() {
  const newest = new Map();
  for (const name of digests()) {
    let record;
    try {
      record = JSON.parse(textOf(`${blobs}/${name}`) ?? "");
    } catch {
      continue;
    }
    if (typeof record?.id === "string" && record.spec && record.version > (newest.get(record.id)?.version ?? 0)) newest.set(record.id, record);
  }
  return [...newest.values()];
}

/** Where the name names several, the newest. */
export function recordOf(name) {
  return records()
    .filter(({ id, spec }) => id.split("/")[1] === name && spec.deleted_at === 0)
    .sort((x, y) => y.spec.created_at - x.spec.created_at)[0];
}

/** The PID of its own hypervisor, told from the process's argv; null where none lives. */
export function hypervisorPid(name) {
  const uid = recordOf(name)?.id.split("/")[2];
  if (uid === undefined) return null;
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const words = (textOf(`/proc/${pid}/cmdline`) ?? "").split("\0");
    if (
      /firecracker|cloud-hypervisor/.test(words[0]) &&
      words.some((word, i) => (words[i - 1] === "--id" && word === uid) || (words[i - 1] === "--api-socket" && word.includes(`/${uid}/`)))
    )
      return Number(pid);
  }
  return null;
}

/** Whether the process has a file open whose path begins so. */
export function holds(pid, path) {
  return filesOf(pid).some((file) => file?.startsWith(path));
}

export const linkNames = (name) => Object.values(recordOf(name)?.status.network_interfaces ?? {}).map(({ host_device_name: link }) => link);

/** The tap that carries its traffic: eth1. */
export const linkName = (name) => recordOf(name)?.status.network_interfaces?.eth1?.host_device_name;

export function masterOf(link) {
  return linkOf(`/sys/class/net/${link}/master`)?.split("/").at(-1) ?? null;
}

/** Each time over a connection of its own: one that is kept may be closed by flintlockd in the very moment of the next question. */
async function gateway(method, path, body) {
  const token = /^basic-auth-token:\s*(\S+)/m.exec(textOf(config) ?? "")?.[1];
  const headers = token ? { authorization: `Basic ${Buffer.from(token).toString("base64")}` } : {};
  const question = request(`http://127.0.0.1:8090/v1alpha1/microvm${path}`, { method, headers, agent: false });
  question.end(body && JSON.stringify(body));
  const [answer] = await once(question, "response");
  const said = await textFrom(answer);
  if (answer.statusCode >= 300) throw new Error(`flintlockd: ${said}`);
  return JSON.parse(said);
}

/** Asks flintlockd for a MicroVM; `type`: tap (Firecracker) or macvtap (Cloud Hypervisor), as flintlock allows it. */
export async function createMicrovm(name, type, { bridge, provider } = {}) {
  const image = "localhost:5000/k:1";
  await gateway("POST", "", {
    id: name,
    namespace: "ns1",
    vcpu: 1,
    memory_in_mb: 1024,
    metadata: {},
    provider: provider ?? (type === "macvtap" ? "cloudhypervisor" : "firecracker"),
    kernel: { image, filename: "boot/vmlinux", add_network_config: true },
    root_volume: { id: "root", is_read_only: false, source: { container_source: image } },
    interfaces: [{ device_id: "eth1", type: type === "macvtap" ? 0 : 1, ...(bridge && { overrides: { bridge_name: bridge } }) }],
  });
}

/** Asks flintlockd for exactly this. */
export const createFromSpec = (spec) => gateway("POST", "", spec);

export const deleteMicrovm = (name) => gateway("DELETE", `/${recordOf(name)?.id.split("/")[2]}`);

/** Runs, its record says created, and no failure is kept. */
export const runs = (name) => hypervisorPid(name) !== null && recordOf(name)?.status.state === "created" && recordOf(name)?.status.retry === 0;

export const untilRuns = (names, withinMs = 60_000) =>
  until(`MicroVMs ${names.join(", ")} run`, () => names.every(runs) || names.map((name) => [name, hypervisorPid(name), recordOf(name)?.status]), withinMs);

/** Loop devices over the pool's files: [{ name, file }]. */
export async function poolLoops() {
  const text = await must("losetup", "--noheadings", "--raw", "--output", "NAME,BACK-FILE");
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, file]) => file?.startsWith(poolFolder))
    .map(([name, file]) => ({ name, file }));
}

export const poolLine = async () => (await sh(["dmsetup", "status", pool])).stdout.trim();

export const tableOf = async (name) => (await sh(["dmsetup", "table", name])).stdout.trim();

/** Units down, the pool and its snapshots taken away, the files left: what a reboot does to the storage. */
export async function takePoolAway() {
  const names = (await must("dmsetup", "ls", "--target", "thin")).split("\n").flatMap((line) => (line.startsWith(`${pool}-`) ? [line.split(/\s/)[0]] : []));
  for (const name of names) await must("dmsetup", "remove", "--retry", name);
  await must("dmsetup", "remove", "--retry", pool);
  for (const { name } of await poolLoops()) await must("losetup", "--detach", name);
}

/** The unit's journal since a time, message texts only. */
export async function journal(name, since = "-1h") {
  return (await sh(["journalctl", "--no-pager", "--output=cat", "--unit", name, "--since", since])).stdout;
}

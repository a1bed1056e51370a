// Everything on the host that a run could have changed, as lines of text by part.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hypervisors } from "./processes.mjs";
import { linkOf, sh, textOf, until } from "./sh.mjs";
import { tree } from "./tree.mjs";

/** Written by others at any time: the journal, the daemons' own state, and the clock of systemd. */
const othersOwn = [
  "/run/systemd",
  "/run/log",
  "/run/udev",
  "/run/dmeventd-client",
  "/run/dmeventd-server",
  "/run/dmeventd.pid",
  "/var/log/journal",
  "/run/containerd-dev",
  "/run/containerd",
  "/var/lib/systemd/timers",
  "/var/lib/systemd/timesync",
  "/var/lib/systemd/random-seed",
  "/var/lib/lab",
  "/run/dbus",
];

/** containerd's own; the folder of its snapshotter, where the pool's files are, is looked at but for its database. */
const othersOwnPattern = /^\/var\/lib\/containerd(-dev)?\/(?!snapshotter$|snapshotter\/)[^/]+|^\/var\/lib\/containerd(-dev)?\/.*\.db$/;

const watched = ["/etc", "/var", "/run", "/lib/modules", "/root", "/opt", "/tmp", "/usr/local", "/boot", "/dev/mapper", "/home"];
const withContents = /^\/etc\/|^\/lib\/modules\/(?!.*\.ko$)/;

const left = (path) => othersOwn.includes(path) || othersOwnPattern.test(path);

function described({ path, stat }) {
  const { mode, size, blocks, uid, gid, ino, mtimeNs, ctimeNs } = stat;
  const what = [path, `mode ${mode.toString(8)}`, `${size} bytes in ${blocks} blocks`, `${uid}:${gid}`, `inode ${ino}`, `mtime ${mtimeNs}`, `ctime ${ctimeNs}`];
  if (stat.isSymbolicLink()) what.push(readlinkSync(path));
  else if (stat.isFile() && withContents.test(path)) what.push(createHash("sha256").update(readFileSync(path)).digest("hex"));
  return what.join(" ");
}

/** Tables need device-mapper, and asking for them would load it. */
async function deviceMapper(modules) {
  if (!modules.includes("dm_mod")) return [];
  const questions = [["table"], ["table", "--inactive"], ["info", "-c", "--noheadings", "-o", "name,uuid,attr,events"]];
  const answers = [];
  for (const words of questions) answers.push(`dmsetup ${words.join(" ")}`, ...lines((await sh(["dmsetup", ...words])).stdout));
  return answers;
}

const loops = () =>
  readdirSync("/sys/block")
    .filter((name) => name.startsWith("loop"))
    .map((name) => `${name} ${textOf(`/sys/block/${name}/loop/backing_file`) ?? "free"}`);

/**
 * Links with addresses, and routes. Counters and timers that go on by themselves are left out, and a link that has just come up is waited for:
 * its address is tentative, and its route not there yet, until the kernel has looked for a duplicate (RFC 4862, 5.4). Where the link lost its carrier meanwhile it stays so, and changes no more.
 */
async function network() {
  let stdout;
  const asked = async () => {
    ({ stdout } = await sh(["ip", "-details", "-batch", "-"], { input: "addr\nroute show table all\nneigh show nud permanent\n" }));
    return !/ tentative\b/.test(stdout);
  };
  await until("no address is tentative", asked, 5_000).catch(() => undefined);
  return lines(stdout.replaceAll(/(valid_lft|preferred_lft) \S+/g, "").replaceAll(/ (gc|hello|tcn|topology_change)_timer +[\d.]+/g, ""));
}

/**
 * A line a unit: its state, and of which start it is (systemd.exec(5), INVOCATION_ID, which a restart changes, and a PID cannot without one).
 * One question to systemd, and links that it keeps for journald: asking for each unit's properties takes ten times as long.
 */
async function units(except) {
  const { status, stdout, stderr } = await sh([
    "systemctl",
    "list-units",
    "--all",
    "--full",
    "--plain",
    "--no-legend",
    "--no-pager",
    "--type=service,socket,timer,mount",
  ]);
  if (status !== 0) return [stderr];
  return lines(stdout.trim())
    .map((line) => line.split(/ +/, 4))
    .filter(([name]) => !except.includes(name))
    .map(([name, ...states]) => [name, ...states, linkOf(`/run/systemd/units/invocation:${name}`) ?? "never started"].join(" "));
}

/** `except`: units and files that change by themselves. */
export async function picture(except = []) {
  const modules = lines(textOf("/proc/modules") ?? "").map((line) => line.split(" ")[0]);
  return {
    files: watched.flatMap((path) => [...tree(path, left)].map(described)).filter((line) => !except.some((path) => line.startsWith(`${path} `))),
    modules: modules.sort(),
    "device-mapper": await deviceMapper(modules),
    loops: loops(),
    network: await network(),
    units: await units(except),
    mounts: lines(textOf("/proc/mounts") ?? ""),
    hypervisors: hypervisors(),
  };
}

const lines = (text) => text.split("\n");

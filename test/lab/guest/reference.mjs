// The healthy host that every scenario starts from, and the way back to it. Says what it had to put right.

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { removeMicrovm } from "./breaks.mjs";
import * as host from "./host.mjs";
import { must, sh, until } from "./sh.mjs";
import { sameTree } from "./tree.mjs";

/** Folders that scenarios change, kept as they were in /var/lib/lab. */
const folders = [
  "/etc/opt/flintlockd",
  "/etc/containerd",
  "/etc/systemd/system",
  "/etc/modprobe.d",
  "/etc/modules-load.d",
  "/etc/lab",
  "/etc/network",
  "/etc/netplan",
  "/etc/cron.d",
];
const copy = "/var/lib/lab/reference";
const microvms = ["a", "c"];

export async function keepReference() {
  await must("mkdir", "-p", copy, ...folders);
  for (const folder of folders) {
    await must("mkdir", "-p", copy + dirname(folder));
    await must("cp", "-a", folder, copy + folder);
  }
}

/** Brings the host back; returns what was wrong with it. Throws where it does not come back. */
export async function restore() {
  const wrong = [];
  await sh(["systemctl", "reset-failed"]);
  rmSync("/var/lib/flintlock-fix", { recursive: true, force: true });
  rmSync("/run/flintlock-fix.lock", { force: true });
  rmSync("/etc/flintlock-fix", { recursive: true, force: true });
  for (const folder of folders) {
    if (sameTree(copy + folder, folder)) continue;
    wrong.push(folder);
    await sh(["chattr", "-R", "-i", folder]);
    await must("rm", "-rf", folder);
    await must("cp", "-a", copy + folder, folder);
  }
  if (wrong.includes("/etc/systemd/system")) await must("systemctl", "daemon-reload");
  wrong.push(...(await links()));
  const storage = await storageWrong();
  if (storage !== null) {
    wrong.push(storage);
    await rebuildStorage();
  }
  if (wrong.length > 0 || !(await healthy())) {
    wrong.push(...(storage === null && (await host.pluginStatus()) === "ok" ? [] : ["containerd"]));
    await must("systemctl", "stop", host.flintlockd);
    if (wrong.includes("containerd")) await must("systemctl", "restart", host.containerd);
    for (const name of microvms) await forgetFailures(name);
    await must("systemctl", "restart", host.flintlockd);
    await until("flintlockd serves", host.serves, 120_000);
    await tidyMicrovms();
  }
  await until("the host is as it was", async () => (await healthy()) || (await state()), 180_000);
  await must("journalctl", "--rotate", "--vacuum-time=1s").catch(() => undefined);
  return wrong;
}

export const healthy = async () => (await state()).length === 0;

async function state() {
  const off = [];
  const units = [host.containerd, host.flintlockd];
  const active = (await sh(["systemctl", "is-active", ...units])).stdout.split("\n");
  off.push(...units.filter((_, i) => active[i] !== "active"));
  if (!host.serves()) off.push("flintlockd does not serve");
  if ((await host.pluginStatus()) !== "ok") off.push("devmapper plugin");
  for (const name of microvms) if (!host.runs(name)) off.push(`MicroVM ${name}`);
  if (host.masterOf(host.linkName("a")) !== "br0") off.push("tap of a");
  const others = host.records().filter(({ id, spec }) => spec.deleted_at === 0 && !microvms.includes(id.split("/")[1]));
  off.push(...others.map(({ id }) => `left over: ${id}`));
  return off;
}

async function links() {
  const wrong = [];
  const known = JSON.parse(await must("ip", "-json", "link"));
  const expected = new Set(["lo", "vec0", "br0", ...microvms.flatMap((name) => host.linkNames(name))]);
  for (const { ifname: name } of known) {
    if (expected.has(name) || /^(vec\d|tunl0|sit0|teql0|eth\d)$/.test(name)) continue;
    await sh(["ip", "link", "del", name]);
    wrong.push(`link ${name}`);
  }
  const { UP, bridge } = { UP: known.find(({ ifname }) => ifname === "vec0")?.flags.includes("UP"), bridge: existsSync("/sys/class/net/br0/bridge") };
  if (UP && bridge && host.masterOf("vec0") === null) return wrong;
  if (host.masterOf("vec0") !== null) await must("ip", "link", "set", "vec0", "nomaster");
  if (!bridge) await sh(["ip", "link", "del", "br0"]);
  await sh(["/usr/local/lib/lab/net"]);
  const tap = host.linkName("a");
  if (tap && existsSync(`/sys/class/net/${tap}`)) await sh(["ip", "link", "set", tap, "master", "br0"]);
  return [...wrong, "br0 or vec0"];
}

async function storageWrong() {
  const line = await host.poolLine();
  if (!/ rw .*discard_passdown/.test(line) || /needs_check/.test(line)) return `pool: ${line || "not there"}`;
  const info = await must("dmsetup", "info", host.pool);
  if (/INACTIVE/.test(info) || !/State:\s+ACTIVE/.test(info)) return "pool table or state";
  if ((await host.poolLoops()).length !== 2) return "loop devices of the pool";
  return null;
}

async function rebuildStorage() {
  await sh(["systemctl", "stop", host.flintlockd, host.containerd]);
  for (const name of microvms) {
    const pid = host.hypervisorPid(name);
    if (pid !== null) process.kill(pid, "SIGKILL");
  }
  await sh(["dmsetup", "resume", host.pool]);
  await host.takePoolAway().catch(() => undefined);
  await must("/usr/local/lib/lab/pool");
}

/** A kept pause would hold the MicroVM up; flintlockd sets it to 0 at its first success. */
async function forgetFailures(name) {
  const wait = (host.recordOf(name)?.status.not_before ?? 0) * 1000 - Date.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 60_000) + 1_000));
}

async function tidyMicrovms() {
  for (const { id, spec } of host.records()) {
    const name = id.split("/")[1];
    if (spec.deleted_at === 0 && !microvms.includes(name)) await host.deleteMicrovm(name).catch(() => undefined);
  }
  for (const [name, type] of [
    ["a", "tap"],
    ["c", "macvtap"],
  ]) {
    if (host.recordOf(name)?.status.state === "failed") {
      await removeMicrovm(name);
    }
    if (host.recordOf(name) === undefined) await host.createMicrovm(name, type);
  }
}

/** The pause between tries, as a factor of flintlock's own; only the stand-in knows it. */
export const setPauses = (factor) => writeFileSync("/etc/lab/pauses", `${factor}\n`);

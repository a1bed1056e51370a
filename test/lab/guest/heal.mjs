// What scenarios of self-healing are written in: the installation, its policy, its entries in the journal, units and their times.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { clearTimeout, setTimeout } from "node:timers";
import { assert } from "./check.mjs";
import { fixText } from "./fix.mjs";
import { linkName, masterOf, unit } from "./host.mjs";
import { must, sh, slow, textOf, until } from "./sh.mjs";
import { fixSoFar, waited } from "./times.mjs";

export const installed = "/usr/local/lib/flintlock-fix/fix.js";
export const stateDir = "/var/lib/flintlock-fix";
export const dropIn = "/etc/systemd/system/flintlockd.service.d/50-flintlock-fix-after-containerd.conf";

/** `fix install WORDS`; what it said. */
export async function install(...words) {
  const { status, stdout, stderr } = await fixText(["install", ...words]);
  assert.equal(status, 0, `fix install ${words.join(" ")}: ${stdout} ${stderr}`);
  return stdout;
}

/** The same, taken away when the scenario ends. */
export function installFor(lab, ...words) {
  lab.after(() => fixText(["uninstall"]));
  return install(...words);
}

/** As on a host whose flintlockd.service says no After= and whose person took ours away: each crash of containerd leaves flintlockd green and dead. */
export async function withoutOrder() {
  await must("rm", "-f", dropIn);
  await must("systemctl", "daemon-reload");
}

/** The tap of MicroVM a loses its bridge: a fault that costs nothing to make, and one command to cure. It is attached again when the scenario ends. */
export async function detachTap(lab) {
  const tap = linkName("a");
  lab.after(() => sh(["ip", "link", "set", "dev", tap, "master", "br0"]));
  await must("ip", "link", "set", "dev", tap, "nomaster");
}
export const tapIsAttached = () => masterOf(linkName("a")) === "br0";

/** For as long as `act` runs, attaching a link to a bridge is done so: `how` is shell, before ip(8) itself is called. */
export async function attaching(how, act) {
  await must("cp", "--no-clobber", "--dereference", "/usr/bin/ip", "/root/ip.real");
  return instead("/usr/bin/ip", `#!/bin/sh\ncase "$*" in *" master "*) ${how};; esac\nexec /root/ip.real "$@"\n`, act);
}

export function setPolicy(text) {
  mkdirSync("/etc/flintlock-fix", { recursive: true });
  writeFileSync("/etc/flintlock-fix/policy.yaml", text);
}

/** Entries of the journal of this boot, as objects. */
export async function entries(...matches) {
  const { stdout } = await sh(["journalctl", "--no-pager", "--boot", "--quiet", "--output=json", ...matches]);
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

export const events = (...matches) => entries("SYSLOG_IDENTIFIER=flintlock-fix", ...matches);

/** When a unit's main process began, and when the unit was up: seconds since the boot. */
export async function timesOf(name) {
  const shown = await unit(name);
  const seconds = (key) => Number(shown[key]) / 1e6;
  return {
    ...shown,
    began: seconds("InactiveExitTimestampMonotonic"),
    main: seconds("ExecMainStartTimestampMonotonic"),
    up: seconds("ActiveEnterTimestampMonotonic"),
  };
}

/** Processor time of a process so far, its own and that of children it has waited for, in milliseconds (proc(5), stat: fields 14 to 17). */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return { own: (Number(fields[11]) + Number(fields[12])) * 10, children: (Number(fields[13]) + Number(fields[14])) * 10 };
}

export const childrenOf = async (pid) =>
  (await sh(["pgrep", "-P", String(pid)])).stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);

/**
 * Waits until an event of that kind (or of one of them) is in the journal after `since` (microseconds of the wall clock); returns it.
 * One journalctl that follows: asking again and again would take half of the host's processor from what is waited for.
 */
export async function eventOf(kinds, since, withinMs = 60_000) {
  const matches = [kinds].flat().map((kind) => `FLINTLOCK_FIX_EVENT=${kind}`);
  const follower = spawn("journalctl", ["--boot", "--quiet", "--lines=all", "--follow", "--output=json", "SYSLOG_IDENTIFIER=flintlock-fix", ...matches], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const late = setTimeout(() => follower.kill("SIGKILL"), withinMs * slow());
  const [begun, fix] = [Date.now(), fixSoFar()];
  try {
    for await (const line of createInterface({ input: follower.stdout })) {
      const entry = JSON.parse(line);
      if (Number(entry["__REALTIME_TIMESTAMP"]) >= since) return entry;
    }
  } finally {
    clearTimeout(late);
    follower.kill("SIGKILL");
    waited(`until the journal tells of ${kinds}`, begun, fix);
  }
  throw new Error(`not within ${withinMs / 1000} s: the journal tells of ${kinds}`);
}

/** Kills containerd, as the kernel does where memory runs out, and waits until flintlockd, which is green and dead then, serves again; since when (microseconds). */
export async function killContainerd(lab) {
  const killed = nowUs();
  await must("systemctl", "kill", "--signal=SIGKILL", "--kill-who=main", lab.containerd);
  await until("flintlockd does not serve", async () => !(await lab.serves()), 30_000);
  await until("flintlockd serves again", lab.serves, 90_000);
  const took = (nowUs() - killed) / 1e6;
  assert.ok(took < 60 * lab.slow(), `within a minute: ${took} s`);
  return killed;
}

export const nowUs = () => Date.now() * 1000;

/** Mounts a program over another for as long as `act` runs. */
export async function instead(victim, text, act) {
  const fake = `/root/instead-of-${victim.split("/").at(-1)}`;
  writeFileSync(fake, text, { mode: 0o755 });
  await must("mount", "--bind", fake, victim);
  try {
    return await act();
  } finally {
    await must("umount", victim);
  }
}

export const ledgerEntries = () =>
  (textOf(`${stateDir}/ledger.jsonl`) ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

// How hosts break: each leaves the host as users find it.

import { existsSync } from "node:fs";
import * as host from "./host.mjs";
import { kill, must, sh, until } from "./sh.mjs";

/** A reboot's work on a running host: processes, taps and the pool are gone; the files, the records and old pid files stay. */
export async function loseEverythingRunning(names = ["a", "c"]) {
  await must("systemctl", "stop", host.flintlockd, host.containerd);
  for (const name of names) {
    const pid = host.hypervisorPid(name);
    if (pid !== null) kill(pid, "SIGKILL");
    for (const link of host.linkNames(name)) await sh(["ip", "link", "del", link]);
  }
  await host.takePoolAway();
}

/** The daemons start without the pool; returns when flintlockd has failed for every MicroVM, as far as it can. */
export async function startWithoutPool(names = ["a", "c"]) {
  await must("systemctl", "start", host.containerd);
  await must("systemctl", "start", host.flintlockd);
  await untilFailedWithoutPool(names);
}

/** Waits until what there is no pool for has failed. */
export async function untilFailedWithoutPool(names = ["a", "c"]) {
  // containerd 2 does without its store of content where one snapshotter fails: flintlockd keeps no failure there, and has no MicroVMs, or is green and dead.
  if (host.containerdMajor() >= 2) await until("containerd has failed to load its snapshotter", async () => (await host.pluginStatus()) === "error", 120_000);
  else await until(`flintlockd has failed for ${names}`, () => names.every((name) => (host.recordOf(name)?.status.retry ?? 0) > 0), 120_000);
}

export async function losePool() {
  await loseEverythingRunning();
  await startWithoutPool();
}

/** Hypervisors with their PIDs and devices, to be compared later. */
export const running = (names = ["a", "c"]) =>
  Object.fromEntries(
    names.map((name) => [name, { pid: host.hypervisorPid(name), link: host.linkName(name), there: existsSync(`/sys/class/net/${host.linkName(name)}`) }]),
  );

/** flintlockd starts anew with what the config says now; waits until it serves. */
export async function restartFlintlockd() {
  await must("systemctl", "restart", host.flintlockd);
  await until("flintlockd serves", host.serves, 60_000);
}

/** A MicroVM that fails: asked for, and its first failure recorded. */
export async function createFailing(name, type, options) {
  await host.createMicrovm(name, type, options);
  await until(`${name} fails`, () => (host.recordOf(name)?.status.retry ?? 0) > 0, 60_000);
}

/** Deleted and really gone: flintlock forgets all of a name at once, also one that was made anew meanwhile. */
export async function removeMicrovm(...names) {
  const old = host.records().filter(({ id, spec }) => spec.deleted_at === 0 && names.includes(id.split("/")[1]));
  const left = () => host.records().filter(({ id }) => old.some((one) => one.id === id));
  const gone = (withinMs) =>
    until(
      `gone: ${old.map(({ id }) => id).join(", ")}`,
      () => left().length === 0 || left().map(({ id, spec, status }) => ({ id, deletedAt: spec.deleted_at, status })),
      withinMs,
    );
  await askToDelete(left());
  // One that flintlockd passed over would wait for its resync, which is minutes away.
  await gone(40_000).catch(async () => {
    await restartFlintlockd();
    // A try under way when it was asked saves what it had read before: the wish is lost.
    await askToDelete(left().filter(({ spec }) => spec.deleted_at === 0));
    await gone(120_000);
  });
  // The timer of its last failure still asks for it, and flintlockd then asks for it without end (processQueueItem enqueues on any error).
  if (old.some(({ status }) => status.retry > 0)) await restartFlintlockd();
}

/** At the same time: a delete whose first try fails, for the hypervisor was flintlockd's child and is waited for by another thread, is tried again after 20 s. */
async function askToDelete(records) {
  await Promise.all(
    records.map(async ({ id }) => {
      const name = id.split("/")[1];
      // A delete is passed over before that, and then only the resync takes it up.
      await until(`${name} may be tried again`, () => Date.now() > (host.recordOf(name)?.status.not_before ?? 0) * 1000, 240_000);
      await host.deleteMicrovm(name).catch(() => undefined);
    }),
  );
}

/** flintlockd stopped, the MicroVM's hypervisor and macvtap gone, the kernel's module unloaded. Returns the other MicroVMs that it took for that. */
export async function loseMacvtap(name) {
  await must("systemctl", "stop", host.flintlockd);
  const pid = host.hypervisorPid(name);
  if (pid !== null) kill(pid, "SIGKILL");
  // flintlockd opens a macvtap without O_CLOEXEC: whatever hypervisor it starts later has it, too, and holds the module.
  const heirs = ["a", "c"].filter((other) => other !== name && host.holds(host.hypervisorPid(other), "/dev/tap"));
  for (const heir of heirs) kill(host.hypervisorPid(heir), "SIGKILL");
  for (const link of host.linkNames(name)) await sh(["ip", "link", "del", link]);
  // Not modprobe: the module's file may be gone. In use for as long as the hypervisor that was killed has its end of the link.
  await until(
    "macvtap is unloaded",
    async () => {
      const { status, stderr } = await sh(["rmmod", "macvtap"]);
      return status === 0 || stderr.trim();
    },
    30_000,
  );
  return heirs;
}

/** The same, and flintlockd started again and failed for it; `before` is done while it is down. */
export async function failWithoutMacvtap(name, before) {
  const heirs = await loseMacvtap(name);
  before?.();
  await must("systemctl", "start", host.flintlockd);
  await host.untilRuns(heirs);
  await until(`${name} fails`, () => (host.recordOf(name)?.status.retry ?? 0) > 0);
}

/** containerd's folder and flintlock's are put aside, as on a host that never had them; returns what brings them back. */
export async function putStateAside() {
  await must("systemctl", "stop", host.flintlockd, host.containerd);
  await must("mv", "/var/lib/containerd-dev", "/var/lib/containerd-aside");
  await must("mv", host.vmFolder, "/var/lib/vm-aside");
  return async () => {
    await must("systemctl", "stop", host.flintlockd, host.containerd);
    await host.takePoolAway().catch(() => undefined);
    for (const { name } of await host.poolLoops()) await sh(["losetup", "--detach", name]);
    await must("rm", "-rf", "/var/lib/containerd-dev", host.vmFolder);
    await must("mv", "/var/lib/containerd-aside", "/var/lib/containerd-dev");
    await must("mv", "/var/lib/vm-aside", host.vmFolder);
  };
}

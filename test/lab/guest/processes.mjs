// MicroVMs as the kernel knows them: hypervisor processes and their network devices.

import { readdirSync } from "node:fs";
import { textOf } from "./sh.mjs";

/** A line a hypervisor: PID, start time in ticks since the boot (proc(5), field 22), argv. Zombies are none. */
export function hypervisors() {
  return readdirSync("/proc").flatMap((pid) => {
    const argv = /^\d+$/.test(pid) ? (textOf(`/proc/${pid}/cmdline`) ?? "").split("\0") : [""];
    if (!/(^|\/)(firecracker|cloud-hypervisor[\w-]*)$/.test(argv[0])) return [];
    const stat = textOf(`/proc/${pid}/stat`);
    return stat === null ? [] : [`${pid} since ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}: ${argv.join(" ").trim()}`];
  });
}

/** A line a device of a MicroVM: name and number; one that was made again has another number. */
export const devices = () =>
  readdirSync("/sys/class/net")
    .filter((name) => /^flv?tap/.test(name))
    .map((name) => `${name} ${textOf(`/sys/class/net/${name}/ifindex`)?.trim()}`);

/** Hypervisors and devices, to be compared later. */
export const microvms = () => ({ hypervisors: hypervisors(), devices: devices() });

/** What was there and is no more, or is another now. */
export function lost(before) {
  const now = microvms();
  return [...before.hypervisors.filter((line) => !now.hypervisors.includes(line)), ...before.devices.filter((line) => !now.devices.includes(line))];
}

// What a host costs: processor time, which, unlike the time on the clock, does not depend on what else the machine does.

import { readFileSync, readdirSync } from "node:fs";

/** Linux counts in hundredths of a second here (USER_HZ), whatever the kernel's own tick. */
const ticksMs = 10;

/** The processors that this process may use: proc(5), Cpus_allowed_list, as "0-3,8". */
export function processors() {
  const [, list = "0"] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return list.split(",").flatMap((range) => {
    const [from, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** Processor time of all processes that name this disk, and of their ended children, in milliseconds. */
export function cpuMs(disk) {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .reduce((sum, pid) => sum + (timesOf(pid, disk) ?? 0), 0);
}

function timesOf(pid, disk) {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`ubd0=${disk},`)) return null;
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): utime, stime, cutime, cstime are fields 14 to 17; the second is a name in brackets.
    const times = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15);
    return times.reduce((sum, ticks) => sum + Number(ticks) * ticksMs, 0);
  } catch {
    return null;
  }
}

/** A pid file that names somebody else's process, put aside: flintlockd takes that process for its hypervisor. */

import type { FindingId } from "../report.ts";
import type { Step } from "./action.ts";

export interface StalePid {
  /** NAMESPACE/NAME/UID */
  microvm: string;
  path: string;
  pid: number;
  startTicks: number;
}

/** The file stays beside its old place, dated; the process that it names is not touched. */
export function clearStalePids(stale: readonly StalePid[], because: FindingId[], nowMs: number): Step[] {
  const [first, ...others] = stale;
  if (!first) return [];
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  return [
    {
      key: "clear-stale-pid",
      id: "clear-stale-pid",
      title: others.length === 0 ? `put the pid file of ${first.microvm} aside, which names process ${first.pid}` : `put ${stale.length} pid files aside that name other processes`,
      because,
      risk: "safe",
      impact: "no process is touched",
      actions: stale.flatMap(({ path, pid, startTicks }): Step["actions"] => {
        const cleared = { is: "pid-not", path, pid, startTicks } as const;
        return [
          { do: "run", argv: ["mv", "--no-clobber", "--", path, `${path}.stale-${stamp}`], unless: cleared, timeoutMs: 10_000 },
          { do: "await", that: cleared, withinMs: 2_000 },
        ];
      }),
      provides: ["pid-files"],
      after: [],
      needs: [],
    },
  ];
}

/** A pid file that names somebody else's process, put aside: flintlockd takes that process for its hypervisor. */

import type { FindingId } from "../report.ts";
import type { Step } from "./action.ts";

export interface StalePid {
  /** NAMESPACE/NAME/UID */
  microvm: string;
  path: string;
  pid: number;
  startTicks: number;
  /** When the file was written, in milliseconds since the epoch: its date in its new name, the same in each look. */
  writtenMs: number;
}

/** The file stays beside its old place, dated; the process that it names is not touched. */
export function clearStalePids(stale: readonly StalePid[], because: FindingId[]): Step[] {
  const [first, ...others] = stale;
  if (!first) return [];
  return [
    {
      key: "clear-stale-pid",
      id: "clear-stale-pid",
      title:
        others.length === 0
          ? `put the pid file of ${first.microvm} aside, which names process ${first.pid}`
          : `put ${stale.length} pid files aside that name other processes`,
      because,
      risk: "safe",
      impact: "no process is touched",
      actions: stale.flatMap(({ path, pid, startTicks, writtenMs }): Step["actions"] => {
        const cleared = { is: "pid-not", path, pid, startTicks } as const;
        return [
          { do: "run", argv: ["mv", "--no-clobber", "--", path, `${path}.stale-${stamp(writtenMs)}`], unless: cleared, timeoutMs: 10_000 },
          { do: "await", that: cleared, withinMs: 2_000 },
        ];
      }),
      provides: ["pid-files"],
      after: [],
      needs: [],
    },
  ];
}

const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

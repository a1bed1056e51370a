/** A pid file that names somebody else's process, which flintlockd takes for its hypervisor, or no process at all, on which it fails: put aside. */

import type { FindingId } from "../report.ts";
import type { Condition, Step } from "./action.ts";

export interface StalePid {
  /** NAMESPACE/NAME/UID */
  microvm: string;
  path: string;
  /** What it holds: another process, or no number at all. */
  holds: { is: "foreign"; pid: number; startTicks: number } | { is: "garbled"; sha256: string };
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
          ? `put the pid file of ${first.microvm} aside, which ${first.holds.is === "foreign" ? `names process ${first.holds.pid}` : "holds no process number"}`
          : `put ${stale.length} pid files aside that do not name a hypervisor`,
      because,
      risk: "safe",
      impact: "no process is touched",
      actions: stale.flatMap(({ path, holds, writtenMs }): Step["actions"] => {
        const cleared: Condition =
          holds.is === "foreign" ? { is: "pid-not", path, pid: holds.pid, startTicks: holds.startTicks } : { is: "file-not", path, sha256: holds.sha256 };
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

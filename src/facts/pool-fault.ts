/** What can be wrong with a pool that is there. */

import type { PoolTable } from "./device-mapper.ts";
import type { Reason } from "./devpool.ts";

export interface PoolFault {
  is:
    | "inactive-table"
    | "suspended"
    | "fail"
    | "read-only"
    | "needs-check"
    | "out-of-data-space"
    | "metadata-full"
    | "table-differs"
    | "not-grown"
    | "unfinished";
  summary: string;
  /** True where nothing can rely on the pool. */
  breaks: boolean;
  /** Why it is not touched; null where a step mends it, once nothing else breaks the pool. */
  reason: Reason | null;
}

/** The data file may grow so far, or has grown and the pool does not know. */
export interface Growable {
  path: string;
  loop: string;
  from: number;
  to: number;
  table: PoolTable;
}

export interface Judgement {
  faults: PoolFault[];
  growable: Growable | null;
}

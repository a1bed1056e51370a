/** Faults of the host that keep flintlockd from starting any MicroVM, whichever it is. */

import type { FindingId } from "./report.ts";

export const hinderEvery: readonly FindingId[] = [
  "service-down",
  "service-crash-loop",
  "flintlockd-stalled",
  "thinpool-missing",
  "thinpool-unhealthy",
  "snapshotter-not-loaded",
];

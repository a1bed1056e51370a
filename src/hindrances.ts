/** Faults of the host that keep flintlockd from starting any MicroVM, whichever it is. Every other fault names those that it touches. */

import type { FindingId } from "./report.ts";

export const hinderEvery: readonly FindingId[] = ["service-down", "service-crash-loop", "flintlockd-stalled", "thinpool-missing", "snapshotter-not-loaded"];

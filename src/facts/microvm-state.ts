/**
 * What becomes of a MicroVM that has no hypervisor, as flintlock goes about it (core/application/reconcile.go,
 * infrastructure/controllers/microvm_controller.go):
 *
 * - A failure sets `not_before` = now + retry × 20 s; a timer in that very process asks again then.
 * - At its start, and at each resync, flintlockd takes up every MicroVM, but passes over one whose `not_before` lies ahead.
 *   The timer of an earlier process is gone, so that one waits for the first resync after its `not_before`.
 * - Past `maximum-retry` it is never tried again.
 *
 * All times are milliseconds since the epoch.
 */

/** core/application/reconcile.go, backoffBaseInSeconds */
const backoffMs = 20_000;
/** `not_before` is in whole seconds. */
const roundingMs = 1_500;
/** So long flintlockd may take from its start, or from a `not_before`, until what it began shows. */
export const graceMs = 15_000;

export interface StateInput {
  state: string;
  retry: number;
  /** Seconds since the epoch; 0 where none. */
  notBefore: number;
  createdAt: number;
  deletedAt: number;
  process: { is: "running" } | { is: "unnamed"; pid: number; says: string } | { is: "foreign" | "dead" | "none" } | { is: "garbled" | "unknown"; why: string };
}

export interface Reconciler {
  /** Start of flintlockd's present process; null where it does not run. */
  startedMs: number | null;
  /** False: it runs, but looks after no MicroVM (`disable-reconcile`, or its controller stopped). */
  reconciles: boolean;
  maximumRetry: number;
  resyncMs: number;
  /** When the records were read: on a slow host that is seconds after the look began, and a failure in between counts from then. */
  nowMs: number;
}

/** What brings the next try. */
export type Due = "timer" | "resync" | "under-way" | "service";

export interface MicrovmOutlook {
  state: "running" | "waiting" | "gave-up" | "unknown";
  /** When flintlockd looks at it again by itself; null where it will not, or nothing is due. */
  nextTryMs: number | null;
  /** Of one that waits, or whose pid file only is in its way. */
  due: Due | null;
  /**
   * flintlockd passed over it at its last start, for its `not_before` lay ahead then: only the resync takes it up. `perhaps`: its
   * own timer may do so too, or the try that is just under way.
   */
  passedOver: "no" | "perhaps" | "yes";
  /** No failure sets a `not_before` that far ahead: the host's clock was set back since. */
  tooFarAhead: boolean;
  /** Why it is in that state, one line. */
  reason: string;
}

const quiet = { nextTryMs: null, due: null, passedOver: "no", tooFarAhead: false } as const;

export function outlook(microvm: StateInput, flintlockd: Reconciler): MicrovmOutlook {
  const { process, retry, deletedAt } = microvm;
  const say = (state: MicrovmOutlook["state"], reason: string): MicrovmOutlook => ({ ...quiet, state, reason });
  if (process.is === "running" || process.is === "unnamed") {
    const runs = process.is === "running" ? "its hypervisor runs" : `its hypervisor runs as process ${process.pid}, but its pid file ${process.says}`;
    return say("running", deletedAt === 0 ? runs : `${runs}; it is being deleted`);
  }
  if (deletedAt !== 0) return say("unknown", "it is being deleted");
  if (retry > flintlockd.maximumRetry) return say("gave-up", `flintlockd gave up after ${retry} failures (maximum-retry ${flintlockd.maximumRetry})`);
  if (process.is === "unknown") return say("unknown", process.why);
  if (process.is === "garbled") return { ...waiting(microvm, flintlockd), state: "unknown", reason: `${process.why}, and flintlockd fails on that each time` };
  if (process.is === "foreign") return say("unknown", "its pid file names a process that is not its hypervisor, which flintlockd takes for it");
  return waiting(microvm, flintlockd);
}

function waiting({ retry, notBefore, createdAt }: StateInput, { startedMs, reconciles, resyncMs, nowMs }: Reconciler): MicrovmOutlook {
  const wait = (due: Due, nextTryMs: number | null, reason: string, more: Partial<MicrovmOutlook> = {}): MicrovmOutlook => ({
    ...quiet,
    ...{ state: "waiting", nextTryMs, due, reason },
    ...more,
  });
  const notBeforeMs = notBefore * 1000;
  if (startedMs === null) return wait("service", null, "flintlockd does not run");
  if (!reconciles) return wait("service", null, "flintlockd runs but looks after no MicroVM");
  const failedMs = notBeforeMs - retry * backoffMs;
  const ownTimer = notBefore > 0 && retry > 0 && failedMs + roundingMs >= startedMs;
  // A failure in the second of the start may be of the process before.
  const maybe = notBeforeMs > startedMs && failedMs < startedMs;
  const passedOver = maybe ? "perhaps" : "no";
  if (notBeforeMs > nowMs) {
    const at = resyncAfter(notBeforeMs, startedMs, resyncMs);
    // The timer fires before it, and nothing comes of that.
    if (notBeforeMs - nowMs > Math.max(retry, 1) * backoffMs + roundingMs) {
      const why = `its not_before (${iso(notBeforeMs)}) lies further ahead than ${retry} failures can set it: the host's clock was set back`;
      return wait("resync", at, why, { tooFarAhead: true });
    }
    if (ownTimer) return wait("timer", dated(notBeforeMs), `failed ${times(retry)}, tried again at its not_before`, { passedOver });
    return wait(
      "resync",
      at,
      `failed ${times(retry)}; flintlockd was started since and takes it up at the first resync after its not_before (${iso(notBeforeMs)})`,
    );
  }
  const newest = Math.max(startedMs, ownTimer ? notBeforeMs : 0, createdAt * 1000 > startedMs ? createdAt * 1000 : 0);
  if (nowMs - newest < graceMs) return wait("under-way", Math.round(nowMs / 1000) * 1000, "it is being tried", { passedOver });
  return wait(
    "resync",
    resyncAfter(nowMs, startedMs, resyncMs),
    maybe ? "flintlockd passed over it at its start, for its not_before lay ahead; only the resync takes it up" : "only the resync takes it up",
    { passedOver: maybe ? "yes" : "no" },
  );
}

/** The first tick of a ticker that began with the process; null where there is none. */
function resyncAfter(ms: number, startedMs: number, resyncMs: number): number | null {
  if (!(resyncMs > 0)) return null;
  // Whole seconds: the start is known no better.
  return dated(Math.round((startedMs + Math.max(1, Math.ceil((ms - startedMs) / resyncMs)) * resyncMs) / 1000) * 1000);
}

/** Null past the last time that a Date can hold (ECMA-262): that is never. */
const dated = (ms: number): number | null => (ms <= 8.64e15 ? ms : null);

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

/** ISO 8601; a not_before is any number that a file holds. */
export function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

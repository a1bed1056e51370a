import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { outlook, type MicrovmOutlook, type Reconciler, type StateInput } from "../../../src/facts/microvm-state.ts";

/** Seconds since the epoch. */
const start = 1_795_555_128;
const now = start + 100;

const failing: StateInput = { state: "pending", retry: 0, notBefore: 0, createdAt: start - 86_400, deletedAt: 0, process: { is: "none" } };
const flintlockd: Reconciler = { startedMs: start * 1000, reconciles: true, maximumRetry: 10, resyncMs: 600_000, nowMs: now * 1000 };
const look = (microvm: Partial<StateInput>, daemon: Partial<Reconciler> = {}) => outlook({ ...failing, ...microvm }, { ...flintlockd, ...daemon });
const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000 - start);

describe("what becomes of a MicroVM", () => {
  test.each<[string, Partial<StateInput>, Partial<Reconciler>, string, string | null, number | null]>([
    ["runs, whatever the record says", { process: { is: "running" }, state: "pending", retry: 3, notBefore: now + 60 }, {}, "running", null, null],
    ["failed in this process: its timer asks again", { retry: 3, notBefore: now + 10 }, {}, "waiting", "timer", 110],
    ["failed in the process before: the first resync after not_before", { retry: 6, notBefore: start + 110 }, {}, "waiting", "resync", 600],
    [
      "the same, and not_before beyond the first resync",
      { retry: 5, notBefore: start + 605 },
      { nowMs: (start + 590) * 1000, startedMs: (start + 520) * 1000 - 520_000 },
      "waiting",
      "timer",
      605,
    ],
    [
      "failed in the process before, not_before beyond the first resync of a short period",
      { retry: 9, notBefore: start + 110 },
      { resyncMs: 50_000 },
      "waiting",
      "resync",
      150,
    ],
    ["passed over at the start, now due: the resync", { retry: 3, notBefore: start + 30 }, {}, "waiting", "resync", 600],
    ["due this very moment: it is being tried", { retry: 2, notBefore: now - 5 }, {}, "waiting", "under-way", 100],
    ["flintlockd started just now", { state: "created" }, { nowMs: (start + 5) * 1000 }, "waiting", "under-way", 5],
    ["made just now", { createdAt: now - 3 }, {}, "waiting", "under-way", 100],
    ["created, and its hypervisor ended", { state: "created", process: { is: "dead" } }, {}, "waiting", "resync", 600],
    ["no resync at all", { state: "created", process: { is: "dead" } }, { resyncMs: 0 }, "waiting", "resync", null],
    ["the last try", { retry: 10, notBefore: now + 100 }, {}, "waiting", "timer", 200],
    ["one failure too many", { state: "failed", retry: 11, notBefore: now + 200 }, {}, "gave-up", null, null],
    [
      "failed for good, and then maximum-retry was raised",
      { state: "failed", retry: 11, notBefore: start - 50 },
      { maximumRetry: 20 },
      "waiting",
      "resync",
      600,
    ],
    ["flintlockd is stopped", { retry: 1, notBefore: now + 10 }, { startedMs: null }, "waiting", "service", null],
    ["flintlockd runs and does nothing", {}, { reconciles: false }, "waiting", "service", null],
    ["somebody else's process", { process: { is: "foreign" } }, {}, "unknown", null, null],
    ["given up, with somebody else's process", { retry: 11, process: { is: "foreign" } }, {}, "gave-up", null, null],
    ["given up, with a pid file that cannot be read", { retry: 11, process: { is: "unknown", why: "denied" } }, {}, "gave-up", null, null],
    ["given up, with a pid file that holds no number", { retry: 11, process: { is: "garbled", why: "empty" } }, {}, "gave-up", null, null],
    [
      "no number in its pid file: flintlockd tries, and fails",
      { retry: 2, notBefore: now + 10, process: { is: "garbled", why: "empty" } },
      {},
      "unknown",
      "timer",
      110,
    ],
    ["its pid file names another", { process: { is: "unnamed", pid: 7, says: "is not there" } }, {}, "running", null, null],
    ["being deleted", { deletedAt: now - 5 }, {}, "unknown", null, null],
    ["not_before ahead of one that never failed: no timer is its own", { retry: 0, notBefore: now + 10 }, {}, "waiting", "resync", 600],
    ["as far ahead as its failures can set it", { retry: 2, notBefore: now + 41 }, {}, "waiting", "timer", 141],
    ["a second further: the clock was set back", { retry: 2, notBefore: now + 42 }, {}, "waiting", "resync", 600],
    ["at the very end of its grace", { state: "created" }, { nowMs: (start + 15) * 1000 }, "waiting", "resync", 600],
    ["cannot be told", { process: { is: "unknown", why: "denied" } }, {}, "unknown", null, null],
    ["the clock was set back by a day", { retry: 2, notBefore: now + 86_400 }, {}, "waiting", "resync", 87_000],
  ])("%s", (_name, microvm, daemon, state, due, next) => {
    const seen = look(microvm, daemon);
    expect({ state: seen.state, due: seen.due, next: seconds(seen.nextTryMs) }).toEqual({ state, due, next });
    expect(seen.reason).not.toBe("");
  });

  test("passed over: not_before lay ahead at flintlockd's start and lies behind now", () => {
    expect(look({ retry: 3, notBefore: start + 30 }).passedOver).toBe("yes");
    expect(look({ retry: 0, notBefore: 0 }).passedOver).toBe("no");
    expect(look({ retry: 3, notBefore: start - 30 }).passedOver).toBe("no");
  });

  // not_before is a whole second: what failed within the second of flintlockd's start may have failed in the process before.
  test.each<[string, Partial<StateInput>, Partial<Reconciler>, string, MicrovmOutlook["passedOver"]]>([
    ["failed after the start: its own timer", { retry: 4, notBefore: start + 80 }, { nowMs: (start + 20) * 1000 }, "timer", "no"],
    ["failed in the second of the start, not due yet", { retry: 4, notBefore: start + 79 }, { nowMs: (start + 20) * 1000 }, "timer", "perhaps"],
    ["the same, due long since: no timer took it up", { retry: 4, notBefore: start + 79 }, {}, "resync", "yes"],
    ["not_before passed soon after the start: perhaps it is tried", { retry: 4, notBefore: start + 5 }, { nowMs: (start + 8) * 1000 }, "under-way", "perhaps"],
    ["not_before passed before the start: it is tried", { retry: 4, notBefore: start - 5 }, { nowMs: (start + 8) * 1000 }, "under-way", "no"],
  ])("%s", (_name, microvm, daemon, due, passedOver) => {
    expect(look(microvm, { nowMs: (start + 130) * 1000, ...daemon })).toMatchObject({ due, passedOver });
  });

  test("the words", () => {
    expect(look({ process: { is: "running" }, deletedAt: 0 }).reason).toBe("its hypervisor runs");
    expect(look({ process: { is: "running" }, deletedAt: now }).reason).toBe("its hypervisor runs; it is being deleted");
    expect(look({ retry: 1, notBefore: now + 10 }).reason).toMatch(/^failed once, /);
    expect(look({ retry: 2, notBefore: now + 10 }).reason).toMatch(/^failed 2 times, /);
    expect(look({ retry: 2, notBefore: now + 86_400 }).tooFarAhead).toBe(true);
    expect(look({ retry: 2, notBefore: now + 10 }).tooFarAhead).toBe(false);
  });

  test("a clock that was set back is said", () => expect(look({ retry: 2, notBefore: now + 86_400 }).reason).toContain("clock was set back"));

  test("for any numbers: a next try is never in the past, and only of one that waits", () => {
    const number = fc.oneof(fc.integer({ min: -10, max: 20 }), fc.integer({ min: start - 1000, max: start + 100_000 }), fc.integer());
    fc.assert(
      fc.property(number, number, number, number, fc.constantFrom("running", "dead", "none", "foreign"), (retry, notBefore, createdAt, age, is) => {
        const nowMs = (start + Math.abs(age % 100_000)) * 1000;
        const seen = look({ retry, notBefore, createdAt, process: { is } }, { nowMs });
        if (seen.state !== "waiting") expect(seen.nextTryMs).toBeNull();
        else if (seen.nextTryMs !== null) expect(seen.nextTryMs).toBeGreaterThanOrEqual(nowMs - 1000);
      }),
    );
  });
});

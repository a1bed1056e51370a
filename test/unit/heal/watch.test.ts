import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { matcherOf } from "../../../src/facts/signatures.ts";
import { Pace } from "../../../src/heal/watch/pace.ts";
import { followArgv, significance } from "../../../src/heal/watch/significance.ts";
import { Watcher } from "../../../src/heal/watch/watcher.ts";

const watched = { flintlockd: "flintlockd.service", containerd: ["containerd-dev.service", "containerd.service"] };
const matcher = matcherOf([{ finding: "snapshotter-not-loaded", signature: { name: "not-loaded", unit: "flintlockd", pattern: /snapshotter not loaded/ } }]);
const entry = (fields: Record<string, unknown>): string => JSON.stringify({ __CURSOR: "c1", ...fields });
const failing =
  'time="2026-11-24T21:19:12Z" level=error msg="failed to reconcile vmid ns1/c/01H: walking snapshots: snapshotter not loaded: devmapper: invalid argument"';

describe("what is a reason to look", () => {
  test.each<[string, Record<string, unknown>, string | null]>([
    ["a known wording of the daemon", { _SYSTEMD_UNIT: "flintlockd.service", MESSAGE: failing }, "flintlockd.service speaks of snapshotter-not-loaded"],
    ["not of the other daemon", { _SYSTEMD_UNIT: "containerd.service", MESSAGE: failing }, null],
    ["not of anybody else", { _SYSTEMD_UNIT: "evil.service", SYSLOG_IDENTIFIER: "flintlockd", MESSAGE: failing }, null],
    ["not any error", { _SYSTEMD_UNIT: "flintlockd.service", MESSAGE: 'level=error msg="no space left"' }, null],
    [
      "systemd's word that a process ended",
      { _SYSTEMD_UNIT: "init.scope", UNIT: "flintlockd.service", MESSAGE_ID: "98e322203f7a4ed290d09fe03c09fe15", MESSAGE: "x" },
      "flintlockd.service ended",
    ],
    [
      "not that it was stopped",
      { _SYSTEMD_UNIT: "init.scope", UNIT: "flintlockd.service", MESSAGE_ID: "9d1aaa27d60140bd96365438aad20286", MESSAGE: "Stopped" },
      null,
    ],
    ["bytes that are no text", { _SYSTEMD_UNIT: "flintlockd.service", MESSAGE: [255, 254] }, null],
    ["a message that was left out", { _SYSTEMD_UNIT: "flintlockd.service", MESSAGE: null }, null],
  ])("%s", (_title, fields, reason) => {
    expect(significance(entry(fields), watched, matcher)).toEqual({ cursor: "c1", reason });
  });

  test("no line makes it throw", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void significance(line, watched, matcher)));
  });

  test("the journal is asked by fields that cannot be forged, from the last cursor on", () => {
    const argv = followArgv({ flintlockd: "f.service", containerd: ["c.service"] }, "s=1");
    expect(argv.slice(-9)).toEqual([
      "_SYSTEMD_UNIT=f.service",
      "+",
      "_SYSTEMD_UNIT=c.service",
      "+",
      "_PID=1",
      "UNIT=f.service",
      "+",
      "_PID=1",
      "UNIT=c.service",
    ]);
    expect(argv).toContain("--after-cursor=s=1");
    expect(followArgv(watched, null)).toContain("--lines=0");
  });
});

describe("pace", () => {
  test("a look that left something open is followed by a few more, then by none", () => {
    const pace = new Pace();
    const open = { status: 4, acted: false };
    expect(Array.from({ length: 5 }, () => pace.ended(open))).toEqual([10_000, 60_000, 240_000, 960_000, null]);
  });

  test("one that is healthy at once is confirmed by one more; a cure by none", () => {
    const pace = new Pace();
    expect([pace.ended({ status: 0, acted: false }), pace.ended({ status: 0, acted: false })]).toEqual([10_000, null]);
    expect(pace.ended({ status: 0, acted: true })).toBeNull();
  });

  test("looks that can do nothing make the next one wait longer, up to five minutes; a cure ends that", () => {
    const pace = new Pace();
    const gaps = Array.from({ length: 12 }, () => {
      pace.ended({ status: 4, acted: false });
      return pace.gapMs() / 1000;
    });
    expect(gaps).toEqual([0, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]);
    pace.ended({ status: 0, acted: true });
    expect(pace.gapMs()).toBe(0);
  });

  test("after a long calm the next reason is looked at at once", () => {
    const pace = new Pace();
    for (let index = 0; index < 5; index += 1) pace.ended({ status: 4, acted: false });
    pace.asked(60_000);
    expect(pace.gapMs()).toBeGreaterThan(0);
    pace.asked(16 * 60_000);
    expect(pace.gapMs()).toBe(0);
  });
});

describe("watcher", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const started = (): { watcher: Watcher; looks: { reason: string; end: (status: number, acted?: boolean) => Promise<void> }[] } => {
    const looks: { reason: string; end: (status: number, acted?: boolean) => Promise<void> }[] = [];
    const look = (reason: string): Promise<{ status: number; acted: boolean }> =>
      new Promise((resolve) => {
        looks.push({
          reason,
          end: async (status, acted = false) => {
            resolve({ status, acted });
            await jest.advanceTimersByTimeAsync(0);
          },
        });
      });
    return { watcher: new Watcher({ pace: new Pace(), look, now: () => Date.now() }), looks };
  };

  test("a burst is one look, soon after it ends, and 4 s after it began at the latest", async () => {
    const { watcher, looks } = started();
    for (let index = 0; index < 100; index += 1) {
      watcher.ask(`line ${index}`);
      await jest.advanceTimersByTimeAsync(50);
    }
    expect(looks).toHaveLength(1);
    expect(looks[0]?.reason).toBe("line 0");
    const other = started();
    other.watcher.ask("one line");
    await jest.advanceTimersByTimeAsync(999);
    expect(other.looks).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(other.looks).toHaveLength(1);
  });

  test("never two looks at once; what is said meanwhile is looked at after", async () => {
    const { watcher, looks } = started();
    watcher.ask("a");
    await jest.advanceTimersByTimeAsync(1_000);
    watcher.ask("b");
    await jest.advanceTimersByTimeAsync(60_000);
    expect(looks).toHaveLength(1);
    await looks[0]?.end(0, true);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks.map(({ reason }) => reason)).toEqual(["a", "b"]);
  });

  test("follows up on its own, and then rests without any timer", async () => {
    const { watcher, looks } = started();
    watcher.ask("a");
    await jest.advanceTimersByTimeAsync(1_000);
    await looks[0]?.end(0);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(looks.map(({ reason }) => reason)).toEqual(["a", "what was left open"]);
    await looks[1]?.end(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("ends after the look under way, and begins no other", async () => {
    const { watcher, looks } = started();
    watcher.ask("a");
    await jest.advanceTimersByTimeAsync(1_000);
    watcher.ask("b");
    const stopped = watcher.stop();
    await looks[0]?.end(3);
    await stopped;
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(looks).toHaveLength(1);
  });
});

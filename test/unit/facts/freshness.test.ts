import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { configChangedUs, sinceBootUs, staleBecause, type Cures } from "../../../src/facts/freshness.ts";

const none: Cures = { unitStartUs: null, configChangedUs: null, causeGoneUs: null, toolSuccessUs: null };

describe("freshness", () => {
  test.each<[string, boolean, number, Partial<Cures>, string | null]>([
    ["nothing could have cured it", true, 100, {}, null],
    ["another boot", false, 1_000_000, {}, "of another boot"],
    ["before the unit's start", true, 99, { unitStartUs: 100 }, "from before the unit's last start"],
    ["at the unit's start", true, 100, { unitStartUs: 100 }, null],
    ["after the unit's start", true, 101, { unitStartUs: 100 }, null],
    ["before the configuration was changed", true, 101, { unitStartUs: 100, configChangedUs: 200 }, "from before the configuration was changed"],
    ["after the configuration was changed, flintlockd goes on saying it", true, 201, { unitStartUs: 100, configChangedUs: 200 }, null],
    ["the configuration was changed before this boot", true, 5, { configChangedUs: -1_000_000 }, null],
    ["before the pool was made", true, 299, { causeGoneUs: 300 }, "from before what it is about was put right"],
    ["before this tool's success", true, 399, { toolSuccessUs: 400 }, "from before this tool's last success"],
    ["after everything", true, 401, { unitStartUs: 100, configChangedUs: 200, causeGoneUs: 300, toolSuccessUs: 400 }, null],
  ])("%s", (_name, sameBoot, monotonicUs, cures, expected) => expect(staleBecause({ sameBoot, monotonicUs }, { ...none, ...cures })).toBe(expected));

  test("what is stale stays stale when more could have cured it", () => {
    const time = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.record({ unitStartUs: time, configChangedUs: time, causeGoneUs: time, toolSuccessUs: time }),
        fc.integer({ min: 0, max: 1000 }),
        (monotonicUs, cures, later) => {
          if (staleBecause({ sameBoot: true, monotonicUs }, cures) === null) return;
          expect(staleBecause({ sameBoot: true, monotonicUs }, { ...cures, toolSuccessUs: Math.max(later, cures.toolSuccessUs ?? 0) })).not.toBeNull();
        },
      ),
    );
  });

  test("a file's time, since boot", () => {
    const now = { nowMs: 1_000_000, monotonicUs: 50_000_000 };
    expect(sinceBootUs(990_000, now)).toBe(40_000_000);
    expect(sinceBootUs(900_000, now)).toBe(-50_000_000);
    // Only a clock that was set back makes a file of the future: that says nothing.
    expect(sinceBootUs(1_000_001, now)).toBeNull();
  });

  test.each<[string, Parameters<typeof configChangedUs>, number | null]>([
    ["nobody saw it at flintlockd's start: its time", [{ mtimeUs: 70, sha256: "a" }, null], 70],
    ["nobody saw it, and its time is of the future: it cannot be told", [{ mtimeUs: null, sha256: "a" }, null], null],
    [
      "the same as at the start, only touched since",
      [
        { mtimeUs: 70, sha256: "a" },
        { sha256: "a", seenUs: 50 },
      ],
      null,
    ],
    [
      "another one, written after it was last seen",
      [
        { mtimeUs: 70, sha256: "b" },
        { sha256: "a", seenUs: 50 },
      ],
      70,
    ],
    [
      "another one, put in place with an old time: after it was last seen",
      [
        { mtimeUs: -900, sha256: "b" },
        { sha256: "a", seenUs: 50 },
      ],
      50,
    ],
    [
      "another one with a time of the future: after it was last seen",
      [
        { mtimeUs: null, sha256: "b" },
        { sha256: "a", seenUs: 50 },
      ],
      50,
    ],
  ])("the configuration, %s", (_name, given, expected) => expect(configChangedUs(...given)).toBe(expected));
});

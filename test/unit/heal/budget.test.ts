import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { allowance, counted, pauseAfter } from "../../../src/heal/budget.ts";
import { tripped } from "../../../src/heal/breaker.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { attempt, minute, moment } from "./moments.ts";

const brakes = defaultPolicy;

describe("budget", () => {
  test("three attempts, with growing pauses between", () => {
    expect(allowance([], "thinpool-missing", moment(0), brakes)).toEqual({ is: "free", left: 3 });
    const first = [attempt(0, "failed")];
    expect(allowance(first, "thinpool-missing", moment(0.5), brakes)).toEqual({ is: "early", left: 2, againInMs: 30_000 });
    expect(allowance(first, "thinpool-missing", moment(1), brakes)).toEqual({ is: "free", left: 2 });
    const second = [...first, attempt(1, "failed")];
    expect(allowance(second, "thinpool-missing", moment(4), brakes)).toMatchObject({ is: "early" });
    expect(allowance(second, "thinpool-missing", moment(5), brakes)).toEqual({ is: "free", left: 1 });
    const third = [...second, attempt(5, "failed")];
    expect(allowance(third, "thinpool-missing", moment(60), brakes)).toEqual({ is: "spent", used: 3, againInMs: 5 * 60 * minute });
    expect(allowance(third, "thinpool-missing", moment(360.5), brakes)).toMatchObject({ is: "free", left: 1 });
  });

  test("of another finding nothing counts", () => {
    expect(allowance([attempt(0, "failed"), attempt(1, "failed"), attempt(2, "failed")], "service-down", moment(3), brakes)).toEqual({ is: "free", left: 3 });
  });

  test.each([
    ["a cure that was proven does not count after a reboot", "cured", 0],
    ["one that failed does", "failed", 1],
    ["one that a crash cut off does", "begun", 1],
  ] as const)("%s", (_title, outcome, count) => {
    expect(counted([attempt(0, outcome, "boot-1")], "thinpool-missing", moment(10, "boot-2"), brakes)).toHaveLength(count);
  });

  test("a wall clock that was set back frees nothing", () => {
    const later = attempt(100, "failed", "boot-1");
    expect(counted([later], "thinpool-missing", moment(1, "boot-2"), brakes)).toHaveLength(1);
  });

  test("no number of attempts in the window is ever more than the budget, whatever the times of asking", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { maxLength: 80 }), (waits) => {
        const made: ReturnType<typeof attempt>[] = [];
        let at = 0;
        for (const wait of waits) {
          at += wait;
          if (allowance(made, "thinpool-missing", moment(at), brakes).is === "free") made.push(attempt(at, "failed"));
          expect(made.filter(({ began }) => began.monotonicUs > (at - 360) * 60e6).length).toBeLessThanOrEqual(brakes.attempts);
        }
      }),
    );
  });

  // A run that the shutdown cut off, and the boot unit half a minute later: to wait then would be to boot without the pool.
  test("a reboot ends the pause, and not the budget", () => {
    const cut = [attempt(0, "failed", "boot-1")];
    expect(allowance(cut, "thinpool-missing", moment(0.5), brakes).is).toBe("early");
    expect(allowance(cut, "thinpool-missing", moment(0.5, "boot-2"), brakes)).toEqual({ is: "free", left: brakes.attempts - 1 });
    const spent = [0, 1, 2].map((at) => attempt(at, "failed", "boot-1"));
    expect(allowance(spent, "thinpool-missing", moment(3, "boot-2"), brakes).is).toBe("spent");
  });

  test("pauses grow by four", () => {
    expect([0, 1, 2, 3].map((count) => pauseAfter(count, brakes) / minute)).toEqual([0, 1, 4, 16]);
  });
});

describe("breaker", () => {
  test("stays closed while cures hold", () => {
    expect(tripped([attempt(0, "cured")], [], moment(1), brakes)).toBeNull();
    expect(tripped([attempt(0, "cured")], ["thinpool-missing"], moment(30), brakes)).toBeNull();
    expect(tripped([attempt(0, "failed")], ["thinpool-missing"], moment(1), brakes)).toBeNull();
  });

  test("opens where a cure did not hold", () => {
    expect(tripped([attempt(0, "cured")], ["thinpool-missing"], moment(1.5), brakes)).toMatchObject({
      finding: "thinpool-missing",
      why: expect.stringContaining("did not hold: it was back 60 s later"),
    });
  });

  test("not for a finding of another boot, which took the cure away itself", () => {
    expect(tripped([attempt(0, "cured", "boot-1")], ["thinpool-missing"], moment(1, "boot-2"), brakes)).toBeNull();
  });

  test("opens where findings keep coming back within minutes", () => {
    const twice = [attempt(0, "cured"), attempt(5, "cured")];
    expect(tripped(twice.slice(0, 1), ["thinpool-missing"], moment(5), brakes)).toBeNull();
    expect(tripped(twice, ["thinpool-missing"], moment(10), brakes)).toMatchObject({ why: expect.stringContaining("keep coming back within 10 min") });
    const other = [attempt(0, "cured"), attempt(0, "cured", "boot-1", "service-down")];
    expect(tripped(other, ["thinpool-missing", "service-down"], moment(5), brakes)?.why).toContain("thinpool-missing, service-down");
  });

  test("opens where the budget of a finding that is there is spent", () => {
    const spent = [attempt(0, "failed"), attempt(1, "begun"), attempt(5, "failed")];
    expect(tripped(spent, ["thinpool-missing"], moment(60), brakes)).toMatchObject({
      finding: "thinpool-missing",
      why: "thinpool-missing is there after 3 attempts in 6 h",
    });
    expect(tripped(spent, ["service-down"], moment(60), brakes)).toBeNull();
  });

  test("a hundred reboots in a row with a proven cure each never open it", () => {
    const attempts = Array.from({ length: 100 }, (_, index) => attempt(index, "cured", `boot-${index}`));
    expect(tripped(attempts, ["thinpool-missing"], moment(100, "boot-100"), brakes)).toBeNull();
    expect(allowance(attempts, "thinpool-missing", moment(100, "boot-100"), brakes).is).toBe("free");
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { elapsedMs, inWords } from "../../../src/heal/moment.ts";
import { parsePause, pauseText } from "../../../src/heal/pause.ts";
import { noState, parseState, stateText, type HealState } from "../../../src/heal/state.ts";
import { attempt, moment } from "./moments.ts";

const state: HealState = { attempts: [attempt(0, "begun"), attempt(1, "cured")], breaker: { opened: moment(2), finding: null, why: "because" } };

describe("state", () => {
  test("what was written is what is read", () => {
    expect(parseState(stateText(state))).toEqual({ state });
    expect(parseState(stateText(noState))).toEqual({ state: noState });
  });

  test.each([
    ["", "no JSON"],
    ["{", "no JSON"],
    ["[]", "no object"],
    ["{}", "schema"],
    [stateText(state).replace("brakes/v1", "brakes/v2"), "schema"],
    [stateText(state).replace('"cured"', '"fine"'), "attempts"],
    [stateText(state).replace('"bootId"', '"boot"'), "attempts"],
    [stateText(state).replace('"why"', '"what"'), "breaker"],
    [stateText(state).slice(0, 100), "no JSON"],
  ])("damage is told, never read as something else: %#", (text, why) => {
    expect(parseState(text)).toEqual({ problem: expect.stringContaining(why) });
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseState(text)));
  });

  test("it stays small", () => {
    const attempts = Array.from({ length: 2_000 }, (_, index) => attempt(index, "failed"));
    expect(stateText({ attempts, breaker: null }).length).toBeLessThan(300_000);
  });
});

describe("pause", () => {
  const pause = { since: moment(0), until: moment(60).at, why: "new disk" };
  const at = (minutes: number): number => Date.parse(moment(minutes).at);

  test("lasts until its end", () => {
    expect(parsePause(pauseText(pause), at(59))).toEqual({ is: "paused", pause });
    expect(parsePause(pauseText(pause), at(60))).toMatchObject({ is: "over" });
    expect(parsePause(pauseText({ ...pause, until: null }), at(1e6))).toMatchObject({ is: "paused" });
  });

  test.each(["", "{}", "null", '{"schema":"flintlock-fix/pause/v1"}', pauseText(pause).replace(/"until": "[^"]*"/, '"until": "soon"')])(
    "one that cannot be read is one all the same: %#",
    (text) => {
      expect(parsePause(text, 0)).toMatchObject({ is: "unreadable" });
    },
  );
});

test("time is told by the boot's clock within a boot, by the wall clock between two, and never runs backwards", () => {
  expect(elapsedMs({ ...moment(0), at: moment(500).at }, moment(2))).toBe(120_000);
  expect(elapsedMs(moment(0, "a"), moment(2, "b"))).toBe(120_000);
  expect(elapsedMs(moment(2, "a"), moment(0, "b"))).toBe(0);
  expect([90_000, 120_000, 7_200_000].map(inWords)).toEqual(["90 s", "2 min", "2 h"]);
});

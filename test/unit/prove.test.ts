import { expect, test } from "@jest/globals";
import type { Look } from "../../src/detector.ts";
import type { StepResult } from "../../src/executor.ts";
import { settle } from "../../src/prove.ts";
import type { Step } from "../../src/steps/action.ts";

const waits = { findings: [], microvms: [{ state: "waiting" }] } as unknown as Look;
const plan = { steps: [{ because: [] } as unknown as Step], refusals: [], advice: [], explainedBy: new Map<never, never>() };
const result: StepResult = { outcome: "not-run", error: null, attempts: 1 };

test("the time of --wait is one, however it was spent: a step that waited leaves the rest", async () => {
  let looks = 0;
  const lookAgain = (): Promise<Look> => {
    looks += 1;
    return Promise.resolve(waits);
  };
  const stop = new AbortController().signal;
  const after = await settle({ look: waits, plan, results: [{ ...result, waitedMs: 60_000 }], waitMs: 60_000, stop, lookAgain });
  expect({ after, looks }).toEqual({ after: waits, looks: 1 });
});

/** The look that ends an apply: what it waits for. */

import { expect, test } from "@jest/globals";
import type { Look } from "../../src/detector.ts";
import type { Plan } from "../../src/planner.ts";
import { settle } from "../../src/prove.ts";

const [mine, other] = ["ns1/a/U1", "ns1/b/U2"];

const lookOf = (status: "healthy" | "problem", microvms: { id: string; due: string | null; passedOver?: string }[]): Look =>
  ({
    findings: [{ id: "microvm-not-started", status, microvms: status === "problem" ? [mine] : [] }],
    microvms: microvms.map(({ id, due, passedOver = "no" }) => ({ record: { id }, due, passedOver, state: due === null ? "running" : "waiting" })),
  }) as unknown as Look;

const runs = lookOf("healthy", [{ id: mine, due: null }]);

const plan = { steps: [{ because: ["microvm-not-started"] }], explainedBy: new Map() } as unknown as Plan;

/** How many looks it takes, where the host shows one after the other. */
async function looksTaken(shown: Look[], waitMs: number | null = null): Promise<number> {
  let taken = 0;
  const last = await settle({
    ...{ look: lookOf("problem", [{ id: mine, due: "resync" }]), plan, results: [{ outcome: "done", error: null, attempts: 1 }], waitMs },
    stop: new AbortController().signal,
    lookAgain: () => Promise.resolve(shown[taken++] ?? runs),
  });
  expect(last).toBe(shown[taken - 1]);
  return taken;
}

test.each<[string, Look[], number]>([
  ["it runs", [runs], 1],
  ["it is just being tried: what comes of that is waited for", [lookOf("healthy", [{ id: mine, due: "under-way" }]), runs], 2],
  ["it failed and is tried again by its own timer: that is said, not waited for", [lookOf("healthy", [{ id: mine, due: "timer" }])], 1],
  [
    "it may have been passed over: it waits, and would be found later as what only the resync takes up",
    [lookOf("healthy", [{ id: mine, due: "under-way", passedOver: "perhaps" }])],
    1,
  ],
  ["another one is being tried", [lookOf("healthy", [{ id: other, due: "under-way" }])], 1],
  ["it is still a problem", [lookOf("problem", [{ id: mine, due: "under-way" }]), runs], 2],
])("a MicroVM that the plan was to bring back: %s", async (_name, shown, taken) => {
  expect(await looksTaken(shown)).toBe(taken);
});

test("with --wait, any that waits is waited for", async () => {
  expect(await looksTaken([lookOf("healthy", [{ id: other, due: "timer" }]), runs], 10_000)).toBe(2);
});

test("the time of --wait is one, however it was spent: a step that waited leaves the rest", async () => {
  let looks = 0;
  const waits = lookOf("healthy", [{ id: other, due: "timer" }]);
  const after = await settle({
    ...{ look: waits, plan: { ...plan, steps: [{ because: [] }] } as unknown as Plan, waitMs: 60_000 },
    results: [{ outcome: "not-run", error: null, attempts: 1, waitedMs: 60_000 }],
    stop: new AbortController().signal,
    lookAgain: () => {
      looks += 1;
      return Promise.resolve(waits);
    },
  });
  expect({ after, looks }).toEqual({ after: waits, looks: 1 });
});

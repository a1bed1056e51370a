import { expect, test } from "@jest/globals";
import { runsOf } from "../../../src/facts/history.ts";
import type { LedgerLine } from "../../../src/facts/ledger.ts";
import { historyText } from "../../../src/views/history.ts";

const line = (run: string, said: Partial<LedgerLine>): LedgerLine => ({
  at: "2026-11-24T22:00:00.000Z",
  bootId: "b",
  monotonicUs: 1,
  run,
  event: "command",
  ...said,
});

const lines = [
  line("r1", { event: "run-begins", findings: ["thinpool-missing"], trigger: "boot" }),
  line("r1", { event: "step-begins", step: "recreate-devpool", title: "re-attach", because: ["thinpool-missing"] }),
  line("r1", { argv: ["losetup", "a"] }),
  line("r1", { argv: ["losetup", "a"], status: 0, durationMs: 5 }),
  line("r1", { event: "step-ends", step: "recreate-devpool", outcome: "done" }),
  line("r1", { event: "run-ends", exitCode: 0, verdict: "fixed", durationMs: 900 }),
  line("r2", { event: "run-begins", findings: ["service-down"], trigger: "timer" }),
  line("r2", { event: "step-begins", step: "start-flintlockd", title: "start" }),
  line("r2", { argv: ["systemctl", "start", "x"] }),
];

test("the ledger as runs, the newest first; one that was cut off says so", () => {
  const runs = runsOf(lines);
  expect(runs).toMatchObject([
    { run: "r2", trigger: "timer", exitCode: null, steps: [{ outcome: "cut-off", commands: [{ status: null, durationMs: null }] }] },
    { run: "r1", trigger: "boot", exitCode: 0, steps: [{ outcome: "done", commands: [{ argv: ["losetup", "a"], status: 0, durationMs: 5 }] }] },
  ]);
  expect(historyText(runs, 1)).toContain("by timer: did not come to its end");
});

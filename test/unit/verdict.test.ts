import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { FindingId, FindingStatus, StepOutcome } from "../../src/report.ts";
import { judge, type Judged } from "../../src/verdict.ts";

const pool: FindingId = "thinpool-missing";
const plugin: FindingId = "snapshotter-not-loaded";

type Case = [name: string, judged: Partial<Judged>, exitCode: number, verdict: string];

const found = (id: FindingId, status: FindingStatus, after: FindingStatus | null = null, explainedBy: FindingId | null = null) => ({
  id,
  status,
  after,
  explainedBy,
});
const step = (because: FindingId[], outcome: StepOutcome = "planned") => ({ because, outcome });

const dry: Case[] = [
  ["nothing wrong", { findings: [found(pool, "healthy")] }, 0, "healthy"],
  ["a problem and a step for it", { findings: [found(pool, "problem")], steps: [step([pool])] }, 2, "planned"],
  [
    "a problem that another explains, whose step is planned",
    { findings: [found(pool, "problem"), found(plugin, "problem", null, pool)], steps: [step([pool])] },
    2,
    "planned",
  ],
  ["a problem without a step", { findings: [found(pool, "problem")] }, 4, "refused"],
  ["a problem with a step and a refusal", { findings: [found(pool, "problem")], steps: [step([pool])], refusals: [{ finding: pool }] }, 4, "refused"],
  ["a refusal of a finding that is healthy", { findings: [found(pool, "healthy")], refusals: [{ finding: pool }] }, 0, "healthy"],
  [
    "a refusal of another problem than the planned one",
    { findings: [found(pool, "problem"), found(plugin, "healthy")], steps: [step([pool])], refusals: [{ finding: plugin }] },
    2,
    "planned",
  ],
  ["the whole run refused", { findings: [], refusals: [{ finding: null }] }, 4, "refused"],
  ["one unknown, one planned", { findings: [found(pool, "problem"), found(plugin, "unknown")], steps: [step([pool])] }, 6, "unobservable"],
  ["one unknown, one refused", { findings: [found(pool, "problem"), found(plugin, "unknown")] }, 4, "refused"],
  ["no flintlock host", { unobservable: true }, 6, "unobservable"],
  ["a wait without a fault", { findings: [found(pool, "healthy")], steps: [step([])] }, 2, "planned"],
  ["explained in a circle", { findings: [found(pool, "problem", null, plugin), found(plugin, "problem", null, pool)] }, 4, "refused"],
];

const applied: Case[] = [
  ["cured", { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "done")] }, 0, "fixed"],
  ["already done by somebody else", { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "already-done")] }, 0, "fixed"],
  ["still there", { findings: [found(pool, "problem", "problem")], steps: [step([pool], "done")] }, 3, "unresolved"],
  ["a step failed", { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "failed")] }, 3, "unresolved"],
  ["one of two steps failed", { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "done"), step([pool], "failed")] }, 3, "unresolved"],
  ["one of two steps not run", { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "done"), step([pool], "not-run")] }, 3, "unresolved"],
  [
    "one of two steps waited in vain",
    { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "done"), { ...step([], "not-run"), error: { code: "STILL_WAITING" } }] },
    0,
    "fixed",
  ],
  [
    "nothing but a wait in vain",
    { findings: [found(pool, "healthy", "healthy")], steps: [{ ...step([], "not-run"), error: { code: "STILL_WAITING" } }] },
    0,
    "healthy",
  ],
  ["rolled back", { findings: [found(pool, "problem", "healthy")], steps: [step([pool], "rolled-back")] }, 3, "unresolved"],
  [
    "done, and another refused",
    { findings: [found(pool, "problem", "healthy"), found(plugin, "problem", "problem")], steps: [step([pool], "done")], refusals: [{ finding: plugin }] },
    3,
    "unresolved",
  ],
  ["nothing done, refused", { findings: [found(pool, "problem", "problem")], refusals: [{ finding: pool }] }, 4, "refused"],
  [
    "cured, but one cannot be told any more",
    { findings: [found(pool, "problem", "healthy"), found(plugin, "healthy", "unknown")], steps: [step([pool], "done")] },
    6,
    "unobservable",
  ],
  ["nothing to do", { findings: [found(pool, "healthy", "healthy")] }, 0, "healthy"],
  [
    "a new fault appeared",
    { findings: [found(pool, "problem", "healthy"), found(plugin, "healthy", "problem")], steps: [step([pool], "done")] },
    3,
    "unresolved",
  ],
];

const whole = (mode: Judged["mode"], judged: Partial<Judged>): Judged => ({ mode, unobservable: false, findings: [], steps: [], refusals: [], ...judged });

describe("exit status and verdict", () => {
  test.each(dry)("dry run: %s", (_name, judged, exitCode, verdict) => {
    expect(judge(whole("dry-run", judged))).toEqual({ exitCode, verdict });
  });

  test.each(applied)("apply: %s", (_name, judged, exitCode, verdict) => {
    expect(judge(whole("apply", judged))).toEqual({ exitCode, verdict });
  });

  test("a host with a problem or an unknown is never called healthy", () => {
    const status = fc.constantFrom<FindingStatus>("healthy", "problem", "unknown");
    const findings = fc.array(
      fc.record({
        id: fc.constantFrom<FindingId>(pool, plugin, "tap-detached"),
        status,
        after: fc.option(status),
        explainedBy: fc.option(fc.constantFrom<FindingId>(pool, plugin)),
      }),
    );
    const outcome = fc.constantFrom<StepOutcome>("planned", "done", "already-done", "failed", "not-run", "rolled-back");
    const steps = fc.array(fc.record({ because: fc.array(fc.constantFrom<FindingId>(pool, plugin)), outcome }));
    fc.assert(
      fc.property(fc.constantFrom<Judged["mode"]>("dry-run", "apply"), findings, steps, (mode, found, planned) => {
        const { exitCode } = judge(whole(mode, { findings: found, steps: planned }));
        const sick = found.some(({ status: first, after }) => (after ?? first) !== "healthy");
        return !(sick && exitCode === 0);
      }),
    );
  });
});

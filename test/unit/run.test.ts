/** An apply that must not act: what it says of why. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../src/catalogue.generated.ts";
import { rule } from "../../src/heal/ruling.ts";
import type { PauseFound } from "../../src/heal/pause.ts";
import { noState } from "../../src/heal/state.ts";
import { CapturedHost, parseCapture, type Capture } from "../../src/host/capture.ts";
import type { SavedPlan } from "../../src/plan-file.ts";
import { defaultPolicy, type Policy } from "../../src/policy.ts";
import type { Report } from "../../src/report.ts";
import { apply, dryRun, type ApplyOptions, type RunContext } from "../../src/run.ts";
import { moment } from "./heal/moments.ts";

const captureOf = (path: string): Capture => parseCapture(readFileSync(path, "utf8"), path);
const capture = captureOf("test/captures/thinpool-missing/thinpool-missing.json");
const healthy = captureOf("samples/healthy-dev-host");
const meansOf = (policy: Policy): RunContext => ({ catalogue, policy, host: () => new CapturedHost(capture) });
const paused: PauseFound = { is: "paused", pause: { since: moment(0), until: null, why: "new disk" } };
const never = (): never => {
  throw new Error("nothing may be done");
};

const quiet: Omit<ApplyOptions, "guard"> = {
  saved: null,
  waitMs: null,
  stop: new AbortController().signal,
  witness: () => ({ stepBegins: never, commandBegins: never, commandEnds: never, stepEnds: never }),
};

async function applied(policy: Policy, saved: SavedPlan | null): Promise<Report> {
  const { report } = await apply(meansOf(policy), {
    ...quiet,
    saved,
    guard: {
      rule: ({ host, findings }) => {
        const problems = findings.filter(({ status }) => status === "problem").map(({ id }) => id);
        return rule({
          policy,
          profile: host.profile,
          problems,
          now: moment(60),
          state: { state: noState },
          pause: paused,
          evenIfPaused: false,
          stoppedContainerd: null,
        });
      },
      begin: never,
      end: never,
    },
  });
  return report;
}

const codes = ({ refusals }: Report): string[] => [...new Set(refusals.map(({ code }) => code))];

describe("an apply while paused", () => {
  test("says so, also of a saved plan, which the pause does not make stale", async () => {
    const { saved } = await dryRun(meansOf(defaultPolicy));
    for (const plan of [null, saved]) {
      const report = await applied(defaultPolicy, plan);
      expect({ codes: codes(report), exitCode: report.exitCode, plan: report.plan }).toEqual({ codes: ["PAUSED"], exitCode: 4, plan: [] });
      expect(report.findings.find(({ id }) => id === "thinpool-missing")).toMatchObject({ status: "problem", after: "problem" });
    }
  });

  test("calls a saved plan stale that the host no longer wants, by the steps that it does want", async () => {
    const { saved } = await dryRun(meansOf(defaultPolicy));
    const report = await applied(defaultPolicy, { ...saved, steps: saved.steps.slice(1) });
    expect(report.refusals).toContainEqual(
      expect.objectContaining({
        finding: null,
        code: "STALE_PLAN",
        message: `nothing was done: the plan has ${saved.steps.length - 1} steps, and the host now wants ${saved.steps.length}`,
      }),
    );
    expect(report.exitCode).toBe(4);
  });

  test("says so also where no finding asks for what it would do", async () => {
    const policy: Policy = { ...defaultPolicy, only: ["tap-detached"], waitMs: 1 };
    const { saved, report: wanted } = await dryRun(meansOf(policy));
    const report = await applied(policy, saved);
    expect(wanted.plan.map(({ id, because }) => ({ id, because }))).toEqual([{ id: "restart-flintlockd-again", because: [] }]);
    expect({ refusals: report.refusals.map(({ finding, code }) => ({ finding, code })), exitCode: report.exitCode }).toEqual({
      refusals: [{ finding: null, code: "PAUSED" }],
      exitCode: 4,
    });
  });
});

test("an apply that waited says what only its last look found, and ends with 4", async () => {
  const looks = [healthy, capture];
  const policy: Policy = { ...defaultPolicy, waitMs: 1 };
  const means: RunContext = { catalogue, policy, host: () => new CapturedHost(looks.length > 1 ? (looks.shift() ?? capture) : capture) };
  const { report } = await apply(means, {
    ...quiet,
    waitMs: 1,
    guard: { rule: () => ({ stop: null, restraint: () => ({ is: "allowed" }), told: [] }), begin: never, end: never },
  });
  expect(report).toMatchObject({ exitCode: 4, verdict: "refused", plan: [] });
  expect(report.findings.find(({ id }) => id === "thinpool-missing")).toMatchObject({ status: "healthy", after: "problem" });
  expect(report.refusals).toContainEqual({
    finding: "thinpool-missing",
    code: "FOUND_LATER",
    message: expect.stringMatching(/^the first look did not find this, and the last one did: .*thinpool/),
    hint: expect.stringContaining("run fix again"),
  });
});

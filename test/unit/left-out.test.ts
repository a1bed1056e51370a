/** A look that leaves out the findings about the pool (--only, --skip) plans nothing that could only fail without it. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../src/catalogue.generated.ts";
import { CapturedHost, parseCapture } from "../../src/host/capture.ts";
import { defaultPolicy, type Policy } from "../../src/policy.ts";
import type { Report } from "../../src/report.ts";
import { dryRun } from "../../src/run.ts";
import { poolLeftOut } from "../../src/left-out.ts";
import type { PlanContext } from "../../src/remediation.ts";
import microvmNotStarted from "../../remediations/microvm-not-started.ts";
import serviceDown from "../../remediations/service-down.ts";
import { harmless } from "../support/restart.ts";

async function reportOf(finding: string, policy: Partial<Policy>): Promise<Report> {
  const path = new URL(`../captures/${finding}/${finding}.json`, import.meta.url);
  const capture = parseCapture(readFileSync(path, "utf8"), path.pathname);
  return (await dryRun({ catalogue, policy: { ...defaultPolicy, ...policy }, host: () => new CapturedHost(capture) })).report;
}

const context = (brokenPool: PlanContext["brokenPool"], found: PlanContext["findings"] = new Map()): PlanContext => ({
  policy: defaultPolicy,
  profile: "dev",
  findings: found,
  nowMs: 0,
  units: { flintlockd: "flintlockd.service", containerd: "containerd-dev.service" },
  microvms: [],
  restart: { ...harmless, flintlockdActive: false, containerdActive: false },
  brokenPool: brokenPool ?? null,
});
const missing = { finding: "thinpool-missing", summary: "device-mapper pool p is not there" } as const;

describe("a host without its pool", () => {
  test.each<[string, Partial<Policy>]>([
    ["--only snapshotter-not-loaded", { only: ["snapshotter-not-loaded"] }],
    ["--skip thinpool-missing", { skip: ["thinpool-missing"] }],
  ])("%s: refused with what is left out, and no step for it", async (_, policy) => {
    const { exitCode, plan, refusals } = await reportOf("thinpool-missing", policy);
    expect(refusals).toContainEqual(
      expect.objectContaining({
        finding: "snapshotter-not-loaded",
        code: "POOL_LEFT_OUT",
        message: expect.stringContaining("pool flintlock-dev-thinpool is not there, so no start of containerd can load its snapshotter; thinpool-missing"),
        hint: expect.stringContaining("fix --dry-run --only thinpool-missing snapshotter-not-loaded"),
      }),
    );
    expect(plan.filter(({ because }) => because.includes("snapshotter-not-loaded"))).toEqual([]);
    expect(exitCode).toBe(4);
  });

  test("both looked at: the pool comes, then containerd", async () => {
    const { exitCode, plan } = await reportOf("thinpool-missing", { only: ["snapshotter-not-loaded", "thinpool-missing"] });
    expect(plan.map(({ id }) => id)).toEqual(expect.arrayContaining(["recreate-devpool", "restart-containerd"]));
    expect(exitCode).toBe(2);
  });
});

test("a pool that is there is not in the way of a narrower look", async () => {
  const { exitCode, plan } = await reportOf("snapshotter-not-loaded", { only: ["snapshotter-not-loaded"] });
  expect(plan.map(({ id }) => id)).toContain("restart-containerd");
  expect(exitCode).toBe(2);
});

test("a pool that does not serve is as good as none", async () => {
  const path = new URL("../captures/thinpool-unhealthy/pool-suspended.suspended.json", import.meta.url);
  const capture = parseCapture(readFileSync(path, "utf8"), path.pathname);
  const host = new CapturedHost(capture);
  const { look } = await dryRun({ catalogue, policy: { ...defaultPolicy, skip: ["thinpool-unhealthy"] }, host: () => host });
  expect(look.brokenPool).toMatchObject({ finding: "thinpool-unhealthy", summary: expect.stringContaining("is suspended") });
});

test("a containerd that was stopped is not started without the pool, a flintlockd alone is", () => {
  const down = (role: string, unit: string): object => ({ role, unit, why: "stopped", words: "", running: false });
  const remedy = (facts: object[], brokenPool?: PlanContext["brokenPool"]) =>
    serviceDown.remedy({ id: "service-down", status: "problem", summary: "", evidence: [], facts, microvms: [], advice: [] }, context(brokenPool));
  const [containerd, flintlockd] = [down("containerd", "containerd-dev.service"), down("flintlockd", "flintlockd.service")];
  expect(remedy([containerd, flintlockd], missing)).toMatchObject({ steps: [], refusals: [{ finding: "service-down", code: "POOL_LEFT_OUT" }] });
  expect(remedy([containerd, flintlockd]).steps.map(({ id }) => id)).toEqual(["start-containerd", "start-flintlockd"]);
  expect(remedy([flintlockd], missing).steps.map(({ id }) => id)).toEqual(["start-flintlockd"]);
});

test("flintlockd is not restarted for MicroVMs whose volumes would lie on a pool that is not there", () => {
  const facts = { notStarted: [{ id: "ns1/a/u", why: "resync", words: null, reason: "" }], restart: true };
  const finding = { id: "microvm-not-started" as const, status: "problem" as const, summary: "", evidence: [], facts, microvms: [], advice: [] };
  const remedy = (brokenPool?: PlanContext["brokenPool"]) => microvmNotStarted.remedy(finding, context(brokenPool));
  expect(remedy().steps.map(({ id }) => id)).toEqual(["start-flintlockd"]);
  expect(remedy(missing)).toMatchObject({
    steps: [],
    refusals: [
      { finding: "microvm-not-started", code: "POOL_LEFT_OUT", message: expect.stringContaining("is not there, so no MicroVM can have its volumes;") },
    ],
  });
});

test("where the finding was looked for, it speaks for itself", () => {
  const found = { id: missing.finding, status: "unknown" as const, summary: "", evidence: [], microvms: [], facts: null, advice: [] };
  expect(poolLeftOut(context(missing, new Map([[missing.finding, found]])), "service-down")).toBeNull();
});

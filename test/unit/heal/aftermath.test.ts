import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EventLog } from "../../../src/events.ts";
import { aftermath } from "../../../src/heal/aftermath.ts";
import { readLastRuns } from "../../../src/heal/last-run.ts";
import { writeMetrics } from "../../../src/heal/metrics-file.ts";
import { needOf, Told } from "../../../src/heal/told.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import type { Report } from "../../../src/report.ts";
import { reportOf } from "../views/reports.ts";
import { moment } from "./moments.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftermath-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cured = reportOf({ exitCode: 0, verdict: "fixed", findings: [["thinpool-missing", "problem", "healthy"]], steps: ["recreate-devpool"] });
const refused = reportOf({
  exitCode: 4,
  verdict: "refused",
  findings: [["bridge-name-missing", "problem", null]],
  refusals: [["bridge-name-missing", "AMBIGUOUS_BRIDGE"]],
});
const healthy = reportOf({});
const waits = { ...refused, refusals: [...refused.refusals, { finding: "bridge-name-missing" as const, code: "ATTEMPT_PAUSE", message: "in 30 s", hint: "" }] };

async function after(report: Report, said: Partial<Policy> = {}, opened = false): Promise<{ news: boolean; kinds: string[] }> {
  const kinds: string[] = [];
  const log = new EventLog({
    deliver: (entry) => {
      kinds.push(entry.find((line) => line.startsWith("FLINTLOCK_FIX_EVENT="))?.slice(20) ?? "");
      return Promise.resolve(true);
    },
  });
  const policy: Policy = { ...defaultPolicy, unattended: true, trigger: "timer", stateDir: folder, ...said };
  const breaker = opened ? { opened: moment(0), finding: null, why: "x" } : null;
  const { news } = await aftermath({ report, policy, run: "r1", log, told: new Told(folder, join(folder, "lock")), opened: breaker });
  await log.close();
  return { news, kinds };
}

describe("what is told after a run", () => {
  test("a healthy minute is no news", async () => {
    expect(await after(healthy)).toEqual({ news: false, kinds: [] });
  });

  test("a need is told once, again when it changes, and when it is over", async () => {
    expect(await after(refused)).toEqual({ news: true, kinds: ["needs-person"] });
    expect(await after(refused)).toEqual({ news: false, kinds: [] });
    expect(await after(waits)).toEqual({ news: false, kinds: [] });
    expect(await after(healthy)).toEqual({ news: true, kinds: ["healthy-again"] });
    expect(await after(healthy)).toEqual({ news: false, kinds: [] });
  });

  test("a look that could not tell is a need when the next one cannot either", async () => {
    const blind = reportOf({ exitCode: 6, verdict: "unobservable", findings: [["thinpool-missing", "unknown", null]] });
    expect(await after(blind)).toEqual({ news: false, kinds: [] });
    expect(await after(healthy)).toEqual({ news: false, kinds: [] });
    expect(await after(blind)).toEqual({ news: false, kinds: [] });
    expect(await after(blind)).toEqual({ news: true, kinds: ["needs-person"] });
    expect(await after(blind)).toEqual({ news: false, kinds: [] });
    expect(await after(healthy)).toEqual({ news: true, kinds: ["healthy-again"] });
  });

  test("what was done is told each time", async () => {
    expect(await after(cured)).toEqual({ news: true, kinds: ["cured"] });
    expect(await after(cured)).toEqual({ news: true, kinds: ["cured"] });
    expect(await after({ ...cured, exitCode: 3, verdict: "unresolved" })).toEqual({ news: true, kinds: ["unresolved"] });
  });

  test("a breaker that opens is told beside", async () => {
    expect((await after(refused, {}, true)).kinds).toEqual(["breaker-opened", "needs-person"]);
  });

  test("a look by hand that finds something is no event: only what is done", async () => {
    expect(await after(refused, { unattended: false, trigger: "hand" })).toEqual({ news: false, kinds: [] });
    expect((await after(cured, { unattended: false, trigger: "hand" })).kinds).toEqual(["cured"]);
  });

  test("the last run of each trigger is kept", async () => {
    await after(cured);
    await after(healthy, { trigger: "watch" });
    expect(readLastRuns(folder)).toEqual([
      expect.objectContaining({ trigger: "timer", steps: 1, exitCode: 0, findings: [{ id: "thinpool-missing", status: "healthy" }] }),
      expect.objectContaining({ trigger: "watch", steps: 0 }),
    ]);
    writeFileSync(join(folder, "last-run.json"), "{ half");
    expect(readLastRuns(folder)).toEqual([]);
  });
});

describe("a notification command", () => {
  const script = (text: string): string => {
    const path = join(folder, "tell");
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  test("gets the notice on stdin, secrets masked", async () => {
    const command = script(`cat > ${folder}/got`);
    const secret = { ...cured, advice: [{ finding: null, message: "basic-auth-token: hunter2" }] };
    await after(secret, { notifyCommand: [command] });
    const got: unknown = JSON.parse(readFileSync(join(folder, "got"), "utf8"));
    expect(got).toMatchObject({ schema: "flintlock-fix/notice/v1", occasion: "cured", trigger: "timer", report: { verdict: "fixed" } });
    expect(JSON.stringify(got)).not.toContain("hunter2");
  });

  test("is tried again, and its failure is told and changes nothing else", async () => {
    const command = script(`echo x >> ${folder}/tries; echo no route >&2; exit 7`);
    const report = structuredClone(cured);
    const { kinds } = await after(report, { notifyCommand: [command], notifyRetries: 1 });
    expect(readFileSync(join(folder, "tries"), "utf8")).toBe("x\nx\n");
    expect(kinds).toEqual(["cured", "notify-failed"]);
    expect(report.advice[0]?.message).toContain("exited 7: no route");
    expect(report.exitCode).toBe(0);
  });

  test("is not called for what nobody asked for", async () => {
    const command = script(`echo x >> ${folder}/tries`);
    await after(cured, { notifyCommand: [command], notifyOn: ["breaker"] });
    await after(healthy, { notifyCommand: [command] });
    expect(readdirSync(folder)).not.toContain("tries");
  });
});

test("a need is the same words for the same need", () => {
  expect(needOf(refused)).toBe("4 bridge-name-missing:AMBIGUOUS_BRIDGE bridge-name-missing:problem");
  expect(needOf(healthy)).toBe("");
  expect(needOf(reportOf({ exitCode: 5 }))).toBe("");
});

test("what was told is kept beside the lock where the state folder cannot be written", () => {
  const told = new Told(join(folder, "none"), join(folder, "lock"));
  expect([told.isNews("4 x"), told.isNews("4 x"), told.isNews("")]).toEqual([true, false, true]);
});

test("metrics are readable by all, and nothing half-written stays", () => {
  const metricsFile = join(folder, "flintlock_fix.prom");
  writeMetrics({ ...defaultPolicy, stateDir: folder, metricsFile }, healthy, null);
  expect(readFileSync(metricsFile, "utf8")).toContain("flintlock_fix_breaker_open 0\n");
  expect(statSync(metricsFile).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder)).toEqual(["flintlock_fix.prom"]);
  const report = structuredClone(healthy);
  writeMetrics({ ...defaultPolicy, stateDir: folder, metricsFile: join(folder, "no", "such.prom") }, report, null);
  expect(report.advice[0]?.message).toContain("could not be written");
});

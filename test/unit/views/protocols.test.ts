import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Standing } from "../../../src/heal/standing.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { nagios, nagiosLine } from "../../../src/views/nagios.ts";
import { npd, npdLine } from "../../../src/views/npd.ts";
import { prometheus } from "../../../src/views/prometheus.ts";
import { statusJson, statusText } from "../../../src/views/status.ts";
import { attempt, moment } from "../heal/moments.ts";
import { reportOf } from "./reports.ts";

const healthy = reportOf({});
const sick = reportOf({ exitCode: 2, verdict: "planned", findings: [["thinpool-missing", "problem", null]] });
const cured = reportOf({ verdict: "fixed", findings: [["thinpool-missing", "problem", "healthy"]] });
const blind = reportOf({ exitCode: 6, verdict: "unobservable", findings: [["thinpool-missing", "unknown", null]] });
const locked = reportOf({ exitCode: 5, verdict: "refused", findings: [], refusals: [[null, "LOCKED"]] });

const used = (): fc.Arbitrary<{ used: number; total: number }> =>
  fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => ({ used: Math.min(a, b), total: Math.max(a, b) }));

describe("protocols of monitoring", () => {
  test.each([
    ["healthy", healthy, 0, 0],
    ["a fault", sick, 2, 1],
    ["a fault that was cured", cured, 0, 0],
    ["what cannot be told", blind, 3, 2],
    ["another run holds the lock", locked, 3, 2],
  ] as const)("%s", (_title, report, ofNagios, ofNpd) => {
    expect([nagios(report, null).status, npd(report).status]).toEqual([ofNagios, ofNpd]);
  });

  test("nagios: one line, performance data behind one bar", () => {
    const pool = { name: "p", data: { used: 1, total: 4 }, metadata: { used: 1, total: 8 } };
    expect(nagios(sick, pool).line).toBe(
      "FLINTLOCK CRITICAL - flhost: thinpool-missing: thinpool-missing is problem | problems=1;;0;0 unknown=0;;;0 waiting=0;0;;0 time=0.212s;;;0 pool_data=25.0%;;;0;100 pool_metadata=12.5%;;;0;100\n",
    );
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => expect(nagiosLine(2, text)).toMatch(/^FLINTLOCK CRITICAL - [^\n|]*\n$/)));
  });

  test("nagios: performance data as the guidelines spell it: label=value[unit];warn;crit;min;max, and ranges for the thresholds", () => {
    const number = "-?[0-9]+(?:\\.[0-9]+)?";
    const range = `(?:@?(?:(?:${number}|~):)?(?:${number})?)`;
    const datum = new RegExp(`^[^ '=]{1,19}=${number}(?:us|ms|s|%|B|KB|MB|TB|c)?(?:;${range}){0,2}(?:;(?:${number})?){0,2}$`);
    const pool = fc.record({ name: fc.string(), data: used(), metadata: used() });
    fc.assert(
      fc.property(fc.constantFrom(healthy, sick, cured, blind, locked), fc.option(pool), (report, use) => {
        const [, data = ""] = nagios(report, use).line.trimEnd().split(" | ");
        for (const part of data.split(" ")) expect(part).toMatch(datum);
      }),
      { examples: [[sick, { name: "", data: { used: 0, total: 0 }, metadata: { used: 0, total: 0 } }]] },
    );
  });

  test("npd: at most 80 bytes of one line, as many names as fit", () => {
    const all = reportOf({
      exitCode: 4,
      findings: (["thinpool-missing", "snapshotter-not-loaded", "macvtap-unavailable", "parent-device-missing", "service-crash-loop"] as const).map((id) => [
        id,
        "problem",
        null,
      ]),
    });
    expect(npd(all).line).toBe("thinpool-missing snapshotter-not-loaded macvtap-unavailable +2");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => expect(Buffer.byteLength(npdLine(text))).toBeLessThanOrEqual(80)));
  });

  test("prometheus: each family once, with its help and type, labels escaped", () => {
    const text = prometheus({
      report: sick,
      pool: { name: 'a"\\\n', data: { used: 1, total: 4 }, metadata: { used: 1, total: 8 } },
      standing: null,
      brakes: defaultPolicy,
      version: "1",
    });
    expect(text).toContain('flintlock_fix_finding{finding="thinpool-missing",status="problem"} 1\n');
    expect(text).toContain('flintlock_fix_pool_data_used_ratio{pool="a\\"\\\\\\n"} 0.25\n');
    const families = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
    expect(new Set(families).size).toBe(families.length);
  });
});

test("status as text and as JSON says whether automation may act", () => {
  const standing: Standing = {
    pause: { is: "none" },
    breaker: { opened: moment(0), finding: "thinpool-missing", why: "it did not hold" },
    problem: null,
    budgets: [{ finding: "thinpool-missing", used: 3, of: 3, allowance: { is: "spent", used: 3, againInMs: 60_000 } }],
    lastRuns: [],
  };
  expect(statusText(standing, defaultPolicy, moment(5))).toContain("stopped itself 5 min ago and only reports: it did not hold");
  expect(JSON.parse(statusJson(standing, defaultPolicy))).toMatchObject({
    mayAct: false,
    findings: [{ finding: "thinpool-missing", attempts: 3, state: "spent" }],
  });
  expect(
    JSON.parse(
      statusJson({ ...standing, breaker: null, pause: { is: "paused", pause: { since: attempt(0, "begun").began, until: null, why: "x" } } }, defaultPolicy),
    ),
  ).toMatchObject({ mayAct: false, pause: { why: "x" } });
});

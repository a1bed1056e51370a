import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FixError } from "../../src/errors.ts";
import { otherWords, parsePlan, savedPlan, staleness, type SavedPlan } from "../../src/plan-file.ts";
import { commandLine } from "../../src/policy-file.ts";
import { defaultPolicy, type Policy } from "../../src/policy.ts";
import type { FindingId } from "../../src/report.ts";
import type { Step } from "../../src/steps/action.ts";

const ids: FindingId[] = ["tap-detached", "service-down"];
const host = { name: "flhost", bootId: "b1" };
const step = (key: string, argv: string[]): Step => ({
  key,
  id: "load-macvlan",
  title: key,
  because: [],
  risk: "safe",
  impact: "",
  actions: [{ do: "run", argv }],
  provides: [],
  after: [],
  needs: [],
});
const steps = [step("a", ["modprobe", "macvtap"]), step("b", ["true"])];
const saved: SavedPlan = savedPlan("1.0.0", 1_000, host, { ...defaultPolicy, bridgeName: "br0" }, steps);

const errorOf = (text: string): string => {
  try {
    parsePlan(text, "p.json", ids);
  } catch (error) {
    if (error instanceof FixError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
};

describe("a saved plan", () => {
  test("comes back as it was saved, with the options that shaped it", () => {
    expect(parsePlan(JSON.stringify(saved), "p.json", ids)).toEqual(saved);
    expect(parsePlan(JSON.stringify({ ...saved, options: { ...saved.options, only: ["tap-detached"], waitMs: 5 } }), "p.json", ids)).toMatchObject({
      options: { only: ["tap-detached"] },
    });
    expect(saved.options).toMatchObject({ bridgeName: "br0", allowDestructive: false });
  });

  test.each<[string, Partial<SavedPlan["host"]>, Step[], RegExp | null]>([
    ["the same", {}, steps, null],
    ["keys in another order", {}, steps.map((each) => Object.fromEntries(Object.entries(each).reverse()) as unknown as Step), null],
    ["another host", { name: "other" }, steps, /made for the host flhost, and this is other/],
    ["another boot", { bootId: "b2" }, steps, /booted again/],
    ["a step less", {}, steps.slice(1), /has 2 steps, and the host now wants 1/],
    ["another command", {}, [step("a", ["modprobe", "macvlan"]), step("b", ["true"])], /step 1 \(a\)/],
    ["another order", {}, [...steps].reverse(), /step 1 \(b\)/],
    ["another second command", {}, [step("a", ["modprobe", "macvtap"]), step("b", ["false"])], /step 2 \(b\)/],
  ])("against a host that wants %s", (_name, changed, now, expected) => {
    const stale = staleness(saved, { ...host, ...changed }, now);
    if (expected === null) expect(stale).toBeNull();
    else expect(stale).toMatch(expected);
  });

  const made: Partial<Policy> = { only: ["tap-detached", "service-down"], allowPackages: true, bridgeName: "br0", waitMs: 60_000 };
  test.each<[said: Partial<Policy>, expected: string[]]>([
    [{}, []],
    [made, []],
    [{ only: ["service-down", "tap-detached"] }, []],
    [{ only: ["service-down"] }, ["--only"]],
    [{ skip: ["tap-detached"] }, ["--skip"]],
    [{ profile: "dev" }, ["--profile"]],
    [{ profile: "auto" }, []],
    [{ bridgeName: "br1" }, ["--bridge-name"]],
    [{ parentIface: "eth0" }, ["--parent-iface"]],
    [{ disk: "/dev/sdb" }, ["--disk"]],
    [{ allowDestructive: true }, ["--allow destructive"]],
    [{ allowPackages: true }, []],
    [{ provisioner: "script", provisionScript: "/p.sh" }, ["--provisioner", "--provision-script"]],
    [{ waitMs: 5_000 }, []],
    // Shapes no plan.
    [{ timeoutMs: 5_000 }, []],
  ])("against %j on the command line", (said, expected) => {
    const plan = savedPlan("1.0.0", 1_000, host, { ...defaultPolicy, ...made }, steps);
    const byFlag = Object.fromEntries(Object.keys(said).map((key) => [key, commandLine]));
    expect(otherWords(plan, { ...defaultPolicy, ...said }, byFlag)).toEqual(expected);
    const byFile = Object.fromEntries(Object.keys(said).map((key) => [key, "/p.yaml:1"]));
    expect(otherWords(plan, { ...defaultPolicy, ...said }, byFile)).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    ["a list", [], /top level is no object/],
    ["another schema", { ...saved, schema: "x" }, /schema is "x"/],
    ["no schema", {}, /schema is missing/],
    ["no time", { ...saved, nowMs: "now" }, /nowMs/],
    ["half a millisecond", { ...saved, nowMs: 1.5 }, /nowMs/],
    ["a host without a boot", { ...saved, host: { name: "flhost" } }, /host/],
    ["a host without a name", { ...saved, host: { bootId: "b1" } }, /host/],
    ["no host at all", { ...saved, host: null }, /host/],
    ["a choice that is a list", { ...saved, options: { ...saved.options, bridgeName: ["br0"] } }, /options\.bridgeName/],
    ["a list with one word too little", { ...saved, options: { ...saved.options, only: ["tap-detached", null] } }, /options\.only/],
    ["no host", { ...saved, host: {} }, /host/],
    ["no options", { ...saved, options: null }, /options: not an object/],
    ["an option of another type", { ...saved, options: { ...saved.options, allowDestructive: "yes" } }, /options\.allowDestructive/],
    ["a list that holds no words", { ...saved, options: { ...saved.options, only: [1] } }, /options\.only/],
    ["an option that shapes no plan", { ...saved, options: { ...saved.options, stateDir: "/tmp/x" } }, /options\.stateDir: no option of a plan/],
    [
      "an option that every object has",
      JSON.parse(
        `{"options":${JSON.stringify(saved.options).replace("{", '{"__proto__":{},')},"schema":"${saved.schema}","nowMs":1,"host":{"name":"a","bootId":"b"},"steps":[]}`,
      ),
      /options\.__proto__/,
    ],
    ["a profile that there is not", { ...saved, options: { ...saved.options, profile: "prof" } }, /options\.profile: missing, or nothing that --profile takes/],
    ["a link that is a number", { ...saved, options: { ...saved.options, bridgeName: 7 } }, /options\.bridgeName/],
    ["an empty path", { ...saved, options: { ...saved.options, disk: "" } }, /options\.disk/],
    ["a wait that is a word", { ...saved, options: { ...saved.options, waitMs: "5m" } }, /options\.waitMs/],
    ["a wait into the past", { ...saved, options: { ...saved.options, waitMs: -1 } }, /options\.waitMs/],
    ["a check that there is not", { ...saved, options: { ...saved.options, only: ["tap-detatched"] } }, /options\.only: "tap-detatched" is no check/],
    ["nothing to check", { ...saved, options: { ...saved.options, only: ["tap-detached"], skip: ["tap-detached"] } }, /nothing is left to check/],
    ["steps that are no list", { ...saved, steps: {} }, /steps: not a list/],
  ])("damaged: %s", (_name, value, expected) => {
    expect(errorOf(JSON.stringify(value))).toMatch(expected);
  });

  test("any text is a plan or a BAD_PLAN", () => {
    expect(errorOf("{")).toMatch(/^BAD_PLAN: p\.json: line 1, column 2: not a saved plan, or a damaged one/);
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(errorOf(JSON.stringify(value))).toMatch(/^BAD_PLAN: /)));
  });
});

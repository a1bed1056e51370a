import { describe, expect, test } from "@jest/globals";
import { rule, type Situation } from "../../../src/heal/ruling.ts";
import { noState } from "../../../src/heal/state.ts";
import { defaultSteps, stepsThatMayRunAlone } from "../../../src/heal/unattended.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import type { FindingId, StepId } from "../../../src/report.ts";
import type { Step } from "../../../src/steps/action.ts";
import { attempt, moment } from "./moments.ts";

const alone: Policy = { ...defaultPolicy, unattended: true, trigger: "timer" };
const situation = (said: Partial<Situation>): Situation => ({
  policy: alone,
  profile: "dev",
  problems: ["thinpool-missing"],
  now: moment(60),
  state: { state: noState },
  pause: { is: "none" },
  evenIfPaused: false,
  stoppedContainerd: null,
  ...said,
});

const step = (id: StepId, because: FindingId[] = ["thinpool-missing"], risk: Step["risk"] = "safe"): Step => ({
  key: id,
  id,
  title: id,
  because,
  risk,
  impact: "",
  actions: [],
  provides: [],
  after: [],
  needs: [],
});

const codeOf = (said: Partial<Situation>, id: StepId, because?: FindingId[], risk?: Step["risk"]): string => {
  const { stop, restraint } = rule(situation(said));
  const ruling = restraint(step(id, because, risk));
  return stop?.code ?? (ruling.is === "refused" ? ruling.code : ruling.is);
};

const paused = { is: "paused", pause: { since: moment(0), until: null, why: "new disk" } } as const;

describe("where a person stopped containerd", () => {
  const ruled = (provides: Step["provides"], policy = alone): string => {
    const ruling = rule(situation({ policy, stoppedContainerd: "containerd-dev.service" })).restraint({ ...step("recreate-devpool"), provides });
    return ruling.is === "refused" ? `${ruling.code}: ${ruling.message}` : ruling.is;
  };

  test("an unattended run leaves the pool and containerd to that person", () => {
    for (const resource of ["pool", "containerd"] as const) expect(ruled([resource])).toMatch(/^STOPPED_BY_A_PERSON: .*stopped containerd-dev\.service/);
  });
  test("and does the rest", () => expect(ruled(["modules"])).toBe("allowed"));
  test("a run by hand does what it is told to", () => expect(ruled(["pool"], defaultPolicy)).toBe("allowed"));
});

describe("a run that nobody attends", () => {
  test.each<[string, Partial<Situation>, string]>([
    ["acts", {}, "allowed"],
    ["stands down while paused", { pause: paused }, "PAUSED"],
    ["stands down where the pause cannot be read", { pause: { is: "unreadable", why: "x" } }, "PAUSED"],
    ["acts again when the pause is over", { pause: { is: "over", pause: paused.pause } }, "allowed"],
    ["only reports where its state is damaged", { state: { problem: "x" } }, "STATE_UNUSABLE"],
    ["only reports once the breaker is open", { state: { state: { attempts: [], breaker: { opened: moment(0), finding: null, why: "x" } } } }, "BREAKER_OPEN"],
    ["opens it where the cure did not hold", { state: { state: { attempts: [attempt(59, "cured")], breaker: null } } }, "BREAKER_OPEN"],
    ["waits between attempts", { state: { state: { attempts: [attempt(59.5, "failed")], breaker: null } } }, "ATTEMPT_PAUSE"],
    ["does not act soon after a boot of a prod host", { profile: "prod", now: moment(4) }, "COOL_DOWN"],
    ["acts later", { profile: "prod", now: moment(5) }, "allowed"],
    ["acts at once on a dev host", { now: moment(0.1) }, "allowed"],
    ["is as careful where the profile cannot be told", { profile: "unknown", now: moment(4) }, "COOL_DOWN"],
    ["acts at once as the boot unit", { profile: "prod", now: moment(0.1), policy: { ...alone, trigger: "boot" } }, "allowed"],
    ["stands down as the boot unit while paused", { pause: paused, policy: { ...alone, trigger: "boot" } }, "PAUSED"],
    ["has no attempts where the policy gives none", { policy: { ...alone, attempts: 0 } }, "BREAKER_OPEN"],
  ])("%s", (_title, said, code) => {
    expect(codeOf(said, "recreate-devpool")).toBe(code);
  });

  test.each<[StepId, string, string, string]>([
    ["recreate-devpool", "allowed", "allowed", "allowed"],
    ["activate-direct-lvm", "allowed", "allowed", "allowed"],
    ["load-macvlan", "allowed", "allowed", "allowed"],
    ["restart-containerd", "allowed", "allowed", "left-out"],
    ["restart-flintlockd", "allowed", "allowed", "left-out"],
    ["start-flintlockd", "allowed", "allowed", "left-out"],
    ["set-bridge-name", "allowed", "NOT_UNATTENDED", "left-out"],
    ["set-parent-iface", "allowed", "NOT_UNATTENDED", "left-out"],
    ["attach-tap", "allowed", "NOT_UNATTENDED", "left-out"],
    ["install-kernel-modules", "NOT_UNATTENDED", "NOT_UNATTENDED", "left-out"],
    ["provision-direct-lvm", "NOT_UNATTENDED", "NOT_UNATTENDED", "left-out"],
  ])("%s: dev %s, prod %s, boot %s", (id, dev, prod, boot) => {
    expect(codeOf({}, id)).toBe(dev);
    expect(codeOf({ profile: "prod" }, id)).toBe(prod);
    expect(codeOf({ policy: { ...alone, trigger: "boot" } }, id)).toBe(boot);
  });

  test("nothing that destroys, whatever the policy names", () => {
    const policy = { ...alone, unattendedDev: [...stepsThatMayRunAlone], allowDestructive: true };
    expect(codeOf({ policy }, "restart-flintlockd", undefined, "destructive")).toBe("NOT_UNATTENDED");
    expect(stepsThatMayRunAlone).not.toContain("provision-direct-lvm");
  });

  test("a step is taken while one of its findings has an attempt left", () => {
    const state = { state: { attempts: [attempt(59.5, "failed")], breaker: null } };
    expect(codeOf({ state }, "restart-containerd", ["thinpool-missing", "snapshotter-not-loaded"])).toBe("allowed");
    expect(codeOf({ state }, "restart-containerd", ["thinpool-missing"])).toBe("ATTEMPT_PAUSE");
  });

  test("what a breaker opened for is said", () => {
    const { opens, stop } = rule(situation({ state: { state: { attempts: [attempt(59, "cured")], breaker: null } } }));
    expect(opens).toMatchObject({ finding: "thinpool-missing" });
    expect(stop?.message).toContain("the cure of thinpool-missing did not hold");
  });
});

describe("a run by hand", () => {
  const hand = { policy: defaultPolicy };

  test("is not limited, but told", () => {
    const attempts = [attempt(0, "failed"), attempt(1, "failed"), attempt(5, "failed")];
    const spent = rule(situation({ ...hand, state: { state: { attempts, breaker: null } } }));
    expect([spent.stop, spent.told]).toEqual([null, [expect.stringContaining("no attempt left at thinpool-missing")]]);
    const broken = rule(situation({ ...hand, state: { state: { attempts, breaker: { opened: moment(1), finding: null, why: "x" } } } }));
    expect([broken.stop, broken.opens, broken.told]).toEqual([null, null, [expect.stringContaining("stopped itself")]]);
    expect(rule(situation({ ...hand, state: { problem: "cut off" } })).told).toEqual([expect.stringContaining("cut off")]);
    expect(codeOf({ ...hand, profile: "prod", now: moment(1) }, "set-bridge-name")).toBe("allowed");
  });

  test("needs --even-if-paused during a pause", () => {
    expect(codeOf({ ...hand, pause: paused }, "recreate-devpool")).toBe("PAUSED");
    const even = rule(situation({ ...hand, pause: paused, evenIfPaused: true }));
    expect([even.stop, even.told]).toEqual([null, [expect.stringContaining("new disk")]]);
  });
});

test("the defaults of both profiles", () => {
  expect(defaultSteps("prod").filter((id) => !defaultSteps("dev").includes(id))).toEqual([]);
  expect(defaultSteps("prod").some((id) => id.startsWith("set-"))).toBe(false);
});

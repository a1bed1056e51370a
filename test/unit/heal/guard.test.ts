import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Look } from "../../../src/detector.ts";
import { Brakes } from "../../../src/heal/guard.ts";
import { Store } from "../../../src/heal/store.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import type { FindingId, FindingStatus } from "../../../src/report.ts";
import type { Step } from "../../../src/steps/action.ts";
import { moment } from "./moments.ts";
import { harmless } from "../../support/restart.ts";

let stateDir: string;
let minutes: number;
let runs: number;
const policy = (): Policy => ({ ...defaultPolicy, unattended: true, trigger: "timer", stateDir });

beforeEach(() => {
  stateDir = join(mkdtempSync(join(tmpdir(), "guard-")), "state");
  minutes = 60;
  runs = 0;
});
afterEach(() => rmSync(join(stateDir, ".."), { recursive: true, force: true }));

function brakes(said: Partial<Policy> = {}, evenIfPaused = false): Brakes {
  runs += 1;
  return new Brakes({ policy: { ...policy(), ...said }, store: new Store(stateDir), run: `run-${runs}`, clock: () => moment(minutes), evenIfPaused });
}

const look = (status: FindingStatus, id: FindingId = "thinpool-missing"): Look => ({
  host: { name: "h", bootId: "boot-1", profile: "dev", kernel: "6" },
  nowMs: 0,
  findings: [{ id, status, summary: "", evidence: [], microvms: [], facts: null, advice: [] }],
  microvms: [],
  units: { flintlockd: "flintlockd.service", containerd: "containerd-dev.service" },
  restart: harmless,
  unobservable: null,
  log: null,
  advice: [],
});

const step: Step = {
  key: "k",
  id: "recreate-devpool",
  title: "",
  because: ["thinpool-missing"],
  risk: "safe",
  impact: "",
  actions: [],
  provides: [],
  after: [],
  needs: [],
};

function run(after: FindingStatus): string {
  const guard = brakes();
  const { stop, restraint } = guard.rule(look("problem"));
  const ruling = restraint(step);
  if (stop) return stop.code;
  if (ruling.is === "refused") return ruling.code;
  expect(guard.begin([step])).toBeNull();
  guard.end(look(after));
  return guard.opened ? "done, and the breaker opened" : "done";
}

const kept = () => new Store(stateDir).state();

describe("brakes", () => {
  test("where a file lies in the state folder's place, a person may act, and nothing is done alone", () => {
    writeFileSync(stateDir, "");
    expect(brakes({ unattended: false, trigger: "hand" }).rule(look("problem")).stop).toBeNull();
    expect(brakes().begin([step])).toMatchObject({ code: "STATE_UNUSABLE" });
  });

  test("an attempt is reserved before the first step and concluded after the last look", () => {
    const guard = brakes();
    guard.rule(look("problem"));
    expect(guard.begin([step])).toBeNull();
    expect(kept()).toMatchObject({ state: { attempts: [{ finding: "thinpool-missing", outcome: "begun", ended: null, trigger: "timer" }] } });
    guard.end(look("healthy"));
    expect(kept()).toMatchObject({ state: { attempts: [{ outcome: "cured" }] } });
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(stateDir, "brakes.json")).mode & 0o777).toBe(0o600);
  });

  test("a fault that cannot be cured spends its budget, opens the breaker, and nothing is done again", () => {
    expect(run("problem")).toBe("done");
    expect(run("problem")).toBe("ATTEMPT_PAUSE");
    minutes += 1;
    expect(run("problem")).toBe("done");
    minutes += 4;
    expect(run("problem")).toBe("done, and the breaker opened");
    minutes += 60;
    expect(run("problem")).toBe("BREAKER_OPEN");
    minutes += 24 * 60;
    expect(run("problem")).toBe("BREAKER_OPEN");
    new Store(stateDir).clear();
    expect(run("healthy")).toBe("done");
  });

  test("a cure that does not hold opens it at once", () => {
    expect(run("healthy")).toBe("done");
    minutes += 1;
    expect(run("healthy")).toBe("BREAKER_OPEN");
    expect(kept()).toMatchObject({ state: { breaker: { finding: "thinpool-missing" } } });
  });

  test("a run that died in the middle counts", () => {
    for (let crash = 0; crash < 3; crash += 1) {
      const guard = brakes();
      const { stop } = guard.rule(look("problem"));
      expect(stop).toBeNull();
      expect(guard.begin([step])).toBeNull();
      minutes += 20;
    }
    expect(run("healthy")).toBe("BREAKER_OPEN");
  });

  test("what cannot be told after the cure is not cured", () => {
    run("unknown");
    expect(kept()).toMatchObject({ state: { attempts: [{ outcome: "failed" }] } });
  });

  test("a damaged state is reported, kept as it is, and nothing is done", () => {
    mkdirSync(stateDir);
    writeFileSync(join(stateDir, "brakes.json"), "{ half");
    expect(run("healthy")).toBe("STATE_UNUSABLE");
    expect(readFileSync(join(stateDir, "brakes.json"), "utf8")).toBe("{ half");
  });

  test("an attempt that cannot be written down is not made", () => {
    writeFileSync(stateDir, "a file where the folder should be");
    const guard = brakes();
    expect([guard.rule(look("problem")).stop?.code, guard.begin([step])?.code]).toContain("STATE_UNUSABLE");
  });

  test("a run by hand reserves nothing", () => {
    const guard = brakes({ unattended: false, trigger: "hand" });
    expect(guard.rule(look("problem")).stop).toBeNull();
    expect(guard.begin([step])).toBeNull();
    guard.end(look("healthy"));
    expect(kept()).toEqual({ state: { attempts: [], breaker: null } });
  });

  test("a pause stops both, and a person may act all the same", () => {
    new Store(stateDir).keepPause({ since: moment(59), until: null, why: "new disk" });
    expect(run("healthy")).toBe("PAUSED");
    const hand = { unattended: false, trigger: "hand" } as const;
    expect(brakes(hand).rule(look("problem")).stop?.code).toBe("PAUSED");
    expect(brakes(hand, true).rule(look("problem")).stop).toBeNull();
    new Store(stateDir).clear();
    expect(run("healthy")).toBe("done");
  });
});

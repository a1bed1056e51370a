import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseUnits, stoppedBy, timespanUs, type Unit } from "../../../src/facts/unit.ts";

const recorded = (name: string): Map<string, Unit> => {
  const units = parseUnits(readFileSync(new URL(`../../fixtures/services/${name}.show`, import.meta.url), "utf8"));
  return new Map(units.map((unit) => [unit.name, unit]));
};

describe("a healthy host", () => {
  const units = recorded("healthy");

  test("tells each unit", () => {
    expect([...units.keys()]).toEqual(["containerd-dev.service", "containerd.service", "flintlockd.service"]);
    expect(units.get("flintlockd.service")).toMatchObject({
      loadState: "loaded",
      activeState: "active",
      subState: "running",
      unitFileState: "enabled",
      result: "success",
      killMode: "process",
      restart: "always",
      restartUs: 5e6,
      user: "root",
      needDaemonReload: false,
      jobPending: false,
      conditionMet: true,
      fragmentPath: "/etc/systemd/system/flintlockd.service",
      execStart: [{ path: "/usr/local/bin/flintlockd", argv: ["/usr/local/bin/flintlockd", "run"] }],
    });
    expect(units.get("flintlockd.service")?.requires).toContain("containerd-dev.service");
  });

  test("tells each ExecStartPre and how it ended", () => {
    expect(units.get("flintlockd.service")?.execStartPre).toEqual([
      { path: "which", argv: ["which", "firecracker"], mayFail: false, code: "exited", status: 0 },
      { path: "which", argv: ["which", "flintlockd"], mayFail: false, code: "exited", status: 0 },
    ]);
  });

  test("a unit that was never started has no unmet condition", () => {
    expect(units.get("containerd.service")).toMatchObject({ activeState: "inactive", conditionMet: true, invocationId: "" });
  });
});

test.each([
  ["crash-loop-neither", { activeState: "activating", subState: "auto-restart", result: "exit-code", execMainStatus: 1, mainPid: 0 }],
  ["flintlockd-masked", { loadState: "masked", loadError: "Unit flintlockd.service is masked.", activeState: "inactive" }],
  ["flintlockd-masked-running", { loadState: "masked", activeState: "active", killMode: "control-group", execStartPre: [] }],
  ["flintlockd-not-found", { loadState: "not-found", loadError: "Unit flintlockd.service not found.", unitFileState: "", fragmentPath: "" }],
  ["flintlockd-disabled", { unitFileState: "disabled", activeState: "inactive", execMainCode: 2, execMainStatus: 15, result: "success" }],
])("%s", (name, expected) => {
  expect(recorded(name).get("flintlockd.service")).toMatchObject(expected);
});

describe("values that are not plain", () => {
  test("a command with equals signs, the marks of systemctl's own form, and line breaks", () => {
    const text =
      "MainPID=7\nExecStart={ path=/bin/sh ; argv[]=/bin/sh -c a=b ; ignore_errors=maybe ; x\n\nActiveState=failed ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=killed ; status=9/KILL }\nId=a.service\nActiveState=active\n\nId=b.service\n";
    const [first, second, more] = parseUnits(text);
    expect(more).toBeUndefined();
    expect(first).toMatchObject({ name: "a.service", mainPid: 7 });
    expect(second?.name).toBe("b.service");
  });

  test("drop-ins, several environment files, a job", () => {
    const [unit] = parseUnits(
      "Id=a\nDropInPaths=/etc/a.conf /run/b.conf\nEnvironmentFiles=/etc/default/a (ignore_errors=yes)\nEnvironmentFiles=/etc/b (ignore_errors=no)\nJob=1234\nConditionResult=no\nConditionTimestampMonotonic=5\nEnvironment=A=b C=d\n",
    );
    expect(unit).toMatchObject({
      dropInPaths: ["/etc/a.conf", "/run/b.conf"],
      environmentFiles: ["/etc/default/a", "/etc/b"],
      jobPending: true,
      conditionMet: false,
      environment: ["A=b", "C=d"],
    });
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(Array.isArray(parseUnits(text))).toBe(true)));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom("Id=a", "", "ExecStart={ path=x ; argv[]=", "MainPID=1e9", "Job=", "ExecStart={ path= ; argv[]= ; ignore_errors= }"),
            fc.string(),
          ),
        ),
        (lines) => expect(Array.isArray(parseUnits(lines.join("\n")))).toBe(true),
      ),
    );
  });
});

test.each([
  ["5s", 5e6],
  ["1min 30s", 90e6],
  ["100ms", 1e5],
  ["infinity", Infinity],
  ["0", 0],
  ["", 0],
])("timespan %s", (text, us) => {
  expect(timespanUs(text)).toBe(us);
});

describe("who stopped a unit", () => {
  const [some] = recorded("healthy").values();
  const stopped = { activeState: "inactive", jobPending: false, activeEnterUs: 100, activeExitUs: 200 };
  const ours = (us: number): Map<string, number> => new Map([["x.service", us]]);

  test.each<[string, Partial<Unit>, ReadonlyMap<string, number>, ReturnType<typeof stoppedBy>]>([
    ["it runs", { activeState: "active" }, ours(150), null],
    ["it was not started in this boot", { activeEnterUs: 0, activeExitUs: 0 }, ours(0), null],
    ["nobody of this tool", {}, new Map(), "a-person"],
    ["this tool, in a run that was killed", {}, ours(150), "this-tool"],
    ["this tool, but a person started and stopped it since", {}, ours(50), "a-person"],
    ["this tool, and its stop failed", { activeState: "failed" }, ours(150), "this-tool"],
    ["it failed", { activeState: "failed" }, new Map(), null],
    ["it is about to be started", { jobPending: true }, new Map(), null],
  ])("%s", (_name, changes, map, expected) => {
    if (!some) throw new Error("no unit was recorded");
    expect(stoppedBy({ ...some, name: "x.service", ...stopped, ...changes }, map)).toBe(expected);
  });
});

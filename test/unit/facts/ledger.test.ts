import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { lastSuccessUs, parseLedger, restartedForMicrovms, stoppedByUs, type LedgerLine } from "../../../src/facts/ledger.ts";

const base = { at: "2026-11-23T15:48:46.120Z", bootId: "b1", monotonicUs: 1, run: "r1" };
const command = (argv: string[], status?: number): LedgerLine => ({ ...base, event: "command", argv, ...(status === undefined ? {} : { status }) });
const stop = ["systemctl", "stop", "flintlockd.service"];
const start = ["systemctl", "start", "flintlockd.service"];

describe("the ledger", () => {
  test.each<[string, LedgerLine[], string[]]>([
    ["nothing was stopped", [], []],
    ["stopped, and the run was killed", [command(stop), command(stop, 0)], ["flintlockd.service"]],
    ["killed in the middle of the stop", [command(stop)], ["flintlockd.service"]],
    ["stopped and started", [command(stop), command(stop, 0), command(start), command(start, 0)], []],
    ["killed in the middle of the start", [command(stop, 0), command(start)], ["flintlockd.service"]],
    ["the start failed", [command(stop, 0), command(start, 1)], ["flintlockd.service"]],
    ["restarted", [command(stop, 0), command(["systemctl", "restart", "flintlockd.service"], 0)], []],
    ["of another boot", [{ ...command(stop, 0), bootId: "b0" }], []],
    ["another command with the same words", [command(["echo", "stop", "flintlockd.service"], 0)], []],
  ])("units that a run left stopped: %s", (_name, lines, expected) => {
    expect([...stoppedByUs(lines, "b1").keys()]).toEqual(expected);
  });

  test("the last success counts only of this boot", () => {
    const ends = (bootId: string, monotonicUs: number, exitCode: number): LedgerLine => ({ ...base, bootId, monotonicUs, event: "run-ends", exitCode });
    expect(lastSuccessUs([ends("b1", 5, 0), ends("b1", 9, 3), ends("b0", 20, 0)], "b1")).toBe(5);
    expect(lastSuccessUs([ends("b1", 9, 3)], "b1")).toBeNull();
    expect(lastSuccessUs([{ ...ends("b1", 9, 0), partial: true }], "b1")).toBeNull();
  });

  test.each<[string, Partial<LedgerLine>, { us: number; microvms: string[] | null } | null]>([
    ["for one MicroVM", { because: ["microvm-not-started"], microvms: ["ns1/a/U"] }, { us: 9, microvms: ["ns1/a/U"] }],
    ["for all", { because: ["thinpool-missing", "microvm-not-started"] }, { us: 9, microvms: null }],
    ["for something else", { because: ["thinpool-missing"] }, null],
    ["of another boot", { because: ["microvm-not-started"], bootId: "b0" }, null],
  ])("the last restart of flintlockd for MicroVMs: %s", (_name, begins, expected) => {
    const step = "restart-flintlockd";
    const ends = { ...base, bootId: begins.bootId ?? "b1", event: "step-ends" as const, step, outcome: "done", monotonicUs: 9 };
    expect(restartedForMicrovms([{ ...base, event: "step-begins", step, ...begins }, ends], "b1")).toEqual(expected);
    expect(
      restartedForMicrovms(
        [
          { ...base, event: "step-begins", step, ...begins },
          { ...ends, outcome: "failed" },
        ],
        "b1",
      ),
    ).toBeNull();
  });

  test("a half line of a power cut spoils itself alone", () => {
    const text = `${JSON.stringify(command(stop, 0))}\n{"at":"2026-1\n\n${JSON.stringify(command(start, 0))}`;
    expect(parseLedger(text)).toMatchObject({ damaged: 1, lines: [{ argv: stop }, { argv: start }] });
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.jsonValue()).map((values) => values.map((value) => JSON.stringify(value)).join("\n")),
        ),
        (text) => parseLedger(text).damaged >= 0,
      ),
    );
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isHypervisorOf, isPassing, parseCmdline, parsePid, parseStat } from "../../../src/facts/process.ts";

describe("processes", () => {
  test.each([
    [
      "5696 (cron) S 1 5696 5696 0 -1 4194560 216 0 2 0 1 1 0 0 20 0 1 0 921 6959104 608 18446744073709551615 1 1 0 0 0 0 0 0 65537 0 0 0 17 1 0 0 0 0 0",
      { state: "S", parent: 1, startTicks: 921 },
    ],
    ["1 (a) b) (S) Z 1 1 1 0 -1 1 1 1 1 1 1 1 1 1 1 1 1 1 77 1 1", { state: "Z", parent: 1, startTicks: 77 }],
    ["1 (x", null],
    ["", null],
  ])("stat %#", (text, expected) => expect(parseStat(text)).toEqual(expected));

  const own = { uid: "01M87PFJXRRW02WDHE4H45FEA6", folder: "/var/lib/flintlock/vm/ns1/a/01M87PFJXRRW02WDHE4H45FEA6" };
  test.each<[string[], boolean]>([
    [["firecracker", "--id", own.uid, "--boot-timer"], true],
    [["firecracker", `--id=${own.uid}`], true],
    [["/bin/sh", "/usr/local/bin/wrapper", "--id", own.uid], true],
    [["cloud-hypervisor-static", "--api-socket", `${own.folder}/cloudhypervisor.sock`, "-v"], true],
    [["cloud-hypervisor", "--api-socket", `path=${own.folder}/cloudhypervisor.sock`], true],
    [["firecracker", "--id", "01M87PFRFDF3M4MCK4CFA640KT"], false],
    [["less", `${own.folder}/firecracker.log`], false],
    [["grep", own.uid], false],
    [["--id"], false],
    [[], false],
  ])("%j", (argv, expected) => expect(isHypervisorOf(argv, own)).toBe(expected));

  test.each([
    ["5696", 5696],
    [" 12\n", 12],
    ["+7", 7],
    ["0", null],
    ["-1", null],
    ["", null],
    ["12 13", null],
    ["1e3", null],
    ["99999999999", null],
    ["\u0661", null],
  ])("pid file %j", (text, expected) => expect(parsePid(text)).toBe(expected));

  test.each<[string, number, number, number, boolean]>([
    ["a daemon of long ago", 77, 1, 900, false],
    ["the look itself", 500, 1, 900, true],
    ["what the look started", 77, 500, 900, true],
    ["what came with the look", 77, 1, 99_950, true],
    ["on a host that slept, where ticks go on while it does", 77, 1, 900_000, false],
  ])("passing: %s", (_name, pid, parent, startTicks, expected) =>
    expect(isPassing(pid, { parent, startTicks }, { pid: 500, monotonicUs: 1000e6 })).toBe(expected),
  );

  test("cmdline", () => {
    expect(parseCmdline("a\0b c\0\0")).toEqual(["a", "b c", ""]);
    expect(parseCmdline("")).toEqual([]);
  });

  test("no text makes them throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseStat(text);
        parseCmdline(text);
        parsePid(text);
      }),
    );
  });
});

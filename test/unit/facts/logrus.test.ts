import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseLogLine, unquoted, type LogLine } from "../../../src/facts/logrus.ts";

describe("a line of logrus", () => {
  test.each<[string, Partial<LogLine>]>([
    ['time="2026-11-24T21:18:52Z" level=error msg="failed executing plan" controller=microvm', { level: "error", msg: "failed executing plan" }],
    ["time=x level=warning msg=word", { level: "warning", msg: "word" }],
    ['level=fatal msg="a \\"b\\" c\\\\"', { level: "error", msg: 'a "b" c\\' }],
    [
      'time="x" level=error msg="error from containerd event service" controller=microvm error="rpc error: code = Unavailable"',
      { msg: "error from containerd event service", error: "rpc error: code = Unavailable" },
    ],
    [
      'time="x" level=warning msg="failed to load plugin" error="no pool" id=io.containerd.snapshotter.v1.devmapper type=x',
      { level: "warning", error: "no pool", id: "io.containerd.snapshotter.v1.devmapper" },
    ],
    // A forged field inside a quoted one, and one behind those that count
    ['time="x" level=info msg="a" vmid="x\\" level=error msg=\\"b"', { level: "info", msg: "a", error: null }],
    ['time="x" level=info msg="a" zz="y" error="b"', { level: "info", msg: "a", error: null }],
    ['time="x" level=info msg="cut off in the mid', { level: "info", msg: "cut off in the mid" }],
    ['{"level":"error","msg":"a \\u001b b","time":"x","error":"e"}', { level: "error", msg: "a \u001b b", error: "e" }],
    ['{"level":"error","msg":7}', { level: "none", msg: '{"level":"error","msg":7}' }],
    ["{broken", { level: "none", msg: "{broken" }],
    ["Error: you must supply", { level: "none", msg: "Error: you must supply" }],
    ["time=", { level: "none", msg: "time=" }],
    ["", { level: "none", msg: "" }],
  ])("%j", (line, expected) => expect(parseLogLine(line)).toMatchObject(expected));

  test.each([
    ["a\\nb\\tc", "a\nb\tc"],
    ["\\x1b\\u202e\\U0001f600", "\u001b\u202e\u{1f600}"],
    ["\\Uffffffff", "\uFFFD"],
    ["\\q\\", "q\\"],
  ])("unquoted %j", (text, expected) => expect(unquoted(text)).toBe(expected));

  test("whatever a message is, quoted as Go quotes it, it comes back whole and its level with it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.constantFrom("info", "error"), (text, level) => {
        const line = `time="x" level=${level} msg=${JSON.stringify(text)} vmid=${JSON.stringify(`" level=fatal msg="${text}`)}`;
        expect(parseLogLine(line)).toMatchObject({ level, msg: text, error: null });
      }),
    );
  });
});

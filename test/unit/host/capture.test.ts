import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FixError } from "../../../src/errors.ts";
import { captureText, CapturedHost, emptyCapture, parseCapture, recording } from "../../../src/host/capture.ts";
import { absent, known, unknown, type Inspector, type Question } from "../../../src/host/inspector.ts";

const file = { text: "bridge-name: br0\nbasic-auth-token: s3cret\n", utf8: true, sha256: "00", mode: 0o600, uid: 0, gid: 0, size: 40, mtimeMs: 1 };

const answers = new Map<string, unknown>([
  ["/etc/a", known(file, "2026-11-23T15:48:46.120Z")],
  ["/etc/b", absent("/etc/b does not exist")],
  ["/etc/c", unknown("/etc/c cannot be read")],
]);

const host: Inspector = { ask: (question) => Promise.resolve(answers.get("path" in question ? question.path : "") as never) };

async function captured(mask = (text: string): string => text): Promise<string> {
  const recorder = recording(host, mask);
  for (const path of answers.keys()) await recorder.ask({ ask: "file", path });
  return captureText({ ...emptyCapture("1.0.0", "2026-11-23T15:48:46.120Z"), answers: recorder.capture() });
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof FixError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
};

describe("a capture", () => {
  test("gives back what was answered", async () => {
    const replay = new CapturedHost(parseCapture(await captured(), "a.json"));
    for (const [path, answer] of answers) expect(await replay.ask({ ask: "file", path })).toEqual(answer);
  });

  test("knows nothing of what was not asked", async () => {
    const replay = new CapturedHost(parseCapture(await captured(), "a.json"));
    expect(await replay.ask({ ask: "file", path: "/etc/d" })).toMatchObject({ kind: "unknown" });
  });

  test("keeps no text that the mask takes away", async () => {
    const text = await captured((value) => value.replaceAll("s3cret", "********"));
    expect(text).not.toContain("s3cret");
    expect(text).toContain("br0");
  });

  test("can be read by a person: a text is a list of lines", async () => {
    expect(await captured()).toContain('"bridge-name: br0",');
  });

  test("limits of time and size are not part of a question", async () => {
    const answer = known({ status: 0, signal: null, stdout: "x", stderr: "", truncated: false }, "");
    const recorder = recording({ ask: () => Promise.resolve(answer as never) }, (text) => text);
    await recorder.ask({ ask: "command", argv: ["ls"], timeoutMs: 5 });
    const replay = new CapturedHost({ ...emptyCapture("", ""), answers: recorder.capture() });
    expect(await replay.ask({ ask: "command", argv: ["ls"], timeoutMs: 9, maxBytes: 1 })).toEqual(answer);
  });

  const valid = '{"schema":"flintlock-fix/capture/v1","answers":[{"ask":{"ask":"file","path":"/a"},"answer":{"kind":"absent","why":""}}]}';
  test.each([
    ["no JSON", "{", /a\.json:1:2: not a capture, or a damaged one/],
    ["cut off", valid.slice(0, 60), /a\.json:1:61/],
    ["hand-edited, a comma too many", valid.replace('"answers":[', '\n"answers":[,'), /a\.json:2:12/],
    ["a list", "[]", /top level/],
    ["another schema", '{"schema":"x","answers":[]}', /schema: is "x"/],
    ["no answers", '{"schema":"flintlock-fix/capture/v1"}', /answers: not a list/],
    ["an odd question", valid.replace('"file"', '"exec"'), /answers\[0\]\.ask\.ask: unknown question "exec"/],
    ["an odd answer", valid.replace('"absent"', '"maybe"'), /answers\[0\]\.answer\.kind/],
    ["a value of another shape", valid.replace('{"kind":"absent","why":""}', '{"kind":"known","value":{"text":1}}'), /answers\[0\]\.answer\.value/],
    [
      "a time that is none",
      '{"schema":"flintlock-fix/capture/v1","answers":[{"ask":{"ask":"clock"},"answer":{"kind":"known","value":{"nowMs":1e300,"monotonicUs":1,"bootId":"","hostName":"","kernel":"","uid":0}}}]}',
      /answers\[0\]\.answer\.value: is not what clock answers/,
    ],
    ["argv that is none", valid.replace('{"ask":"file","path":"/a"}', '{"ask":"command","argv":"rm -rf /"}'), /answers\[0\]\.ask\.argv/],
  ])("damaged: %s", (_name, text, expected) => {
    expect(codeOf(() => parseCapture(text, "a.json"))).toMatch(expected);
  });

  test("any JSON is a capture or a BAD_CAPTURE", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(codeOf(() => parseCapture(JSON.stringify(value), "a.json"))).toMatch(/^BAD_CAPTURE: /);
      }),
    );
  });

  test("a hand-edited answer is a capture or a BAD_CAPTURE", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom<Question["ask"]>("file", "directory", "status", "link", "space", "blank", "command", "clock"),
        (value, ask) => {
          const text = JSON.stringify({
            schema: "flintlock-fix/capture/v1",
            answers: [{ ask: { ask, path: "/a", argv: ["a"] }, answer: { kind: "known", value } }],
          });
          expect(codeOf(() => parseCapture(text, "a.json"))).toMatch(/^(BAD_CAPTURE: |no error$)/);
        },
      ),
    );
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { catalogue } from "../../src/catalogue.generated.ts";
import { testLog } from "../../src/explain-test.ts";
import { signaturesOf } from "../../src/run.ts";

const signatures = signaturesOf(catalogue);
const folder = new URL("../corpus/", import.meta.url);
const names = readdirSync(folder).filter((name) => !name.endsWith(".expected"));

/** `LINE FINDING MICROVM` for each match, then `LINE near FINDING` for each near miss. */
function told(name: string): string {
  const { lines, matches, nearMisses } = testLog(readFileSync(new URL(name, folder)), signatures, name);
  return [
    `${lines} lines`,
    ...matches.map(({ line, finding, microvm }) => `${line} ${finding} ${microvm === null ? "-" : JSON.stringify(microvm)}`),
    ...nearMisses.map(({ line, finding }) => `${line} near ${finding ?? "-"}`),
    "",
  ].join("\n");
}

describe("the corpus: real lines and such that look alike", () => {
  test("each file has what is expected of it, and is there", () => {
    expect(readdirSync(folder).flatMap((name) => (name.endsWith(".expected") ? [name.slice(0, -".expected".length)] : []))).toEqual(names);
    expect(names.length).toBeGreaterThan(15);
  });

  test.each(names)("%s", (name) => expect(told(name)).toBe(readFileSync(new URL(`${name}.expected`, folder), "utf8")));
});

describe("explain --test", () => {
  test("an entry of several lines is found behind a brace that begins none", () => {
    const entry =
      '{\n\t"_SYSTEMD_UNIT": "flintlockd.service",\n\t"_TRANSPORT": "stdout",\n\t"MESSAGE": "microvm reconciliation for a/b/C failed 11 times"\n}\n';
    expect(testLog(Buffer.from(`{\n${entry}{\n"x": [\n${entry}`), signatures, "x")).toMatchObject({
      lines: 13,
      matches: [
        { line: 2, finding: "microvm-gave-up", microvm: "a/b/C" },
        { line: 9, finding: "microvm-gave-up", microvm: "a/b/C" },
      ],
    });
  });

  test("a damaged gzip is an error with the file's name", () =>
    expect(() => testLog(Uint8Array.from([0x1f, 0x8b, 1, 2, 3]), signatures, "x.gz")).toThrow(/x\.gz.*damaged/));

  test("no bytes make it throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void testLog(bytes[0] === 0x1f ? Uint8Array.from([]) : bytes, signatures, "x")));
    const piece = fc.constantFrom(
      "time=",
      '"',
      "\\",
      "level=error ",
      "msg=",
      "{",
      "}",
      "\n",
      "failed to reconcile vmid ",
      "a/b/c: ",
      "executing step ",
      "__CURSOR=x\n",
      "MESSAGE\n",
      "\0\0\0\0\0\0\0\0",
      "=",
      " ",
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void testLog(Buffer.from(pieces.join("")), signatures, "x")));
  });

  test.each(["x", "{", 'level=error msg="x"', 'time="x', '{"MESSAGE":"x"}', "Nov 24 21:18:52 h x: y"])(
    "half a million lines of %j take no long time",
    (line) => {
      // Each looked for a word in all that came after it, once.
      expect(testLog(Buffer.from(`${line}\n`.repeat(500_000)), [], "x").lines).toBe(500_000);
    },
  );

  test.each([
    '"',
    "\\",
    "a",
    "failed to load plugin ",
    "failed to reconcile vmid a/",
    '\\"',
    "mount images ",
    "image x ",
    "creating interface ",
    '"a b" ',
    "{",
    "Nov 24 21:18:52 ",
    "[1.1] ",
  ])("10 MB of %j take no long time", (piece) => {
    const text = `time="2026-11-24T21:18:52Z" level=error msg="${piece.repeat(Math.ceil(10_000_000 / piece.length))}\n`;
    expect(testLog(Buffer.from(text), signatures, "x").lines).toBe(1);
    expect(testLog(Buffer.from(piece.repeat(Math.ceil(10_000_000 / piece.length))), signatures, "x").lines).toBe(1);
  });
});

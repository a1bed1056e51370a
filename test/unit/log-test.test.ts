import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { catalogue } from "../../src/catalogue.generated.ts";
import { testLog } from "../../src/log-test.ts";
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

describe("what stands before a message", () => {
  const message = 'time="2026-11-24T21:18:52Z" level=error msg="microvm reconciliation for ns1/a/01M87PFJXRRW02WDHE4H45FEA6 failed 11 times" action=reconcile';
  const found = (line: string): unknown => testLog(Buffer.from(`x\n${line}\n`), signatures, "x").matches;
  const from = (name: string): string[] => [
    `Nov 24 21:18:52 flhost ${name}[1]: `,
    `Nov  4 2026 21:18:52 flhost ${name}[1]: `,
    `Nov 24 21:18:52.123456 flhost ${name}[1]: `,
    `2026-11-24T21:18:52+0000 flhost ${name}[1]: `,
    `2026-11-24T21:18:52.123456+01:00 flhost ${name}[1]: `,
    `2026-11-24T21:18:52Z flhost ${name}: `,
    `2026-11-24 21:18:52 flhost ${name}[1]: `,
    `2026-11-24 21:18:52,123 ${name}[1]: `,
    `Tue 2026-11-24 21:18:52 UTC flhost ${name}[1]: `,
    `Tue 2026-11-24 21:18:52.123456 +0530 flhost ${name}.service[1]: `,
    `[   13.819990] flhost ${name}[1]: `,
    `[   13.819990 <    0.000000 >] flhost ${name}[1]: `,
    `1795555132.899615 flhost ${name}[1]: `,
    `<27>Nov 24 21:18:52 flhost ${name}[1]: `,
    `<27>1 2026-11-24T21:18:52.1Z flhost ${name} 1 - - `,
  ];

  test.each([...from("flintlockd"), "", "flintlockd-1  | ", "2026-11-24T21:18:52.123456789Z stderr F "])("%j", (prefix) =>
    expect(found(prefix + message)).toEqual([{ line: 2, finding: "microvm-gave-up", microvm: "ns1/a/01M87PFJXRRW02WDHE4H45FEA6" }]),
  );

  test.each([...from("sshd"), ...from("containerd")])("not its own: %j", (prefix) => expect(found(prefix + message)).toEqual([]));

  test.each([
    ["Docker's json-file", JSON.stringify({ log: `${message}\n`, stream: "stderr", time: "2026-11-24T21:18:52.1Z" })],
    ["bytes for a text", JSON.stringify({ _SYSTEMD_UNIT: "flintlockd.service", _TRANSPORT: "stdout", MESSAGE: [...Buffer.from(message)] })],
    [
      "logrus JSON in an entry",
      JSON.stringify({
        _SYSTEMD_UNIT: "flintlockd.service",
        _TRANSPORT: "stdout",
        MESSAGE: JSON.stringify({ level: "error", msg: "microvm reconciliation for ns1/a/01M87PFJXRRW02WDHE4H45FEA6 failed 11 times" }),
      }),
    ],
    ["a carriage return", `${message}\r`],
  ])("%s", (_name, line) => expect(found(line)).toHaveLength(1));

  test("two members of gzip are one file; an empty one has no lines", () => {
    const member = gzipSync(`${message}\n`);
    expect(testLog(Buffer.concat([member, member]), signatures, "x")).toMatchObject({ lines: 2, matches: [{ line: 1 }, { line: 2 }] });
    expect(testLog(new Uint8Array(), signatures, "x")).toEqual({ lines: 0, matches: [], nearMisses: [] });
    expect(() => testLog(member.subarray(0, -9), signatures, "x.gz")).toThrow(/x\.gz.*damaged/);
  });
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

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readSource } from "../../../src/spec/source.ts";

describe("places", () => {
  test("are the same however many are asked for", () => {
    const texts = fc.string({ unit: fc.constantFrom("\n", "\r\n", "a", "é", "😀"), maxLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom("", "\uFEFF"), texts, fc.nat(60), (mark, rest, far) => {
        const text = mark + rest;
        const offset = Math.min(far, text.length);
        const before = text.slice(0, offset).split("\n");
        const expected = { line: before.length, column: Math.max((before.at(-1) ?? "").replace("\uFEFF", "").length + 1, 1) };
        const { position } = readSource("a.yaml", text);
        expect(Array.from({ length: 6 }, () => position(offset))).toEqual(Array.from({ length: 6 }, () => expected));
      }),
    );
  });
});

describe("the language of a text", () => {
  test.each([
    ["a.json", "[]", "json"],
    ["a.jsonc", "// c\n{}", "json"],
    ["a.yaml", "{}", "yaml"],
    ["a.yml", "a: 1", "yaml"],
    ["-", '{"a": 1}', "json"],
    ["-", "// c\n{}", "json"],
    ["-", '"interfaces": [],\n...', "json"],
    ["-", "{a: 1}", "yaml"],
    ["-", "kind: List", "yaml"],
    ["spec.txt", "---\na: 1", "yaml"],
  ])("of %s that says %j is %s", (name, text, form) => {
    expect(readSource(name, text)).toMatchObject({ form, problem: null });
  });

  test.each([
    ["a.json", "{a: 1}", "syntax"],
    ["a.yaml", "a: [1", "syntax"],
    ["a.yaml", "a: {{ .b }}\n{{ .c }} d\n", "template"],
    ["a.json", '{"a": ${A} ${B}}', "template"],
    ["a.yaml", "[".repeat(20_000), "syntax"],
    ["a.json", "[".repeat(20_000), "syntax"],
  ])("%s that says %.20j cannot be read: %s", (name, text, kind) => {
    expect(readSource(name, text).problem).toMatchObject({ kind });
  });
});

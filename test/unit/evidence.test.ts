import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { evidence, oneLine, printable, refOf } from "../../src/evidence.ts";

describe("what others wrote", () => {
  test.each([
    ["\u001b[2J\u0007", "\\u{1b}[2J\\u{7}"],
    ["a\tb\r\nc", "a b\\u{d}\nc"],
    ["\u202eexe.txt\u2066", "\\u{202e}exe.txt\\u{2066}"],
    ["a\u200b\u00ad\ufeffb", "a\\u{200b}\\u{ad}\\u{feff}b"],
    ["\u009b31m", "\\u{9b}31m"],
    ["\ud800x", "\\u{d800}x"],
    ["\u{e0041}", "\\u{e0041}"],
    ["ä 日本 😀", "ä 日本 😀"],
    ["", ""],
  ])("%j", (text, expected) => expect(printable(text)).toBe(expected));

  test("is cut, with a mark, and an emoji is not left in halves", () => {
    expect(printable("x".repeat(100), 10)).toBe(`${"x".repeat(10)}…`);
    expect(printable("😀😀", 3)).toBe("😀\\u{d83d}…");
  });

  test("on one line", () => expect(oneLine(" a\nb ")).toBe("a\\nb"));

  test("never holds a control, whatever it was, and making it printable again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const shown = printable(text);

        expect(shown).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u200B-\u200F]/);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });

  test("evidence is masked before it is cut: half a secret is one too", () => {
    const made = evidence({ source: "file", ref: "/a\u001b", at: "", excerpt: `${"x ".repeat(295)}token=${"s".repeat(100)}` });
    expect(made).toMatchObject({ ref: "/a\\u{1b}", at: null });
    expect(made.excerpt).not.toContain("sss");
  });

  test("argv", () => expect(refOf(["ctr", "content", "ls"])).toBe("ctr content ls"));
});

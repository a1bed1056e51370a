import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fold } from "../../../src/views/fold.ts";

describe("folding", () => {
  test.each([
    ["one two three", 9, "  ", "one two\n  three"],
    ["  one two", 6, "    ", "  one\n    two"],
    ["unbreakableword", 5, " ", "unbreakableword"],
    ["\u001B[31mred\u001B[39m two", 7, "", "\u001B[31mred\u001B[39m two"],
    ["any length at all", 0, "", "any length at all"],
  ])("%j to %d columns", (line, width, indent, expected) => {
    expect(fold(line, width, indent)).toBe(expected);
  });

  test("no word is lost, and no line of several words is too long", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 40 }), (list, width) => {
        const lines = fold(list.join(" "), width, "  ").split("\n");
        expect(lines.flatMap((line) => line.split(" ").filter((word) => word !== ""))).toEqual(list);
        for (const line of lines) if (line.trim().includes(" ")) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

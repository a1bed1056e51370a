import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { catalogue } from "../../../src/catalogue.generated.ts";
import { literalOf } from "../../../src/facts/literal.ts";
import { signaturesOf } from "../../../src/run.ts";

const patterns = signaturesOf(catalogue).map(({ signature }) => new RegExp(signature.pattern.source, signature.pattern.flags.replace(/[gy]/g, "")));

describe("the letters that a pattern cannot fit without", () => {
  test.each([
    [/failed to load plugin/i, "failed to load plugin"],
    [/^Creating x?interface (?!fltap)[a-z]+ using netlink: (?:operation|device) not/i, " using netlink"],
    [/abc|def/, ""],
    [/ab+cdef/, "cdef"],
    [/abcd{0,3}e/, "abc"],
    [/(?:abcdef)?gh/, "gh"],
    [/[abc\]def]gh/, "gh"],
    [/a\bcd/, "cd"],
    [/straße/iu, ""],
  ])("%s: %j", (pattern, literal) => {
    expect(literalOf(pattern)).toBe(literal);
  });

  test("nearly every signature has some", () => {
    expect(patterns.filter((pattern) => literalOf(pattern).length >= 4).length / patterns.length).toBeGreaterThan(0.8);
  });

  test("whatever a signature fits holds them", () => {
    const lines = readdirSync("test/corpus").flatMap((name) => readFileSync(`test/corpus/${name}`, "latin1").split("\n"));
    let fitting = 0;
    for (const pattern of patterns)
      for (const line of lines)
        if (pattern.test(line)) {
          fitting += 1;
          expect(line.toLowerCase()).toContain(literalOf(pattern));
        }
    expect(fitting).toBeGreaterThan(10);
  });

  test("of any pattern", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      " ",
      "A",
      "a?",
      "b*",
      "a+",
      "a{0,2}",
      "b{2}",
      "(?:a|b)",
      "(?!a)",
      "[ab]",
      "[^a]",
      "\\b",
      "\\s",
      ".",
      "|",
      "(a)?",
      "^",
      "$",
      "\\]",
      "[\\]a]",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.stringMatching(/^[aAb c\]]{0,8}$/), fc.constantFrom("", "i", "s"), (pieces, text, flags) => {
        let pattern: RegExp;
        try {
          pattern = new RegExp(pieces.join(""), flags);
        } catch {
          return;
        }
        if (pattern.test(text)) expect(text.toLowerCase()).toContain(literalOf(pattern));
      }),
      { numRuns: 5_000 },
    );
  });
});

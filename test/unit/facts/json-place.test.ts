import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { jsonFault } from "../../../src/facts/json-place.ts";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("where a text stops being JSON", () => {
  test.each<[string, number, number, RegExp]>([
    ["", 1, 1, /a value/],
    ["{", 1, 2, /a name or }/],
    ['{\n "a": 1\n "b": 2\n}', 3, 2, /a comma or }/],
    ['{"a": tru}', 1, 7, /a value/],
    ['{"a": [1, 2,]}', 1, 13, /a value/],
    ['{"a": 1,}', 1, 9, /a name/],
    ['{"a" 1}', 1, 6, /a colon/],
    ["[1]\n\n x", 3, 2, /the end/],
    ['["a\nb"]', 1, 4, /no control character/],
    ['["a\\x"]', 1, 4, /an escape/],
    ['{"a": "cut of', 1, 14, /the end of a text/],
    ["[01]", 1, 3, /a comma or ]/],
    ["\uFEFF{}", 1, 1, /a value/],
  ])("%j", (text, line, column, expected) => {
    expect(isJson(text)).toBe(false);
    expect(jsonFault(text)).toEqual({ line, column, expected: expect.stringMatching(expected) });
  });

  test("agrees with the platform on what JSON is, also where it is damaged", () => {
    const spaces = fc.constantFrom("", " ", "\n", "\t");
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(),
        fc.constantFrom("", ",", '"', "}", "]", "{", "[", ":", "\\", "0", "-", "e", ".", "\u0000", "\n"),
        spaces,
        (value, where, put, space) => {
          const text = JSON.stringify(value, null, space);
          const at = where % (text.length + 1);
          for (const damaged of [text, text.slice(0, at) + put + text.slice(at), text.slice(0, at) + text.slice(at + 1)])
            expect(jsonFault(damaged) === null).toBe(isJson(damaged));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each(["[", "{", '{"a":', '"', "\\", '"a",', "1", "-", "\n", " "])("long runs of %j take no long time", (piece) => {
    expect(() => jsonFault(`[${piece.repeat(2_000_000 / piece.length)}`)).not.toThrow();
  });
});

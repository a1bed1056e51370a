import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { saying, type Tree } from "../../../src/facts/tree.ts";
import { parseJson } from "../../../src/spec/json.ts";
import { strictTree } from "../../../src/spec/json-strict.ts";

function plain(tree: Tree | null): unknown {
  if (tree === null) return undefined;
  if (tree.kind === "scalar") return tree.value;
  return tree.kind === "list" ? tree.items.map(plain) : Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
}

/** Every value's own text parses to it. */
function placed(tree: Tree, text: string): void {
  expect(JSON.parse(text.slice(tree.start, tree.end))).toEqual(plain(tree));
  if (tree.kind === "list") tree.items.forEach((item) => placed(item, text));
  if (tree.kind === "map")
    for (const { key, keyStart, keyEnd, value } of tree.entries) {
      expect(JSON.parse(text.slice(keyStart, keyEnd))).toBe(key);
      placed(value, text);
    }
}

const json = fc
  .json({ maxDepth: 4, noUnicodeString: false })
  .map((text) => JSON.stringify(JSON.parse(text.replaceAll('"__proto__"', '"proto"')) as unknown, null, (text.length % 3) * 2));

describe("strict JSON", () => {
  test("says what JSON.parse says, and where", () => {
    fc.assert(
      fc.property(json, (text) => {
        const tree = strictTree(text);
        expect(plain(tree)).toEqual(JSON.parse(text));
        if (tree) placed(tree, text);
      }),
    );
  });

  test("is the same tree as the lenient reader's", () => {
    fc.assert(
      fc.property(json, (text) => {
        const commented = parseJson(`/* lenient */ ${text}`);
        expect(commented.documents).toHaveLength(1);
        expect(saying(commented.documents[0]?.root ?? null)).toBe(saying(strictTree(text)));
      }),
    );
  });

  test("keeps keys that stand there twice", () => {
    const tree = strictTree('{"a": 1, "a": {"b": [ ]}, "c": {}}');
    expect(tree?.kind === "map" ? tree.entries.map(({ key }) => key) : []).toEqual(["a", "a", "c"]);
  });

  test("is what JSON.parse takes, and nothing else", () => {
    const pieces = fc.constantFrom(
      ...'{}[]:," \n\t\r\f\u00a0\ufeff\u2028\\/-+.eE019aub\0'.split(""),
      ...["true", "null", '"a"', '"a":', "\\u00e", '"\\u00e9"', '"\\x"', '"\\', "1.5e3", "-0", "01", "1.", ".5", "NaN", "// c", "[[", "]]"],
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
      // One character of a good text is another.
      fc
        .tuple(json, fc.nat(), pieces)
        .map(([text, at, piece]) => `${text.slice(0, at % (text.length + 1))}${piece}${text.slice((at % (text.length + 1)) + 1)}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          expect(strictTree(text)).toBeNull();
          return;
        }
        const tree = strictTree(text);
        expect(tree).not.toBeNull();
        if (!text.includes("__proto__")) expect(plain(tree)).toEqual(parsed);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each(["{'a': 1}", "{", "[1,]", "{} {}", "", "// c\n1"])("is not %j", (text) => {
    expect(strictTree(text)).toBeNull();
  });
});

describe("what is no strict JSON", () => {
  test.each([
    ["a comment", '{"a": 1} // one', 1, { start: 9, what: "comment" }],
    ["a comment before", '// one\n{"a": 1}', 1, { start: 0, what: "comment" }],
    ["a block comment", '{"a": /* one */ 1}', 1, { start: 6, what: "comment" }],
    ["a trailing comma", '{"a": [1, 2,], "b": 3}', 1, { start: 11, what: "trailing comma" }],
    ["a trailing comma before a comment", '{"a": 1, // c\n}', 1, { start: 7, what: "trailing comma" }],
    ["a slash in a string", '{"a": "//", "b": 1,}', 1, { start: 18, what: "trailing comma" }],
    ["two documents", '{"a": 1}\n{"b": 2}\n', 2, null],
    ["two documents, the second with a comment", '{"a": 1}\n{"b": 2 /* c */}', 2, { start: 17, what: "comment" }],
  ])("%s is read and told", (_, text, documents, extras) => {
    const parsed = parseJson(text);
    expect(parsed.documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(parsed.documents).toHaveLength(documents);
    expect(parsed.extras).toEqual(extras);
  });

  test.each([
    ['{"a":', 5],
    ['{"a" 1}', 5],
    ["[1, 2", 5],
    ['{"a": 1}}', 8],
    ['{"a": 01}', 7],
    ["", 0],
    ['{"a": "b\n"}', 6],
  ])("%j is an error near %i", (text, near) => {
    const [error] = parseJson(text).documents.flatMap(({ errors }) => errors);
    expect(error).toBeDefined();
    expect(Math.abs((error?.start ?? 99) - near)).toBeLessThanOrEqual(2);
  });

  test("no text makes it throw or not end", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ",", ":", "1", "a", " ", "\n", "/", "*", "\\"), maxLength: 60 }), (text) => {
        parseJson(text);
      }),
    );
  });
});

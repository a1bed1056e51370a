import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { goText } from "../../../src/facts/go-scalar.ts";
import { parseMapping, setKey } from "../../../src/facts/mapping.ts";

function valueOf(text: string, key: string): string | null {
  const parsed = parseMapping(text);
  if ("problem" in parsed) throw new Error(`${parsed.problem.code} ${parsed.problem.message}`);
  const entry = parsed.entries.find((e) => e.key.toLowerCase() === key);
  return entry?.scalar ? goText(entry.scalar) : null;
}

function patched(text: string, value = "br0"): string {
  const result = setKey(text, "bridge-name", value);
  if ("problem" in result) throw new Error(`${result.problem.code} ${result.problem.message}`);
  return result.text;
}

function problemOf(text: string): { code: string; line: number | null; column: number | null; message: string } {
  const result = setKey(text, "bridge-name", "br0");
  if ("text" in result) throw new Error(`no problem: ${result.text}`);
  return result.problem;
}

describe("setKey adds a key that is not there", () => {
  test.each([
    ["an empty file", "", "bridge-name: br0\n"],
    ["comments alone", "# none\n", "# none\nbridge-name: br0\n"],
    ["comments without a final newline", "# none", "# none\nbridge-name: br0"],
    ["a start marker alone", "---\n", "---\nbridge-name: br0\n"],
    ["a start and an end marker", "---\n...\n", "---\nbridge-name: br0\n...\n"],
    ["at the end", "---\ninsecure: true\nverbosity: 9\n", "---\ninsecure: true\nverbosity: 9\nbridge-name: br0\n"],
    ["before blank lines", "a: 1\n\n\n", "a: 1\nbridge-name: br0\n\n\n"],
    ["after a comment at the end", "a: 1 # one\n# bridge-name: old\n", "a: 1 # one\n# bridge-name: old\nbridge-name: br0\n"],
    ["without a final newline", "a: 1", "a: 1\nbridge-name: br0"],
    ["with CRLF", "a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\nbridge-name: br0\r\n"],
    ["with both line endings", "a: 1\r\nb: 2\nc: 3", "a: 1\r\nb: 2\nc: 3\nbridge-name: br0"],
    ["after a byte order mark", "\uFEFFa: 1\n", "\uFEFFa: 1\nbridge-name: br0\n"],
    ["in a file of a byte order mark", "\uFEFF", "\uFEFFbridge-name: br0\n"],
    ["before the end marker", "a: 1\n...\n", "a: 1\nbridge-name: br0\n...\n"],
    ["in a mapping that is indented", "  a: 1\n  b: 2\n", "  a: 1\n  b: 2\n  bridge-name: br0\n"],
    ["after a nested mapping", "a:\n  b: 1\n", "a:\n  b: 1\nbridge-name: br0\n"],
    ["after a block of text that keeps its end", "a: |+\n  x\n\n", "a: |+\n  x\n\nbridge-name: br0\n"],
    ["around a block of text whose newline counts", "a: |\n  x", "a: |\n  x\nbridge-name: br0"],
    ["to a flow mapping", "{a: 1, b: [x]}\n", "{a: 1, b: [x], bridge-name: br0}\n"],
    ["to a flow mapping with a comma at its end", "{a: 1,}\n", "{a: 1, bridge-name: br0,}\n"],
    ["to an empty flow mapping", "{}\n", "{bridge-name: br0}\n"],
    ["to a flow mapping on several lines", "{\n  a: 1, # one\n  b: 2\n}\n", "{\n  a: 1, # one\n  b: 2, bridge-name: br0\n}\n"],
    ["over one that an anchor brings in", "x: &x\n  bridge-name: br7\n<<: *x\n", "x: &x\n  bridge-name: br7\n<<: *x\nbridge-name: br0\n"],
  ])("%s", (_, before, after) => {
    expect(patched(before)).toBe(after);
  });
});

describe("setKey replaces the value of a key", () => {
  test.each([
    ["plain", "bridge-name: old\na: 1\n", "bridge-name: br0\na: 1\n"],
    ["with a comment", "bridge-name:   old   # mine\n", "bridge-name:   br0   # mine\n"],
    ["in single quotes", "bridge-name: 'old'\n", "bridge-name: 'br0'\n"],
    ["in double quotes", 'bridge-name: "old"\n', 'bridge-name: "br0"\n'],
    ["empty", "bridge-name:\na: 1\n", "bridge-name: br0\na: 1\n"],
    ["empty with a comment", "bridge-name: # none\na: 1\n", "bridge-name: br0 # none\na: 1\n"],
    ["empty quotes", 'bridge-name: ""\n', 'bridge-name: "br0"\n'],
    ["null", "bridge-name: ~\n", "bridge-name: br0\n"],
    ["with another case of the key", "Bridge-Name: old\n", "Bridge-Name: br0\n"],
    ["with a key in quotes", '"bridge-name": old\n', '"bridge-name": br0\n'],
    ["with CRLF", "bridge-name: old\r\na: 1\r\n", "bridge-name: br0\r\na: 1\r\n"],
    ["in a flow mapping", "{bridge-name: old, a: 1}\n", "{bridge-name: br0, a: 1}\n"],
    ["with a tag", "bridge-name: !!str 12\n", "bridge-name: !!str br0\n"],
    ["with an anchor that nobody uses", "bridge-name: &b old\n", "bridge-name: &b br0\n"],
    ["an alias", "a: &x old\nbridge-name: *x\n", "a: &x old\nbridge-name: br0\n"],
    ["a list", "bridge-name:\n  - a\n  - b\nc: 1\n", "bridge-name: br0\nc: 1\n"],
    ["a block of text", "bridge-name: |\n  old\nc: 1\n", "bridge-name: br0\nc: 1\n"],
    ["an explicit key", "? bridge-name\n: old\n", "? bridge-name\n: br0\n"],
    ["a number", "bridge-name: 12\n", "bridge-name: br0\n"],
  ])("%s", (_, before, after) => {
    expect(patched(before)).toBe(after);
  });

  test.each([
    ["0", 'bridge-name: "0"\n'],
    ["on", 'bridge-name: "on"\n'],
    ["null", 'bridge-name: "null"\n'],
    ["br#1", 'bridge-name: "br#1"\n'],
    ['b"\\r', 'bridge-name: "b\\"\\\\r"\n'],
    ["eth0.100", "bridge-name: eth0.100\n"],
    ["eth0:1", 'bridge-name: "eth0:1"\n'],
  ])("with %s, written so that it reads as that", (value, after) => {
    expect(patched("bridge-name: old\n", value)).toBe(after);
    expect(valueOf(after, "bridge-name")).toBe(value);
  });

  test("is nothing where it is there already", () => {
    for (const text of ["bridge-name:    'br0'\n", "a: 1\r\nbridge-name: br0", "{bridge-name: br0}"]) expect(patched(text)).toBe(text);
  });
});

describe("setKey refuses, with a place,", () => {
  test.each([
    ["a tab before a key", "a: 1\n\tb: 2\n", "UNPARSABLE", 2, 1],
    ["a tab on a blank line, at which yaml.v3 stops", "a: 1\n\t\nb: 2\n", "UNPARSABLE", 2, 1],
    ["a tab after spaces", "a:\n  \t- 1\n", "UNPARSABLE", 2, 3],
    ["a key that stands there twice", "a: 1\nb: 2\na: 3\n", "DUPLICATE_KEY", 3, 1],
    ["a key twice for viper, which knows no case", "bridge-name: a\nBridge-Name: b\n", "DUPLICATE_KEY", 2, 1],
    ["a list", "- a\n", "NOT_A_MAPPING", 1, 1],
    ["a word", "abc\n", "NOT_A_MAPPING", 1, 1],
    ["two documents", "a: 1\n---\nb: 2\n", "MULTIPLE_DOCUMENTS", 2, 1],
    ["quotes without an end", "a: 'x\n", "UNPARSABLE", 2, 1],
    ["an alias without its anchor", "a: *x\n", "UNPARSABLE", 1, 4],
    ["a control character", "a: x\x01\n", "UNPARSABLE", 1, 5],
    ["another version of YAML", "%YAML 1.2\n---\na: 1\n", "UNPARSABLE", 1, 1],
  ])("%s", (_, text, code, line, column) => {
    const problem = problemOf(text);
    expect({ code: problem.code, line: problem.line, column: problem.column }).toEqual({ code, line, column });
  });

  test("a tab, by its name", () => {
    expect(problemOf("a: 1\n\tb: 2\n").message).toContain("a tab");
  });

  test("a value that another key shares", () => {
    expect(problemOf("bridge-name: &b old\na: *b\n")).toMatchObject({ code: "UNPATCHABLE", line: 1 });
  });
});

describe("any mapping", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  const scalar = fc.oneof(
    word,
    fc.integer().map(String),
    fc.constantFrom(
      "",
      "true",
      "~",
      "'it''s'",
      '"q\\n"',
      "x # not: this",
      "a b",
      "|\n    text\n    more",
      ">-\n    folded\n\n    text",
      "[1, 2]",
      "{x: y}",
      "&anchor z",
      "!!str 5",
    ),
  );
  const comment = fc.constantFrom("", "# note", "  # indented: note", "#", "");
  const line = fc.record({ key: word, value: scalar, comment });
  const mapping = fc
    .record({
      lines: fc.uniqueArray(line, { selector: ({ key }) => key, maxLength: 6 }),
      head: fc.constantFrom("", "---\n", "# top\n", "\uFEFF", "\uFEFF---\n", "%YAML 1.1\n---\n"),
      tail: fc.constantFrom("", "\n", "\n\n", "\n# end\n", "\n...\n"),
      crlf: fc.boolean(),
      indent: fc.constantFrom("", "  "),
    })
    .map(({ lines, head, tail, crlf, indent }) => {
      const body = lines.map((l) => `${l.comment === "" ? "" : `${l.comment}\n`}${indent}${l.key}: ${l.value}`).join("\n");
      const text = head + body + tail;
      return crlf ? text.replaceAll("\n", "\r\n") : text;
    })
    .filter((text) => !("problem" in parseMapping(text)));
  const anyKey = fc.oneof(fc.constant("bridge-name"), word);
  const anyValue = fc.oneof(word, fc.string({ minLength: 1, maxLength: 12 }));

  test("changes in one key and in nothing else, and a second time not at all", () => {
    fc.assert(
      fc.property(mapping, anyKey, anyValue, (text, key, value) => {
        const result = setKey(text, key, value);
        if ("problem" in result) throw new Error(`${result.problem.code}: ${result.problem.message}`);
        expect(valueOf(result.text, key)).toBe(value);
        const others = (t: string): unknown => {
          const parsed = parseMapping(t);
          return "entries" in parsed ? parsed.entries.filter((e) => e.key !== key).map((e) => [e.key, e.value]) : parsed;
        };
        expect(others(result.text)).toEqual(others(text));
        const kept = (t: string): string[] => t.split(/\r?\n/).filter((l) => /^\s*#/.test(l));
        expect(kept(result.text)).toEqual(kept(text));
        expect(setKey(result.text, key, value)).toEqual({ text: result.text });
      }),
      { numRuns: 1000 },
    );
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(
        fc.string({
          maxLength: 200,
          unit: fc.constantFrom("a", ":", " ", "\n", "\t", "-", "{", "}", "[", "'", '"', "#", "&", "*", "!", "|", "\r", "?", ",", "%", "\u0001", "…"),
        }),
        (text) => {
          const result = setKey(text, "a", "b");
          expect("text" in result || "problem" in result).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("nesting without end and aliases that multiply are problems, not crashes", () => {
    expect("problem" in setKey("[".repeat(100_000), "a", "b")).toBe(true);
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x, x]",
      ..."bcdefghi".split("").map(
        (c, i) =>
          `${c}: &${c} [${Array(10)
            .fill(`*${"abcdefgh".charAt(i)}`)
            .join(", ")}]`,
      ),
    ].join("\n");
    expect("problem" in setKey(bomb, "z", "b")).toBe(true);
  });
});

describe("goText is what flintlockd reads", () => {
  // Each seen with a real flintlockd, which names the value of default-provider in its refusal.
  test.each([
    ["0777", "511"],
    ["1_0", "10"],
    ["yes", "yes"],
    ["True", "true"],
    ["1e3", "1000"],
    ["0o17", "15"],
    ["0x1F", "31"],
    ["1.50", "1.5"],
    [".inf", "+Inf"],
    ["-0", "0"],
    ["~", null],
    ["", null],
    ["br0", "br0"],
  ])("%s → %s", (text, expected) => {
    expect(goText({ style: "plain", text, tag: "" })).toBe(expected);
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        goText({ style: "plain", text, tag: "" });
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?[0-9._eExobX]{0,20}$/), (text) => {
        goText({ style: "plain", text, tag: "" });
      }),
    );
  });
});

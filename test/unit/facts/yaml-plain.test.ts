import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { patches } from "../../../src/facts/yaml-patch.ts";
import { plainMapping } from "../../../src/facts/yaml-plain.ts";
import { parseYaml } from "../../../src/facts/yaml.ts";

const key = fc.oneof(
  fc.constantFrom("bridge-name", "parent-iface", "verbosity", "a", "A", "true", "Null", "no", "y", "inf", "e1"),
  fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/),
);
const value = fc.oneof(
  fc.constantFrom("br0", "true", "False", "null", "~", "yes", "0", "007", "0x1f", "0o17", "1e3", "1.5", ".5", ".inf", ".nan", ".NaN", "-1", "+1", "1_000"),
  fc.constantFrom(
    "127.0.0.1:9090",
    "1:30",
    "10m0s",
    "1.2.3.4",
    "/run/x.sock",
    "a:b",
    "a:",
    "a#b",
    "a b",
    "a #b",
    "*a",
    "&a b",
    "!!str 1",
    "|",
    ">-",
    "[a]",
    "{}",
  ),
  fc.constantFrom(
    "2026-11-24",
    "123456789012345",
    "1234567890123456",
    "0.0.0.0",
    "''",
    '""',
    "'it''s'",
    '"a\\n"',
    "'a' b",
    '"a": b',
    "<<",
    "-",
    "- a",
    "%",
    "@",
    "`",
  ),
  fc.stringMatching(/^[\w/.:@%+=-]{1,12}$/),
  fc.stringMatching(/^[0-9._eExXoOaAfFinN:+-]{1,8}$/),
  fc.stringMatching(/^[ -~]{0,10}$/),
);
const entry = fc
  .tuple(key, fc.constantFrom(": ", ":  ", ":", " : "), value, fc.constantFrom("plain", "'", '"'), fc.constantFrom("", " ", " # why", "# why", "  #"))
  .map(([name, colon, text, quote, after]) => `${name}${colon}${quote === "plain" ? text : `${quote}${text}${quote}`}${after}`);
const tame = fc
  .tuple(
    fc.stringMatching(/^[a-z][a-z-]{0,8}$/),
    fc.stringMatching(/^(?:[\w/.][\w/.-]{0,8}|"[\w :#-]{0,8}"|'[\w :#-]{0,8}')$/),
    fc.constantFrom("", "  ", " # why"),
  )
  .map(([name, text, after]) => `${name}: ${text}${after}`);
const line = fc.oneof(
  { weight: 40, arbitrary: tame },
  { weight: 20, arbitrary: entry },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "",
      "# a comment",
      "#",
      "---",
      "...",
      " ",
      "  a: b",
      "- a",
      "  more",
      "%YAML 1.1",
      "<<: *a",
      "\ta: b",
      "a: b\r",
      "a: \u00e9",
      "? a",
    ),
  },
);
const file = fc
  .tuple(fc.constantFrom("", "---\n", "", "---\n", "", "---\n", "--- \n", "\uFEFF"), fc.array(line, { maxLength: 4 }), fc.constantFrom("", "\n", "\n\n"))
  .map(([begin, lines, end]) => begin + lines.join("\n") + end);

describe("the reader of plain lines", () => {
  test("says what the YAML parser says, or nothing", () => {
    let read = 0;
    fc.assert(
      fc.property(file, (text) => {
        const plain = plainMapping(text);
        if (plain === null) return;
        read += 1;
        expect(plain).toEqual(parseYaml(text));
      }),
      { numRuns: 3_000, examples: [["---\nverbosity: 1\n"], ["# one\n\na: 'b' # c\nd: \"e\"\n"], ["a: b"], ["true: b\nTrue: c\n"], ["a: 'b'\nc: b\n"]] },
    );
    expect(read).toBeGreaterThan(200);
  });

  test("an edit comes out the same", () => {
    fc.assert(
      fc.property(file, key, fc.constantFrom("br0", "1br", "true"), (text, name, wanted) => {
        const plain = plainMapping(text);
        const whole = parseYaml(text);
        if (plain !== null && "layout" in whole) expect(patches(text, plain.layout, name, wanted)).toEqual(patches(text, whole.layout, name, wanted));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    "---\ninsecure: true\ngrpc-endpoint: 127.0.0.1:9090\ncontainerd-socket: /run/containerd-dev/containerd.sock\nverbosity: 1\n",
    '# flintlockd\nparent-iface: "eth0" # uplink\nresync-period: 10m0s\n',
  ])("takes %j", (text) => {
    expect(plainMapping(text)).toEqual(parseYaml(text));
  });

  test.each(["", "# none\n", "a: 1\na: 2\n", "a:\n", "a: [b]\n", "a: b\n  c\n", "a: b: c\n", "a: 1.5\n", "a: \u00e9\n", "a: b\n---\nc: d\n", "a: b\r\n"])(
    "leaves %j to the parser",
    (text) => {
      expect(plainMapping(text)).toBeNull();
    },
  );
});

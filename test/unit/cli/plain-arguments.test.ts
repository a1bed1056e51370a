import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { mainOptions } from "../../../src/cli/main-options.ts";
import { plainArguments } from "../../../src/cli/plain-arguments.ts";
import { FixError } from "../../../src/errors.ts";

const outcome = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    if (error instanceof FixError) return { refused: error.message, hint: error.hint };
    throw error;
  }
};

const names = mainOptions.map(({ flags }) => flags.split(" ")[0] ?? "");
const value = fc.constantFrom(
  "text",
  "json",
  "nagios",
  "auto",
  "dev",
  "native",
  "script",
  "/dev/sdb",
  "br0",
  "x",
  "",
  "-",
  "--json",
  "-v",
  "a,b",
  "90s",
  "a=b",
  "capture",
);
const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...names), value).map(([name, said]) => `${name}=${said}`) },
  { weight: 3, arbitrary: value },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "-V",
      "--version",
      "--help",
      "-h",
      "--",
      "--js",
      "--color",
      "--no-json",
      "--dry",
      "status",
      "spec",
      "--jsonx",
      "--no-",
      "--format <format>",
    ),
  },
);

describe("plain words of the main command", () => {
  beforeEach(() => {
    jest.spyOn(process.stdout, "write").mockReturnValue(true);
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("are read as commander reads them, or left to it", () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (argv) => {
        const plain = outcome(() => plainArguments(argv));
        if (plain === null) return;
        read += 1;
        expect(plain).toEqual(outcome(() => parseArguments(argv)));
      }),
      { numRuns: 2_000, examples: [[[]], [["--no-color"]], [["--json", "--from", "x"]], [["--from=x=y"]], [["--plan", "x", "--plan", "y", "--apply"]]] },
    );
    expect(read).toBeGreaterThan(100);
  });

  test.each([
    [[]],
    [["--dry-run"]],
    [["--json", "--from", "capture"]],
    [["--format=prometheus", "--config", "/p.yaml"]],
    [["--apply", "--no-color", "--verbose"]],
  ])("%j needs no commander", (argv) => {
    expect(plainArguments(argv)).not.toBeNull();
  });

  test.each([
    [["--only", "a"]],
    [["--timeout", "9s"]],
    [["--unattended"]],
    [["status"]],
    [["--from"]],
    [["--format", "xml"]],
    [["--from", "--json"]],
    [["--json=1"]],
  ])("%j is commander's", (argv) => {
    expect(plainArguments(argv)).toBeNull();
  });
});

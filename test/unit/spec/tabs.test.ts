import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readSource } from "../../../src/spec/source.ts";
import { repairTabs } from "../../../src/spec/tabs.ts";
import { fixture } from "../../support/spec.ts";

describe("a tab in YAML's indentation", () => {
  test("of the runbook's own example is told with line and column", () => {
    const { problem, position } = readSource("capmvm.yaml", fixture("runbook.yaml"));
    expect(problem).toMatchObject({ kind: "tab", message: expect.stringContaining("a tab") as unknown });
    expect(position(problem?.start ?? -1)).toEqual({ line: 6, column: 1 });
  });

  test("is repaired there as it was meant", () => {
    expect(repairTabs(fixture("runbook.yaml"))).toEqual({
      text: fixture("runbook.yaml").replace("\toverrides", "  overrides").replace("\t\tbridge", "    bridge"),
      width: 2,
      lines: 2,
    });
  });

  test.each([
    [
      "a file of tabs alone",
      "spec:\n\tnetworkInterfaces:\n\t- guestDeviceName: eth1\n\t  type: tap\n",
      "spec:\n  networkInterfaces:\n  - guestDeviceName: eth1\n    type: tap\n",
    ],
    ["after spaces", "a:\n    b: 1\n  \tc: 2\n", "a:\n    b: 1\n    c: 2\n"],
    ["a tab within a block of text", "a:\n\tb: |\n\t  make:\n\t  \tgcc\n", "a:\n  b: |\n    make:\n    \tgcc\n"],
    ["a block of text that is indented by spaces", "run: |\n  all:\n  \tgcc\nb:\n\tc: 1\n", "run: |\n  all:\n  \tgcc\nb:\n  c: 1\n"],
    ["tabs elsewhere", "a: 'x\ty'\t# c\tc\nb:\n\tc: 1\n", "a: 'x\ty'\t# c\tc\nb:\n  c: 1\n"],
    ["CRLF", "a:\r\n\tb: 1\r\n", "a:\r\n  b: 1\r\n"],
  ])("%s", (_, text, repaired) => {
    expect(repairTabs(text)).toMatchObject({ text: repaired });
  });

  test("is not repaired where that could mean two things", () => {
    expect(repairTabs("a:\n  b:\n    c: 1\n\td: 2\n")).toEqual({ ambiguous: [2, 4] });
    expect(repairTabs("a: [\n\tb: {\n")).toBeNull();
  });

  test("no text makes the repair throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("\t", " ", "a", ":", "-", "|", "\n", "#", "'", "{"), maxLength: 80 }), (text) => {
        repairTabs(text);
      }),
    );
  });
});

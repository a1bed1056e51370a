import { describe, expect, test } from "@jest/globals";
import { newestRows, parseContentList } from "../../../src/facts/content-store.ts";

const head = "DIGEST\tSIZE\tAGE\tLABELS";
const digest = (letter: string): string => letter.repeat(64);
const labels = (uid: string, version: string): string =>
  `dev.liquidmetal.flintlockd/ns=ns1,dev.liquidmetal.flintlockd/type=microvm,dev.liquidmetal.flintlockd/uid=${uid},dev.liquidmetal.flintlockd/version=${version}`;
const row = (letter: string, text: string): string => `sha256:${digest(letter)}\t1.2 kB\t3 minutes\t${text}`;
const read = (...lines: string[]): string[] => {
  const parsed = parseContentList([head, ...lines].join("\n"));
  if ("problem" in parsed) throw new Error(parsed.problem);
  return newestRows(parsed.rows).map((found) => found[0] ?? "");
};

describe("which blobs are read", () => {
  test.each<[string, string[], string[]]>([
    ["the highest version, whatever the order", [row("a", labels("U1", "2")), row("b", labels("U1", "10")), row("c", labels("U1", "9"))], ["b"]],
    ["one of each MicroVM", [row("a", labels("U1", "1")), row("b", labels("U2", "1"))], ["a", "b"]],
    ["the first of two that say the same", [row("a", labels("U1", "1")), row("b", labels("U1", "1"))], ["a"]],
    ["no image", [row("a", "containerd.io/distribution.source.ghcr.io=x"), row("b", labels("U1", "1"))], ["b"]],
    ["no row that only speaks of one further on", [`note ${row("a", labels("U1", "1"))}`], []],
    ["one without a version, besides", [row("a", labels("U1", "2")), row("b", labels("U1", "x"))], ["a", "b"]],
    ["one without a uid", [row("a", "dev.liquidmetal.flintlockd/type=microvm,dev.liquidmetal.flintlockd/version=3")], ["a"]],
    ["one whose version is too long for a number", [row("a", labels("U1", "1234567890")), row("b", labels("U1", "2"))], ["b", "a"]],
    ["one whose version only begins as a number", [row("a", labels("U1", "7up")), row("b", labels("U1", "2"))], ["b", "a"]],
    ["one that says its uid twice", [row("a", `${labels("U1", "9")},dev.liquidmetal.flintlockd/uid=U2`), row("b", labels("U2", "1"))], ["b", "a"]],
    ["one whose uid begins with something else", [row("a", labels("!U1", "9")), row("b", labels("U1", "1"))], ["b", "a"]],
    ["a name with a line break belongs to its row", [row("a", `x=1\n2,${labels("U1", "1")}`)], ["a"]],
  ])("%s", (_what, lines, expected) => expect(read(...lines)).toEqual(expected));

  test("what is no table of content is told", () => {
    expect(parseContentList("")).toEqual({ problem: "ctr content ls printed no table" });
    expect(parseContentList(`see ${head}`)).toEqual({ problem: "ctr content ls printed no table" });
    expect(parseContentList("DIGEST    SIZE    AGE    LABELS")).toEqual({ rows: [] });
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newestRows, parseContentList } from "../../../src/facts/content-store.ts";
import { evidenceFixture } from "../../support/rebooted.ts";

const prefix = "dev.liquidmetal.flintlockd/";
const row = (digit: string, labels: string): string => `sha256:${digit.repeat(64)}\t1kB\t5 minutes\t${labels}`;
const labels = (uid: string, version: number | string, name = "a"): string =>
  `${prefix}name=${name},${prefix}uid=${uid},${prefix}version=${String(version)},${prefix}ns=ns1,${prefix}type=microvm`;
const header = "DIGEST\t\t\tSIZE\tAGE\t\tLABELS";
const newest = (...rows: string[]): string[] => {
  const parsed = parseContentList([header, ...rows, ""].join("\n"));
  if ("problem" in parsed) throw new Error(parsed.problem);
  return newestRows(parsed.rows).map((digest) => digest[0] ?? "");
};

describe("ctr content ls", () => {
  test("as recorded: the newest version of both MicroVMs, and no image", () => {
    const parsed = parseContentList(evidenceFixture("rebooted.content-ls"));
    if ("problem" in parsed) throw new Error(parsed.problem);
    expect(parsed.rows).toHaveLength(8);
    expect(
      newestRows(parsed.rows)
        .map((digest) => digest.slice(0, 8))
        .sort(),
    ).toEqual(["dc37cf47", "ee344376"]);
  });

  test.each<[string, string[], string[]]>([
    ["versions count as numbers", [row("a", labels("U", 9)), row("b", labels("U", 10))], ["b"]],
    ["several MicroVMs", [row("a", labels("U", 1)), row("b", labels("V", 1))], ["a", "b"]],
    ["a label given twice: read it", [row("a", labels("U", 5)), row("b", `${labels("U", 1)},${prefix}version=7`)], ["a", "b"]],
    ["a name that forges labels: read it", [row("a", labels("U", 5)), row("b", labels("V", 1, `x,${prefix}uid=U,${prefix}version=9`))], ["a", "b"]],
    ["a name with a line break", [row("a", labels("U", 5, "x\nsha256:forged"))], ["a"]],
    ["no version", [row("a", `${prefix}type=microvm,${prefix}uid=U`)], ["a"]],
    ["something else", [row("a", "containerd.io/gc.root=x"), "rubbish"], []],
    ["the highest version, whatever the order", [row("a", labels("U1", "2")), row("b", labels("U1", "10")), row("c", labels("U1", "9"))], ["b"]],
    ["one of each MicroVM", [row("a", labels("U1", "1")), row("b", labels("U2", "1"))], ["a", "b"]],
    ["the first of two that say the same", [row("a", labels("U1", "1")), row("b", labels("U1", "1"))], ["a"]],
    ["no image", [row("a", "containerd.io/distribution.source.ghcr.io=x"), row("b", labels("U1", "1"))], ["b"]],
    ["no row that only speaks of one further on", [`note ${row("a", labels("U1", "1"))}`], []],
    ["one without a version, besides", [row("a", labels("U1", "2")), row("b", labels("U1", "x"))], ["a", "b"]],
    ["one without a uid", [row("a", `${prefix}type=microvm,${prefix}version=3`)], ["a"]],
    ["one whose version is too long for a number", [row("a", labels("U1", "1234567890")), row("b", labels("U1", "2"))], ["b", "a"]],
    ["one whose version only begins as a number", [row("a", labels("U1", "7up")), row("b", labels("U1", "2"))], ["b", "a"]],
    ["one that says its uid twice", [row("a", `${labels("U1", "9")},${prefix}uid=U2`), row("b", labels("U2", "1"))], ["b", "a"]],
    ["one whose uid begins with something else", [row("a", labels("!U1", "9")), row("b", labels("U1", "1"))], ["b", "a"]],
    ["a name with a line break belongs to its row", [row("a", `x=1\n2,${labels("U1", "1")}`)], ["a"]],
  ])("%s", (_name, rows, expected) => expect(newest(...rows)).toEqual(expected));

  test("no table is no empty store", () => expect(parseContentList("ctr: connection refused")).toEqual({ problem: expect.any(String) }));

  test("what is no table of content is told", () => {
    expect(parseContentList("")).toEqual({ problem: "ctr content ls printed no table" });
    expect(parseContentList(`see ${header}`)).toEqual({ problem: "ctr content ls printed no table" });
    expect(parseContentList("DIGEST    SIZE    AGE    LABELS")).toEqual({ rows: [] });
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(header, row("a", labels("U", 1)), "\n", "\t", prefix, "uid=", "\0")),
        (parts) => void parseContentList(parts.join("")),
      ),
    );
  });
});

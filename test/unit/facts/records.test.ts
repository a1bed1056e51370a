import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newestRows, parseContentList } from "../../../src/facts/content-store.ts";
import { parseRecord } from "../../../src/facts/microvm-record.ts";
import { evidenceFixture } from "../../support/rebooted.ts";

const prefix = "dev.liquidmetal.flintlockd/";
const row = (digit: string, labels: string): string => `sha256:${digit.repeat(64)}\t1kB\t5 minutes\t${labels}`;
const labels = (uid: string, version: number, name = "a"): string =>
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
  ])("%s", (_name, rows, expected) => expect(newest(...rows)).toEqual(expected));

  test("no table is no empty store", () => expect(parseContentList("ctr: connection refused")).toEqual({ problem: expect.any(String) }));

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(header, row("a", labels("U", 1)), "\n", "\t", prefix, "uid=", "\0")),
        (parts) => void parseContentList(parts.join("")),
      ),
    );
  });
});

describe("a record", () => {
  const text = evidenceFixture("blobs/ee3443765fac300fbdeb0f4a9bdfa97a0b5bd2b21f7ef49b69f8beaeecc96526");
  const changed = (change: (record: { [key: string]: unknown; spec: Record<string, unknown>; status: Record<string, unknown> }) => void): string => {
    const record = JSON.parse(text) as Parameters<typeof change>[0];
    change(record);
    return JSON.stringify(record);
  };

  test("as recorded", () => {
    const parsed = parseRecord(text, "/blob");
    expect(parsed).toMatchObject({
      record: { id: "ns1/a/01M87PFJXRRW02WDHE4H45FEA6", namespace: "ns1", name: "a", version: 4, state: "pending", retry: 2, deletedAt: 0, source: "/blob" },
    });
  });

  test("a bridge of its own is called branch_name", () => {
    const parsed = parseRecord(
      changed(({ spec }) => (spec["network_interfaces"] = [{ guest_device_name: "eth1", type: "tap", branch_name: "br8" }])),
      "/b",
    );
    expect("record" in parsed && parsed.record.interfaces).toEqual([
      { guestDevice: "eth1", type: "tap", bridge: "br8", metadata: false, hostDevice: expect.any(String) },
    ]);
  });

  test.each<[string, string]>([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["an id that climbs out of the folder", changed((record) => (record["id"] = "../../etc"))],
    ["an id of two parts", changed((record) => (record["id"] = "ns1/a"))],
    ["an id of four parts", changed((record) => (record["id"] = "ns1/a/b/U"))],
    ["a NUL in the id", changed((record) => (record["id"] = "ns1/a\0/U"))],
    ["no spec", changed((record) => delete (record as Record<string, unknown>)["spec"])],
    ["retry as text", changed(({ status }) => (status["retry"] = "2"))],
    ["a not_before that is no whole number", changed(({ status }) => (status["not_before"] = 1.5))],
    ["interfaces that are no list", changed(({ spec }) => (spec["network_interfaces"] = {}))],
    ["an interface without a name", changed(({ spec }) => (spec["network_interfaces"] = [{}]))],
  ])("%s is told, and not guessed", (_name, bad) => expect(parseRecord(bad, "/b")).toEqual({ problem: expect.stringContaining("/b") }));

  test("any JSON is either a record or a problem", () => {
    fc.assert(fc.property(fc.json(), (json) => void parseRecord(json, "/b")));
  });
});

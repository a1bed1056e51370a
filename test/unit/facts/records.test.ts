import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseRecord } from "../../../src/facts/microvm-record.ts";
import { evidenceFixture } from "../../support/rebooted.ts";

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

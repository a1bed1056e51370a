import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { readBolt, type BoltRead } from "../../../src/facts/bolt.ts";

const fixtures = new URL("../../fixtures/storage/", import.meta.url);
const over = (bytes: Uint8Array, bucket: string[]): BoltRead => readBolt((offset, length) => bytes.subarray(offset, offset + length), bytes.length, bucket);
const real = (name: string): Uint8Array => readFileSync(new URL(name, fixtures));

describe("containerd's own databases", () => {
  test.each([
    ["metadata.db", ["v1", "snapshots"], 3, "flintlock/2/flintlock/ns1/a/01M87PFJXRRW02WDHE4H45FEA6/root"],
    ["flintlock-dev-thinpool.db", ["devices"], 3, "flintlock-dev-thinpool-snap-2"],
    ["meta.db", ["v1", "*", "snapshots", "devmapper"], 3, "flintlock/ns1/a/01M87PFJXRRW02WDHE4H45FEA6/root"],
  ])("%s: the keys of %j", (name, bucket, count, key) => {
    const read = over(real(name), bucket);
    expect(read).toMatchObject({ is: "read", count });
    expect(read.is === "read" && read.entries.map((entry) => entry.key)).toContain(key);
  });

  test("a value is text, a bucket has none, and where it was found is told", () => {
    const devices = over(real("flintlock-dev-thinpool.db"), ["devices"]);
    expect(devices.is === "read" && JSON.parse(devices.entries[0]?.value ?? "")).toMatchObject({ name: "flintlock-dev-thinpool-snap-1", state: 10 });
    const snapshots = over(real("meta.db"), ["v1", "*", "snapshots", "devmapper"]);
    expect(snapshots.is === "read" && snapshots.entries[0]).toMatchObject({ bucket: ["v1", "flintlock", "snapshots", "devmapper"], value: null });
  });

  test("what is not there has no keys", () => {
    expect(over(real("metadata.db"), ["v2", "snapshots"])).toMatchObject({ is: "read", count: 0, entries: [] });
    expect(over(real("metadata.db"), ["v1", "snapshots", "nobody"])).toMatchObject({ is: "read", count: 0 });
    expect(over(new Uint8Array(), ["v1"])).toMatchObject({ is: "read", count: 0 });
  });

  test("the older meta page counts where the newer is torn", () => {
    const bytes = Uint8Array.from(real("metadata.db"));
    const newer = over(bytes, ["v1"]);
    const torn = newer.is === "read" && BigInt(newer.transaction) % 2n === 1n ? 4096 : 0;
    bytes.fill(0xff, torn + 16, torn + 80);
    const older = over(bytes, ["v1"]);
    expect(older.is === "read" && BigInt(older.transaction)).toBe(newer.is === "read" ? BigInt(newer.transaction) - 1n : null);
  });
});

describe("damage is told, never thrown", () => {
  test("no database at all", () => {
    expect(
      over(
        Uint8Array.from({ length: 8192 }, (_, index) => index % 251),
        ["v1"],
      ),
    ).toMatchObject({ is: "damaged" });
    expect(over(Uint8Array.of(1, 2, 3), ["v1"])).toMatchObject({ is: "damaged" });
  });

  test("any byte changed, any length cut", () => {
    const whole = real("metadata.db");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Uint8Array.from(whole).subarray(0, length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        expect(["read", "damaged"]).toContain(over(bytes, ["v1", "*"]).is);
      }),
    );
  });

  test("a branch that leads to itself ends", () => {
    const bytes = Uint8Array.from(real("metadata.db"));
    const view = new DataView(bytes.buffer);
    for (let page = 2; page * 4096 < bytes.length; page += 1) {
      view.setUint16(page * 4096 + 8, 0x01, true);
      view.setUint16(page * 4096 + 10, 2, true);
      for (const element of [0, 1]) view.setBigUint64(page * 4096 + 16 + element * 16 + 8, BigInt(page), true);
    }
    expect(over(bytes, ["v1"])).toMatchObject({ is: "damaged" });
  });
});

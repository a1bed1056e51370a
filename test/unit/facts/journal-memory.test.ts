import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { memoryText, parseMemory, type JournalMemory } from "../../../src/facts/journal-memory.ts";
import { listen, mostHits } from "../../../src/facts/listen.ts";
import { heardNothing, type Heard, type SpokenLine } from "../../../src/facts/log-evidence.ts";
import { matcherOf } from "../../../src/facts/signatures.ts";
import { signatures } from "../../support/rebooted.ts";

const matcher = matcherOf(signatures);
const cursor = "s=b79a0ee6297c4873b37b01cb89b535dc;i=3cd;b=b1537320721741d0aa3923e0a8e5e59f;m=2074225;t=6610c431362e7;x=6305e3a83c502f35";

const memoryOf = (heard: Heard): JournalMemory => ({
  madeBy: "test",
  bootId: "b".repeat(32),
  units: [
    { name: "flintlockd.service", invocationId: "1".repeat(32) },
    { name: "containerd-dev.service", invocationId: "2".repeat(32) },
  ],
  cursor,
  heard,
  dropped: { "flintlockd.service": 3 },
  cutAt: null,
  config: { path: "/etc/opt/flintlockd/config.yaml", sha256: "0".repeat(64), identity: "1 2 3 4 5", seenUs: 12 },
});

/** Written and read again. */
function kept(heard: Heard): Heard {
  const parsed = parseMemory(memoryText(memoryOf(heard)) ?? "");
  if ("damage" in parsed) throw new Error(parsed.damage);
  return parsed.memory.heard;
}

const microvm = fc.oneof(
  fc.constantFrom("ns1/a/01M87PFJXRRW02WDHE4H45FEA6", "ns1/b/01M87PFJXRRW02WDHE4H45FEA7", "n$1/$&/U", "a\u0001/b/c"),
  fc.string({ minLength: 1, maxLength: 8, unit: "binary" }).map((name) => `ns/${name.replaceAll("/", "")}x/U1`),
);
const said = fc.oneof(
  microvm.map(
    (id) => `level=error msg=${JSON.stringify(`failed to reconcile vmid ${id}: walking snapshots: snapshotter not loaded: devmapper: invalid argument`)}`,
  ),
  microvm.map((id) => `level=error msg=${JSON.stringify(`failed to reconcile vmid ${id}: pulling image: dial tcp 10.0.0.1: no route to host`)}`),
  microvm.map((id) => `level=error msg="microvm reconciliation for ${id} failed 11 times"`),
  fc.constantFrom(
    'level=info msg="started executing plan"',
    'level=error msg="failed executing plan"',
    'level=info msg="finished executing plan"',
    'level=warning msg="failed to load plugin" error="failed to query pool \\"/dev/mapper/p\\": no such device or address"',
    "Error: you must supply at least one of parent interface, bridge name",
  ),
  fc.string({ maxLength: 40, unit: "binary" }).map((text) => `level=error msg=${JSON.stringify(text)}`),
);
const line = fc.record({ containerd: fc.boolean(), message: said, hasTime: fc.boolean() });

const spokenOf = (lines: readonly { containerd: boolean; message: string; hasTime: boolean }[]): SpokenLine[] =>
  lines.map(({ containerd, message, hasTime }, index) => ({
    unit: containerd ? "containerd" : "flintlockd",
    unitName: containerd ? "containerd-dev.service" : "flintlockd.service",
    monotonicUs: 1_000 * index,
    at: hasTime ? new Date(1_795_555_150_000 + index).toISOString() : "",
    message,
  }));

describe("the memory of a journal", () => {
  test("to hear on upon what was kept is to hear everything", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 4 }), (lines, cuts) => {
        const all = spokenOf(lines);
        const bounds = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
        const inParts = bounds.slice(1).reduce((heard, end, index) => kept(listen(all.slice(bounds[index], end), matcher, heard)), heardNothing);
        expect(inParts).toEqual(listen(all, matcher));
      }),
      { numRuns: 500 },
    );
  });

  test("it is bounded: of each finding the newest, and that is said", () => {
    const message = 'level=error msg="failed to reconcile vmid a/b/C: snapshotter not loaded: devmapper: invalid argument"';
    const pool = 'level=warning msg="failed to load plugin" error="failed to query pool \\"/dev/mapper/p\\": no such device or address"';
    const many = Array.from({ length: mostHits + 10 }, () => ({ containerd: false, message, hasTime: true }));
    const all = spokenOf([{ containerd: true, message: pool, hasTime: true }, ...many]);
    const whole = listen(all, matcher);
    expect(whole.hits).toHaveLength(mostHits + 1);
    expect(whole.hits[0]).toMatchObject({ finding: "thinpool-missing" });
    expect(whole.hits[1]).toMatchObject({ monotonicUs: 11_000 });
    expect(whole.overheard).toEqual(["snapshotter-not-loaded"]);
    expect(listen(all.slice(100), matcher, kept(listen(all.slice(0, 100), matcher)))).toEqual(whole);
    expect(listen(all.slice(-5), matcher, kept(listen(all.slice(0, -5), matcher)))).toEqual(whole);
    // A thousand lines alike cost a few bytes each.
    expect(memoryText(memoryOf(whole))?.length).toBeLessThan(60 * mostHits);
  });

  test("no secret and nothing raw is kept", () => {
    const text = memoryText(memoryOf(listen(spokenOf([{ containerd: false, message: 'level=error msg="\u001b[2J token=hunter2"', hasTime: true }]), matcher)));
    expect(text).not.toMatch(/hunter2|\\u001b/);
    expect(text).toContain("********");
  });

  test("one that is too long to be read again is not written", () => {
    const lines = Array.from({ length: 9_000 }, (_, index) => `level=error msg="failed to reconcile vmid a/${"x".repeat(400)}${String(index)}/U: no"`);
    expect(memoryText(memoryOf(listen(spokenOf(lines.map((message) => ({ containerd: false, message, hasTime: true }))), matcher)))).toBeNull();
  });

  test.each<[string, (text: string) => string]>([
    ["empty", () => ""],
    ["cut off", (text) => text.slice(0, -20)],
    ["one figure changed", (text) => text.replace('"seenUs":12', '"seenUs":13')],
    ["another schema", (text) => text.replace("journal/v1", "journal/v9")],
    ["no JSON", (text) => text.slice(1)],
    ["something behind it", (text) => `${text}x`],
  ])("damaged: %s", (_name, damage) => expect(parseMemory(damage(memoryText(memoryOf(heardNothing)) ?? ""))).toHaveProperty("damage"));

  const forged = (changes: Record<string, unknown>): string => {
    const [, body = ""] = (memoryText(memoryOf(listen(spokenOf([{ containerd: false, message: "Error: x", hasTime: true }]), matcher))) ?? "").split("\n");
    return JSON.stringify({ ...(JSON.parse(body) as object), ...changes });
  };

  test.each<[string, Record<string, unknown>]>([
    ["a cursor that is an option", { cursor: "--file=/etc/shadow" }],
    ["a number that names no text", { texts: [] }],
    ["a list that is none", { names: {} }],
    ["units that are none", { units: [1] }],
    ["an identity that is no text", { config: { path: "/x", sha256: "a", identity: 5, seenUs: 1 } }],
  ])("a sound checksum over nonsense: %s", (_name, changes) => {
    const body = forged(changes);
    expect(parseMemory(`${JSON.stringify({ schema: "flintlock-fix/journal/v1", check: fnv(body) })}\n${body}\n`)).toEqual({
      damage: "it is not what it was written as",
    });
  });

  test("what an earlier version kept has no identity, and is good all the same", () => {
    const body = forged({ config: { path: "/x", sha256: "a", seenUs: 1 } });
    expect(parseMemory(`${JSON.stringify({ schema: "flintlock-fix/journal/v1", check: fnv(body) })}\n${body}\n`)).toMatchObject({
      memory: { config: { path: "/x", identity: null } },
    });
  });

  test("any text is a memory or damage", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => expect(parseMemory(text)).toHaveProperty("damage")));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body = JSON.stringify(value);
        expect(parseMemory(`${JSON.stringify({ schema: "flintlock-fix/journal/v1", check: fnv(body) })}\n${body}\n`)).toHaveProperty("damage");
      }),
    );
  });
});

function fnv(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

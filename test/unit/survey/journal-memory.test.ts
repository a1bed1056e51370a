/** A journal that is read on: the second look, from what the first one kept, says what one look at everything says. */

import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { memoryText, type JournalMemory } from "../../../src/facts/journal-memory.ts";
import { keepMemory } from "../../../src/heal/journal-file.ts";
import type { CommandResult } from "../../../src/host/inspector.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import type { LogEvidence } from "../../../src/survey/journal.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { a, bootId, c, clock, rebooted, signatures } from "../../support/rebooted.ts";
import { shown } from "../../support/services.ts";

const path = `${defaultPolicy.stateDir}/journal.json`;
const invocations = { "flintlockd.service": "656c116f18394eb2aa707559fbdd9d6b", "containerd-dev.service": "56ae3903b169424986f3a9661ca3fb5c" };

const cursorOf = (index: number): string => `s=b79a0ee6297c4873b37b01cb89b535dc;i=${index.toString(16)};b=${bootId};m=2074225;t=6610c431362e7;x=1`;

function entry(index: number, message: string, unit: keyof typeof invocations = "flintlockd.service", changes: Record<string, string> = {}): string {
  const monotonicUs = 31_000_000 + index * 1_000;
  return JSON.stringify({
    __CURSOR: cursorOf(index),
    __REALTIME_TIMESTAMP: String(1_795_555_119_078_000 + monotonicUs),
    __MONOTONIC_TIMESTAMP: String(monotonicUs),
    _BOOT_ID: bootId,
    _SYSTEMD_UNIT: unit,
    _SYSTEMD_INVOCATION_ID: invocations[unit],
    _UID: "0",
    _TRANSPORT: "stdout",
    MESSAGE: message,
    ...changes,
  });
}

const notLoaded = (id = a): string =>
  `level=error msg="failed to reconcile vmid ${id}: walking snapshots: snapshotter not loaded: devmapper: invalid argument"`;

/** A host whose journalctl answers from these entries as the real one does, with what an earlier run kept. */
function hostOf(entries: readonly string[], kept: string | null, changes: FakeHost = {}): FakeHost {
  const after: Record<string, string> = {};
  for (const [index, line] of entries.entries())
    after[`journalctl --no-pager --quiet --all --cursor=${(JSON.parse(line) as { __CURSOR: string }).__CURSOR} `] = `${entries.slice(index).join("\n")}\n`;
  return rebooted({
    ...changes,
    commands: { journalctl: entries.toReversed().join("\n"), ...after, ...changes.commands },
    files: { ...(kept === null ? {} : { [path]: kept }), ...changes.files },
  });
}

async function look(host: FakeHost, use: Survey["memoryUse"] = "keep"): Promise<LogEvidence & { ranges: string[] }> {
  const fake = fakeHost(host);
  const answer = await new Survey(fake, defaultPolicy, signatures, use).journal();
  if (answer.kind !== "known") throw new Error(answer.why);
  const ranges = fake.asked.flatMap((question) => (question.ask === "command" && question.argv[0] === "journalctl" ? [question.argv[4] ?? ""] : []));
  return { ...answer.value, ranges };
}

async function keptAfter(entries: readonly string[], changes: FakeHost = {}, before: string | null = null): Promise<string> {
  const { memory } = await look(hostOf(entries, before, changes));
  return memory === null ? "" : (memoryText(memory) ?? "");
}

const two = [entry(1, notLoaded()), entry(2, notLoaded(c))];

describe("a second look", () => {
  test("reads what is new, and a fault that is not cured goes on counting", async () => {
    const kept = await keptAfter(two);
    const { findings, ranges, caveats } = await look(hostOf([...two, entry(3, notLoaded())], kept));
    expect(ranges).toEqual([`--cursor=${cursorOf(2)}`]);
    expect(findings).toMatchObject([{ count: 3, microvms: [a, c], first: { monotonicUs: 31_001_000 }, last: { monotonicUs: 31_003_000 } }]);
    expect(caveats).toEqual([]);
  });

  test("that finds nothing new says the same, and keeps nothing anew", async () => {
    const told = await look(hostOf(two, await keptAfter(two)));
    expect(told.findings).toEqual((await look(hostOf(two, null))).findings);
    expect(told).toMatchObject({ memory: null, caveats: [] });
  });

  test("judges what was kept by what happened since", async () => {
    const kept = await keptAfter(two);
    const success = { at: "2026-11-24T21:19:15Z", bootId, monotonicUs: 35_000_000, run: "r", event: "run-ends", exitCode: 0 };
    const files = { [`${defaultPolicy.stateDir}/ledger.jsonl`]: JSON.stringify(success) };
    expect((await look(hostOf(two, kept, { files }))).findings).toEqual([]);
    expect((await look(hostOf([...two, entry(5_000, notLoaded())], kept, { files }))).findings).toMatchObject([{ count: 1 }]);
  });

  test("of a dry run uses it too, and keeps nothing; a capture is made of the journal itself", async () => {
    const kept = await keptAfter(two);
    expect(await look(hostOf([...two, entry(3, notLoaded())], kept), "read")).toMatchObject({ memory: null, ranges: [`--cursor=${cursorOf(2)}`] });
    expect((await look(hostOf(two, kept), "ignore")).ranges).toEqual(["--reverse"]);
  });

  const message = fc.constantFrom(
    notLoaded(),
    notLoaded(c),
    notLoaded("ns1/gone/01M87PFRFDF3M4MCK4CFA640KX"),
    `level=error msg="failed to reconcile vmid ${a}: pulling image: dial tcp 10.0.0.1: no route to host"`,
    `level=error msg="failed to reconcile vmid ${c}: pulling image: dial tcp 10.0.0.2: no route to host"`,
    'level=info msg="started executing plan"',
    'level=error msg="failed executing plan"',
    "Error: something",
  );
  const trusted = fc.constantFrom<Record<string, string>>(
    {},
    {},
    {},
    { _UID: "1000" },
    { _TRANSPORT: "syslog" },
    {
      MESSAGE_ID: "a596d6fe7bfa4994828e72309e95d61e",
      _SYSTEMD_UNIT: "systemd-journald.service",
      MESSAGE: "Suppressed 12 messages from flintlockd.service",
    },
  );

  test("and one at everything at once: the same, wherever the cut lies", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(message, fc.boolean(), trusted), { minLength: 1, maxLength: 20 }), fc.nat(), fc.nat(), async (drawn, one, other) => {
        const all = drawn.map(([text, containerd, changes], index) =>
          entry(index + 1, text, containerd ? "containerd-dev.service" : "flintlockd.service", changes),
        );
        const [first = 0, second = 0] = [one % all.length, other % all.length].sort((x, y) => x - y);
        const early = await keptAfter(all.slice(0, first + 1));
        const later = (await keptAfter(all.slice(0, second + 1), {}, early)) || early;
        const { ranges, memory: _memory, ...inParts } = await look(hostOf(all, later));
        const { ranges: _all, memory: _whole, ...atOnce } = await look(hostOf(all, null));
        expect(ranges).toEqual([expect.stringMatching(/^--cursor=/)]);
        expect(inParts).toEqual(atOnce);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what was kept is passed over, and everything is read", () => {
  const readsAll = async (host: FakeHost, caveat: RegExp | null): Promise<LogEvidence> => {
    const told = await look(host);
    expect(told.ranges.at(-1)).toBe("--reverse");
    expect(told.findings).toEqual((await look({ ...host, files: { ...host.files, [path]: "" } })).findings);
    if (caveat === null) expect(told.caveats).toEqual([]);
    else expect(told.caveats).toEqual([expect.stringMatching(caveat)]);
    return told;
  };

  test("the entry is gone: vacuumed, or rotated away", async () => {
    const kept = await keptAfter(two);
    // journalctl goes on from the nearest entry that is left.
    const left = [entry(3, notLoaded())];
    const host = hostOf(left, kept);
    const nearest = { [`journalctl --no-pager --quiet --all --cursor=${cursorOf(2)}`]: `${left.join("\n")}\n` };
    const { findings } = await readsAll({ ...host, commands: { ...host.commands, ...nearest } }, /no longer holds the entry/);
    expect(findings).toMatchObject([{ count: 1 }]);
  });

  test.each<[string, Partial<CommandResult>, RegExp]>([
    ["nothing is left of the journal", { status: 1 }, /no longer holds the entry/],
    ["a corrupt file", { stdout: two.at(-1) ?? "", stderr: "Journal file x.journal corrupted, ignoring file.\n" }, /corrupted, ignoring file/],
    ["a flood", { stdout: two.at(-1) ?? "", truncated: true }, /too much came after it/],
    ["half an entry", { stdout: `${two.at(-1) ?? ""}\n{"__CUR` }, /are no entries/],
  ])("%s", async (_name, answer, caveat) => {
    const kept = await keptAfter(two);
    await readsAll(hostOf(two, kept, { commands: { "journalctl --no-pager --quiet --all --cursor=": answer, [cursorCommand(2)]: answer } }), caveat);
  });

  test("another boot", async () => {
    const kept = (await keptAfter(two)).length > 0 ? memoryWith(await memoryAfter(two), { bootId: "f".repeat(32) }) : "";
    await readsAll(hostOf(two, kept), /booted since the last run/);
  });

  test("damage", async () => {
    const kept = await keptAfter(two);
    await readsAll(hostOf(two, kept.replace("31001000", "31001001")), /journal\.json is damaged/);
  });

  test("another start of either unit, or another program, is no word worth", async () => {
    const memory = await memoryAfter(two);
    await readsAll(hostOf(two, memoryWith(memory, { madeBy: "older" })), null);
    await readsAll(
      hostOf(two, memoryWith(memory, { units: memory.units.map((unit, index) => (index === 1 ? { ...unit, invocationId: "0".repeat(32) } : unit)) })),
      null,
    );
  });

  test("a crash loop, whose lines are of many starts: it keeps nothing either", async () => {
    const looping = shown("rebooted", {
      "flintlockd.service": { ActiveState: "activating", SubState: "auto-restart", NRestarts: "7", MainPID: "0", ExecMainStartTimestampMonotonic: "39000000" },
    });
    const told = await look(hostOf(two, await keptAfter(two), { commands: { "systemctl show": looping } }));
    expect(told).toMatchObject({ ranges: ["--reverse"], memory: null });
  });

  const cursorCommand = (index: number): string => `journalctl --no-pager --quiet --all --cursor=${cursorOf(index)} `;
  const memoryWith = (memory: JournalMemory, changes: Partial<JournalMemory>): string => memoryText({ ...memory, ...changes }) ?? "";
  async function memoryAfter(entries: readonly string[]): Promise<JournalMemory> {
    const { memory } = await look(hostOf(entries, null));
    if (memory === null) throw new Error("nothing was kept");
    return memory;
  }
});

describe("the configuration that flintlockd started with", () => {
  const config = "/etc/opt/flintlockd/config.yaml";
  const touched = { mtimes: { [config]: clock.nowMs - 1_000 } };

  test("a file that was only touched cured nothing", async () => {
    const kept = await keptAfter(two);
    expect((await look(hostOf(two, kept, touched))).findings).toMatchObject([{ count: 2 }]);
    expect((await look(hostOf(two, null, touched))).findings).toEqual([]);
  });

  test("one that was changed may have cured it", async () =>
    expect((await look(hostOf(two, await keptAfter(two), { ...touched, files: { [config]: "bridge-name: other\n" } }))).findings).toEqual([]));

  test("put in place with an old time: changed at some time after it was last seen", async () => {
    const early = { monotonicUs: 31_001_500, nowMs: clock.nowMs - 9_028_617 / 1_000 };
    const kept = await keptAfter(two.slice(0, 1), { clock: { ...clock, ...early } });
    const { findings } = await look(hostOf(two, kept, { files: { [config]: "bridge-name: other\n" } }));
    expect(findings).toMatchObject([{ count: 1, microvms: [c] }]);
  });

  test("is not known where it was changed before anybody looked", async () => {
    expect((await look(hostOf(two, null, touched))).memory?.config).toBeNull();
    expect((await look(hostOf(two, null))).memory?.config).toMatchObject({ path: config, seenUs: clock.monotonicUs });
  });
});

describe("the file", () => {
  test("is written whole, for root alone; where it cannot be, that is said", async () => {
    const { memory } = await look(hostOf(two, null));
    const folder = mkdtempSync(join(tmpdir(), "fix-"));
    expect(memory && keepMemory(folder, memory)).toBeNull();
    expect(readFileSync(join(folder, "journal.json"), "utf8")).toBe(memory && memoryText(memory));
    expect(statSync(join(folder, "journal.json")).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "file"), "");
    expect(memory && keepMemory(join(folder, "file"), memory)).toMatch(/journal\.json cannot be written.*reads the whole journal again/);
  });
});

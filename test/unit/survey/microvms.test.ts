import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../../src/catalogue.generated.ts";
import { look } from "../../../src/detector.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { keyOf, valueOf, type Answer, type Inspector, type Question } from "../../../src/host/inspector.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { evaluate } from "../../../src/steps/conditions.ts";
import { fakeHost, fileOf, type FakeHost } from "../../support/fake-host.ts";
import { a, blobFolder, blobs, c, clock, contentLs, evidenceFixture, rebooted } from "../../support/rebooted.ts";
import { shown } from "../../support/services.ts";

const surveyOf = (host: FakeHost): Survey => new Survey(fakeHost(host), defaultPolicy, []);
const folder = `/var/lib/flintlock/vm/${a}`;
const uid = a.split("/")[2] ?? "";
const process = (pid: string, argv: string[], state = "S"): Record<string, string> => ({
  [`/proc/${pid}/stat`]: `${pid} (x) ${state} ${"1 ".repeat(18)}500 0`,
  [`/proc/${pid}/cmdline`]: argv.map((word) => `${word}\0`).join(""),
});

describe("flintlock's records", () => {
  test("the newest version of each, from the blobs that the labels point to", async () => {
    const fake = fakeHost(rebooted());
    const records = valueOf(await new Survey(fake, defaultPolicy, []).records());
    expect(records?.map(({ id, version, state, retry, notBefore, provider }) => ({ id, version, state, retry, notBefore, provider }))).toEqual([
      { id: a, version: 4, state: "pending", retry: 2, notBefore: 1_795_555_193, provider: "firecracker" },
      { id: c, version: 4, state: "pending", retry: 2, notBefore: 1_795_555_192, provider: "cloudhypervisor" },
    ]);
    expect(records?.[0]?.interfaces).toEqual([
      { guestDevice: "eth0", type: "tap", bridge: null, metadata: true, hostDevice: expect.stringMatching(/^fltap/) },
      { guestDevice: "eth1", type: "tap", bridge: null, metadata: false, hostDevice: expect.stringMatching(/^fltap/) },
    ]);
    // Old versions are not even opened.
    expect(fake.asked.filter((question) => question.ask === "file" && question.path.startsWith(blobFolder))).toHaveLength(2);
  });

  test.each<[string, NonNullable<FakeHost["commands"]>]>([
    ["containerd 2 without its metadata store", { [contentLs]: { status: 1, stderr: "ctr: unknown service containerd.services.content.v1.Content" } }],
    ["ctr is not there", { "ctr --connect-timeout 2s": { status: 127 } }],
    ["containerd is down", { "systemctl show": shown("rebooted", { "containerd-dev.service": { ActiveState: "inactive", SubState: "dead", MainPID: "0" } }) }],
    ["something else answers", { [contentLs]: "hello\n" }],
  ])("%s: the same, by the shape of the blobs", async (_name, commands) => {
    const records = valueOf(
      await surveyOf(
        rebooted({
          commands,
          files: { [`${blobFolder}/${"e".repeat(64)}`]: '{"id":"sha256:x","config":{}}', [`${blobFolder}/${"d".repeat(64)}`]: "\u001f\u008b layer" },
        }),
      ).records(),
    );
    expect(records?.map(({ id, version }) => [id, version])).toEqual([
      [a, 4],
      [c, 4],
    ]);
  });

  test("without containerd ctr is not started: it would wait for its time limit", async () => {
    const fake = fakeHost(rebooted({ commands: { "systemctl show": shown("rebooted", { "containerd-dev.service": { ActiveState: "failed" } }) } }));
    await new Survey(fake, defaultPolicy, []).records();
    expect(fake.asked.some((question) => question.ask === "command" && question.argv[0] === "ctr")).toBe(false);
  });

  test.each<[number, Answer<unknown>["kind"], number]>([
    [500, "known", Object.keys(blobs).length],
    [501, "unknown", 0],
  ])("at a glance, among %i blobs: they are %s, %i of them read, and ctr is not started", async (count, kind, read) => {
    const others = Array.from({ length: count - Object.keys(blobs).length }, (_, number) => [
      `${blobFolder}/${number.toString(16).padStart(64, "0")}`,
      "layer",
    ]);
    const fake = fakeHost(rebooted({ files: Object.fromEntries(others) as Record<string, string> }));
    const records = await new Survey(fake, defaultPolicy, [], "read", true).records();
    expect(records.kind).toBe(kind);
    if (records.kind === "known")
      expect(records.value.map(({ id, version }) => [id, version])).toEqual([
        [a, 4],
        [c, 4],
      ]);
    const ofRecords = (question: Question): boolean => question.ask === "file" && question.path.startsWith(blobFolder);
    expect(new Set(fake.asked.filter(ofRecords).map(keyOf)).size).toBe(read);
    expect(fake.asked.some((question) => question.ask === "command" && question.argv.includes("content"))).toBe(false);
  });

  test("nothing was ever stored", async () => {
    const { files = {}, ...rest } = rebooted({ commands: { [contentLs]: { status: 1 } } });
    const without = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith(blobFolder)));
    expect((await surveyOf({ ...rest, files: without }).records()).kind).toBe("absent");
  });

  test("one of an unknown shape leaves the others: what is wrong with them is, and nothing is called well without it", async () => {
    const [newest = ""] = Object.entries(blobs).flatMap(([path, text]) => (text.includes('"version":4') && text.includes(a) ? [path] : []));
    const files = { [newest]: JSON.stringify({ id: "ns1/a/U", version: "four" }) };
    const survey = surveyOf(rebooted({ files }));
    expect(valueOf(await survey.records())?.map(({ id }) => id)).toEqual([c]);
    const strict = await survey.withoutGuesses();
    expect(await strict?.records()).toMatchObject({ kind: "unknown", why: expect.stringContaining(newest) });
    const reused = { [`/var/lib/flintlock/vm/${c}/cloudhypervisor.pid`]: "77", ...process("77", ["sleep", "9"]) };
    const { findings } = await look(surveyOf(rebooted({ files: { ...files, ...reused } })), catalogue);
    const statusOf = (id: string): string => `${findings.find((one) => one.id === id)?.status}`;
    expect(["microvm-pid-reused", "microvm-not-started", "microvm-gave-up", "thinpool-missing"].map(statusOf)).toEqual([
      "problem",
      "unknown",
      "unknown",
      "problem",
    ]);
  });

  test("all of an unknown shape are unknown, with a file's name", async () => {
    const files = Object.fromEntries(Object.keys(blobs).map((path) => [path, '{"id":"ns1/a/U","version":"four"}']));
    expect(await surveyOf(rebooted({ files })).records()).toMatchObject({ kind: "unknown", why: expect.stringContaining(blobFolder) });
  });

  test("where all can be read there is no second look", async () => expect(await surveyOf(rebooted()).withoutGuesses()).toBeNull());

  test("labels are a caller's text: what they forge is read, and the blob counts", async () => {
    const digest = "c".repeat(64);
    const forged = `sha256:${digest}\t1.2kB\t5 minutes\tdev.liquidmetal.flintlockd/name=x,dev.liquidmetal.flintlockd/uid=${uid},dev.liquidmetal.flintlockd/version=999,dev.liquidmetal.flintlockd/ns=ns1,dev.liquidmetal.flintlockd/type=microvm,dev.liquidmetal.flintlockd/uid=OTHER,dev.liquidmetal.flintlockd/version=1\n`;
    const other = (Object.values(blobs)[0] ?? "").replace(/"id":"[^"]*"/, '"id":"ns1/x/OTHER"');
    const records = valueOf(
      await surveyOf(
        rebooted({ files: { [`${blobFolder}/${digest}`]: other }, commands: { [contentLs]: evidenceFixture("rebooted.content-ls") + forged } }),
      ).records(),
    );
    expect(records?.map(({ id, version }) => [id, version])).toEqual([
      [a, 4],
      [c, 4],
      ["ns1/x/OTHER", expect.any(Number)],
    ]);
  });
});

describe("MicroVMs", () => {
  const only = async (files: Record<string, string>, changes: FakeHost = {}) =>
    valueOf(await surveyOf(rebooted({ ...changes, files: { ...files, ...changes.files } })).microvms())?.find(({ record }) => record.id === a);

  test.each<[string, Record<string, string>, string, string]>([
    ["its own hypervisor", { [`${folder}/firecracker.pid`]: "77", ...process("77", ["firecracker", "--id", uid]) }, "running", "running"],
    ["somebody else's process", { [`${folder}/firecracker.pid`]: "77", ...process("77", ["/usr/sbin/cron", "-f"]) }, "foreign", "unknown"],
    ["a thread of the kernel", { [`${folder}/firecracker.pid`]: "77", ...process("77", []) }, "foreign", "unknown"],
    ["no such process", { [`${folder}/firecracker.pid`]: "77" }, "dead", "waiting"],
    ["a process that has ended", { [`${folder}/firecracker.pid`]: "77", ...process("77", [], "Z") }, "dead", "waiting"],
    ["no pid file", {}, "none", "waiting"],
    ["the other hypervisor's pid file is not looked at", { [`${folder}/cloudhypervisor.pid`]: "77", ...process("77", ["cron"]) }, "none", "waiting"],
    ["rubbish in the pid file", { [`${folder}/firecracker.pid`]: "no" }, "garbled", "unknown"],
    ["an empty pid file", { [`${folder}/firecracker.pid`]: "" }, "garbled", "unknown"],
    ["a number that is none", { [`${folder}/firecracker.pid`]: "99999999999" }, "garbled", "unknown"],
    ["no pid file, and its own hypervisor lives", process("78", ["firecracker", `--id=${uid}`]), "unnamed", "running"],
    [
      "an empty pid file, and its own hypervisor lives",
      { [`${folder}/firecracker.pid`]: "", ...process("78", ["firecracker", "--id", uid]) },
      "unnamed",
      "running",
    ],
    [
      "no such process, and its own hypervisor lives",
      { [`${folder}/firecracker.pid`]: "77", ...process("78", ["firecracker", "--id", uid]) },
      "unnamed",
      "running",
    ],
    [
      "somebody else's process, and its own hypervisor lives",
      { [`${folder}/firecracker.pid`]: "77", ...process("77", ["sleep", "3000"]), ...process("78", ["firecracker", "--id", uid]) },
      "unnamed",
      "running",
    ],
    ["another MicroVM's hypervisor lives", process("78", ["firecracker", "--id", c.split("/")[2] ?? ""]), "none", "waiting"],
    ["its hypervisor has ended and is not reaped", { ...process("78", ["firecracker", "--id", uid], "Z") }, "none", "waiting"],
  ])("%s", async (_name, files, is, state) => {
    const microvm = await only(files);
    expect({ is: microvm?.process.is, state: microvm?.state }).toEqual({ is, state });
  });

  test.each<[string, FakeHost]>([
    ["a folder in its place", { files: { [`${folder}/firecracker.pid/x`]: "" }, unreadable: { [`${folder}/firecracker.pid`]: "it is a directory" } }],
    ["a link in its place", { links: { [`${folder}/firecracker.pid`]: "/etc/hostname" }, files: { [`${folder}/firecracker.pid`]: "flhost" } }],
  ])("%s: unknown, and what to do", async (_name, host) => {
    const microvm = await only({}, host);
    expect(microvm).toMatchObject({ state: "unknown", process: { is: "unknown", why: expect.stringContaining("put it aside") } });
  });

  test("one that was just started has no pid file yet", async () => {
    const young = { "/proc/78/stat": `78 (x) S ${"1 ".repeat(18)}${Math.floor(clock.monotonicUs / 1e4)} 0`, "/proc/78/cmdline": `x\0--id\0${uid}\0` };
    expect(await only(young)).toMatchObject({ process: { is: "running", pid: 78 } });
  });

  test("where each pid file names its hypervisor, or at a glance, not every process is looked at; else once", async () => {
    const scans = async (files: Record<string, string>, glance = false): Promise<number> => {
      const fake = fakeHost(rebooted({ files }));
      await new Survey(fake, defaultPolicy, [], "read", glance).microvms();
      return fake.asked.filter((question) => question.ask === "directory" && question.path === "/proc").length;
    };
    const cUid = c.split("/")[2] ?? "";
    const both = {
      [`${folder}/firecracker.pid`]: "77",
      ...process("77", ["firecracker", "--id", uid]),
      [`/var/lib/flintlock/vm/${c}/cloudhypervisor.pid`]: "88",
      ...process("88", ["ch", "--id", cUid]),
    };
    expect([await scans(both), await scans({}, true), await scans({})]).toEqual([0, 0, 1]);
  });

  test("failed while the look was under way, on a slow host: that is no clock that was set back", async () => {
    const quick = fakeHost(
      rebooted({
        files: Object.fromEntries(
          Object.entries(blobs).map(([path, blob]) => [path, blob.replace(/"not_before":\d+/, `"not_before":${String(Math.floor(clock.nowMs / 1000) + 47)}`)]),
        ),
      }),
    );
    const readMs = clock.nowMs + 8_000;
    const slow: Inspector = {
      ask: async (question) => {
        const answer = await quick.ask(question);
        return answer.kind === "known" && question.ask === "command" ? { ...answer, at: new Date(readMs).toISOString() } : answer;
      },
    };
    const microvms = async (host: Inspector): Promise<unknown> =>
      valueOf(await new Survey(host, defaultPolicy, []).microvms())?.map(({ due, tooFarAhead }) => ({ due, tooFarAhead }));
    expect(await microvms(slow)).toEqual(Array(2).fill({ due: "timer", tooFarAhead: false }));
    expect(await microvms(quick)).toEqual(Array(2).fill({ due: "resync", tooFarAhead: true }));
  });

  test("failed in this process: tried again at its not_before", async () => {
    expect(await only({})).toMatchObject({
      state: "waiting",
      due: "timer",
      nextTryMs: 1_795_555_193_000,
      reason: "failed 2 times, tried again at its not_before",
    });
  });

  test("flintlockd restarted since: the first resync after it", async () => {
    const restarted = shown("rebooted", { "flintlockd.service": { ExecMainStartTimestampMonotonic: "39000000" } });
    expect(await only({}, { commands: { "systemctl show": restarted } })).toMatchObject({ state: "waiting", due: "resync", nextTryMs: 1_795_555_758_000 });
  });

  test("flintlockd is stopped: nobody tries", async () => {
    const stopped = shown("rebooted", { "flintlockd.service": { ActiveState: "inactive", SubState: "dead", MainPID: "0" } });
    expect(await only({}, { commands: { "systemctl show": stopped } })).toMatchObject({ state: "waiting", due: "service", nextTryMs: null });
  });

  test("conditions: due, settled, and whose process a pid file names", async () => {
    const ask = async (is: "microvms-due" | "microvms-settled", host: FakeHost) => valueOf(await evaluate({ is }, fakeHost(host), () => surveyOf(host)));
    expect(await ask("microvms-due", rebooted())).toBe(false);
    expect(await ask("microvms-due", rebooted({ clock: { ...clock, nowMs: 1_795_555_194_000 } }))).toBe(true);
    expect(await ask("microvms-settled", rebooted())).toBe(false);
    const path = `${folder}/firecracker.pid`;
    const names = async (files: Record<string, string>, startTicks = 500) =>
      valueOf(await evaluate({ is: "pid-not", path, pid: 77, startTicks }, fakeHost(rebooted({ files })), () => surveyOf(rebooted())));
    expect(await names({ [path]: "77", ...process("77", ["cron"]) })).toBe(false);
    expect(await names({ [path]: "77", ...process("77", ["cron"]) }, 499)).toBe(true);
    expect(await names({ [path]: "78", ...process("77", ["cron"]) })).toBe(true);
    expect(await names({ [path]: "77" })).toBe(true);
    expect(await names({})).toBe(true);
    const [empty, other] = ["", "x"].map((text) => fileOf(text).sha256);
    const changed = async (files: Record<string, string>, sha256 = empty ?? "") =>
      valueOf(await evaluate({ is: "file-not", path, sha256 }, fakeHost(rebooted({ files })), () => surveyOf(rebooted())));
    expect([await changed({}), await changed({ [path]: "" }), await changed({ [path]: "" }, other)]).toEqual([true, false, true]);
  });
});

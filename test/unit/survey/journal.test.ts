import { describe, expect, test } from "@jest/globals";
import { defaultPolicy } from "../../../src/policy.ts";
import type { LogEvidence } from "../../../src/survey/journal.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { a, blobFolder, blobs, bootId, c, clock, contentLs, rebooted, signatures } from "../../support/rebooted.ts";
import { shown } from "../../support/services.ts";

const invocation = "656c116f18394eb2aa707559fbdd9d6b";

function journalOf(host: FakeHost): { answer: ReturnType<Survey["journal"]>; argv: () => string[] } {
  const fake = fakeHost(host);
  const survey = new Survey(fake, defaultPolicy, signatures);
  return {
    answer: survey.journal(),
    argv: () => fake.asked.flatMap((question) => (question.ask === "command" && question.argv[0] === "journalctl" ? [question.argv] : [])).flat(),
  };
}

async function heard(host: FakeHost): Promise<LogEvidence> {
  const answer = await journalOf(host).answer;
  if (answer.kind !== "known") throw new Error(answer.why);
  return answer.value;
}

/** One entry as journalctl prints it. */
const entry = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    __CURSOR: "c",
    __REALTIME_TIMESTAMP: "1795555150000000",
    __MONOTONIC_TIMESTAMP: "31000000",
    _BOOT_ID: bootId,
    _SYSTEMD_UNIT: "flintlockd.service",
    _SYSTEMD_INVOCATION_ID: invocation,
    _UID: "0",
    _TRANSPORT: "stdout",
    MESSAGE: `time="x" level=error msg="failed to reconcile vmid ${a}: executing plan: walking snapshots: snapshotter not loaded: devmapper: invalid argument"`,
    ...changes,
  });
const saying = (...entries: string[]): FakeHost => rebooted({ commands: { journalctl: `${entries.join("\n")}\n` } });

describe("the journal of a rebooted host", () => {
  test("one process, asked by index for the present starts, newest first", async () => {
    const { answer, argv } = journalOf(rebooted());
    await answer;
    expect(argv().filter((word) => word === "journalctl")).toHaveLength(1);
    expect(argv()).toEqual(
      expect.arrayContaining([
        "--reverse",
        "--output=json",
        `_SYSTEMD_INVOCATION_ID=${invocation}`,
        "_SYSTEMD_UNIT=flintlockd.service",
        `_BOOT_ID=${bootId}`,
        "+",
        "_SYSTEMD_INVOCATION_ID=56ae3903b169424986f3a9661ca3fb5c",
      ]),
    );
  });

  test("each finding with its count, its first and last time, its MicroVMs and a few examples", async () => {
    const { findings, caveats, lastWords } = await heard(rebooted());
    expect(findings.map(({ finding, count, microvms }) => ({ finding, count, microvms }))).toEqual([
      { finding: "thinpool-missing", count: 2, microvms: [] },
      { finding: "snapshotter-not-loaded", count: 4, microvms: [c, a] },
    ]);
    const [, snapshotter] = findings;
    expect(snapshotter?.first).toMatchObject({ microvm: c, at: "2026-11-24T21:18:52.840Z" });
    expect(snapshotter?.last).toMatchObject({ microvm: a, at: "2026-11-24T21:19:13.103Z" });
    expect(snapshotter?.examples).toHaveLength(2);
    expect(caveats).toEqual([]);
    expect(lastWords.get(a)?.excerpt).toContain("snapshotter not loaded");
  });

  test("a thousand MicroVMs are one finding", async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      entry({
        MESSAGE: `time="x" level=error msg="failed to reconcile vmid ns/m${String(index)}/U: walking snapshots: snapshotter not loaded: devmapper: invalid argument"`,
      }),
    );
    // Nothing is known of what is recorded, so no MicroVM is gone.
    const host = saying(...many);
    const { findings } = await heard({ ...host, commands: { ...host.commands, [contentLs]: { status: 1 } }, unreadable: { [blobFolder]: "denied" } });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ count: 1000 });
    expect(findings[0]?.microvms).toHaveLength(1000);
    expect(findings[0]?.examples).toHaveLength(5);
  });
});

describe("what does not count", () => {
  test.each<[string, Record<string, unknown>]>([
    ["another unit", { _SYSTEMD_UNIT: "session-1.scope", SYSLOG_IDENTIFIER: "flintlockd" }],
    ["logger, from a process in the unit's own control group", { _TRANSPORT: "syslog" }],
    ["another user", { _UID: "1000" }],
    ["another boot", { _BOOT_ID: "f".repeat(32) }],
    ["an earlier start", { _SYSTEMD_INVOCATION_ID: "0".repeat(32) }],
    ["from before the unit's start", { __MONOTONIC_TIMESTAMP: "9000000" }],
    ["no trusted field at all", { _SYSTEMD_UNIT: undefined, _UID: undefined, _TRANSPORT: undefined }],
    ["only level info", { MESSAGE: 'time="x" level=info msg="snapshotter not loaded: devmapper: invalid argument"' }],
    [
      "a MicroVM that is gone",
      { MESSAGE: 'level=error msg="failed to reconcile vmid ns1/x/01M87PFJXRRW02WDHE4H45FEA7: snapshotter not loaded: devmapper: invalid argument"' },
    ],
  ])("%s", async (_name, changes) => expect((await heard(saying(entry(changes)))).findings).toEqual([]));

  test("a line that does count, so that the above proves something", async () => expect((await heard(saying(entry()))).findings).toHaveLength(1));

  test("from before the configuration was changed, though its words are kept", async () => {
    const host = rebooted({ commands: { journalctl: entry() }, mtimes: { "/etc/opt/flintlockd/config.yaml": clock.nowMs - 1000 } });
    const { findings, lastWords, lastErrors } = await heard(host);
    expect(findings).toEqual([]);
    expect(lastWords.has(a)).toBe(true);
    expect(lastErrors).toHaveLength(1);
  });

  test("from before this tool's last success", async () => {
    const line = { at: "2026-11-24T21:19:15Z", bootId, monotonicUs: 35_000_000, run: "r", event: "run-ends", exitCode: 0 };
    const host = rebooted({ commands: { journalctl: entry() }, files: { "/var/lib/flintlock-fix/ledger.jsonl": JSON.stringify(line) } });
    expect((await heard(host)).findings).toEqual([]);
  });

  test("about a pool that was made since", async () => {
    const line = entry({
      _SYSTEMD_UNIT: "containerd-dev.service",
      _SYSTEMD_INVOCATION_ID: "56ae3903b169424986f3a9661ca3fb5c",
      MESSAGE: 'level=warning msg="failed to load plugin" error="failed to query pool \\"/dev/mapper/p\\": no such device or address"',
    });
    const config = 'version = 2\nroot = "/var/lib/containerd"\n[plugins."io.containerd.snapshotter.v1.devmapper"]\npool_name = "p"\nroot_path = "/x"\n';
    const host = (changes: FakeHost): FakeHost =>
      rebooted({ commands: { journalctl: line }, ...changes, files: { "/etc/containerd/config-dev.toml": config, ...changes.files } });
    expect((await heard(host({}))).findings).toMatchObject([{ finding: "thinpool-missing" }]);
    const made = (ms: number): FakeHost => ({ files: { "/dev/mapper/p": "" }, mtimes: { "/dev/mapper/p": ms } });
    expect((await heard(host(made(clock.nowMs - 1_000)))).findings).toEqual([]);
    expect((await heard(host(made(clock.nowMs - 30_000)))).findings).toHaveLength(1);
  });

  test("about a MicroVM that runs since", async () => {
    const folder = `/var/lib/flintlock/vm/${a}`;
    const uid = a.split("/")[2] ?? "";
    const created = Object.entries(blobs).map(([path, text]): [string, string] => [
      path,
      text
        .replace('"state":"pending"', '"state":"created"')
        .replace(/"retry":\d+/, '"retry":0')
        .replace(/"not_before":\d+/, '"not_before":0'),
    ]);
    const process = {
      [`${folder}/firecracker.pid`]: "77",
      "/proc/77/stat": `77 (firecracker) S ${"1 ".repeat(18)}500 0`,
      "/proc/77/cmdline": `firecracker\0--id\0${uid}\0`,
    };
    expect((await heard(rebooted({ commands: { journalctl: entry() }, files: { ...Object.fromEntries(created), ...process } }))).findings).toEqual([]);
  });
});

describe("a unit in a crash loop", () => {
  const looping = shown("rebooted", {
    "flintlockd.service": { ActiveState: "activating", SubState: "auto-restart", NRestarts: "7", MainPID: "0", ExecMainStartTimestampMonotonic: "39000000" },
  });

  test("is asked for by unit, and what it said in the last two minutes counts, whatever start it was", async () => {
    const host = rebooted({
      commands: {
        "systemctl show": looping,
        journalctl: entry({
          _SYSTEMD_INVOCATION_ID: "0".repeat(32),
          MESSAGE: `level=error msg="failed to reconcile vmid ${a}: snapshotter not loaded: devmapper: invalid argument"`,
        }),
      },
    });
    const { answer, argv } = journalOf(host);
    const told = await answer;
    expect(argv()).not.toContain(`_SYSTEMD_INVOCATION_ID=${invocation}`);
    expect(told.kind === "known" && told.value.findings).toHaveLength(1);
  });
});

describe("caveats", () => {
  const suppressed = (unit: string, changes: Record<string, unknown> = {}): string =>
    entry({
      MESSAGE_ID: "a596d6fe7bfa4994828e72309e95d61e",
      _SYSTEMD_UNIT: "systemd-journald.service",
      _TRANSPORT: "driver",
      MESSAGE: `Suppressed 4711 messages from ${unit}`,
      ...changes,
    });

  test("lines that journald dropped, by its own word only", async () => {
    expect((await heard(saying(suppressed("flintlockd.service"), entry()))).caveats).toEqual([
      expect.stringContaining("dropped 4711 lines of flintlockd.service"),
    ]);
    expect((await heard(saying(suppressed("cron.service"), entry()))).caveats).toEqual([]);
    expect((await heard(saying(suppressed("flintlockd.service", { _SYSTEMD_UNIT: "cron.service" }), entry()))).caveats).toEqual([]);
  });

  test("what journalctl complains of, and lines that are no entry", async () => {
    const host = rebooted({
      commands: {
        journalctl: { stdout: `${entry()}\n{"MESSAGE":\n`, stderr: "Journal file /var/log/journal/x/system.journal is truncated, ignoring file.\n" },
      },
    });
    expect((await heard(host)).caveats).toEqual([
      expect.stringContaining("is truncated, ignoring file"),
      expect.stringContaining("1 lines that journalctl printed are no entries"),
    ]);
  });

  test("output that was cut", async () => {
    const host = rebooted({ commands: { journalctl: { stdout: `${entry()}\n{"MES`, status: null, truncated: true } } });
    expect((await heard(host)).caveats).toEqual([expect.stringContaining("only the newest 1 lines")]);
  });

  test("not one line of a flintlockd that runs", async () => {
    expect((await heard(rebooted({ commands: { journalctl: "" } }))).caveats).toEqual([expect.stringContaining("holds no line that flintlockd.service said")]);
  });

  test.each([
    ["journalctl is not there", undefined],
    ["journalctl fails", { status: 1, stderr: "Failed to open journal: Permission denied" }],
  ])("%s: unknown", async (_name, journalctl) => {
    const { journalctl: _told, ...commands } = rebooted().commands ?? {};
    const answer = await journalOf(rebooted()).answer;
    expect(answer.kind).toBe("known");
    const without = { ...rebooted(), commands: journalctl === undefined ? commands : { ...commands, journalctl } };
    expect((await journalOf(without).answer).kind).toBe("unknown");
  });

  test("exit status 1 without a word is an empty journal (systemd 252)", async () => {
    expect((await heard(rebooted({ commands: { journalctl: { status: 1 } } }))).findings).toEqual([]);
  });
});

describe("what is left over", () => {
  const failing = (host: string, times: number): string[] =>
    Array.from({ length: times }, (_, index) =>
      entry({
        MESSAGE: `time="x" level=error msg="failed to reconcile vmid ${a}: executing plan: pulling image: dial tcp ${host}:${String(index)}: no route to host"`,
      }),
    );

  test("is grouped by shape and counted", async () => {
    const { notOurs } = await heard(saying(...failing("10.0.0.1", 14), entry({ MESSAGE: 'level=error msg="failed executing plan"' })));
    expect(notOurs).toEqual([
      {
        shape: "failed to reconcile vmid MICROVM: executing plan: pulling image: dial tcp N.N.N.N:N: no route to host",
        count: 14,
        example: expect.stringContaining("no route to host"),
      },
    ]);
  });

  test("flintlockd that is at work on a MicroVM is said to be", async () => {
    const started = entry({ MESSAGE: 'time="x" level=info msg="started executing plan" controller=microvm' });
    const finished = entry({ MESSAGE: 'time="x" level=error msg="failed executing plan" controller=microvm' });
    expect((await heard(saying(started, finished))).busySince).toBe("2026-11-24T21:19:10.000Z");
    expect((await heard(saying(finished, started))).busySince).toBeNull();
  });

  test("nothing reaches a terminal raw, and no secret is told", async () => {
    const { findings, lastErrors } = await heard(
      saying(
        entry({
          MESSAGE: `level=error msg="failed to reconcile vmid ${a}: \u001b[2J\u202e token=hunter2 snapshotter not loaded: devmapper: invalid argument"`,
        }),
      ),
    );
    const told = JSON.stringify([findings, lastErrors]);
    expect(told).not.toMatch(/hunter2|\\u001b|\u202e/);
    expect(told).toContain("\\\\u{1b}");
  });
});

describe("log-output", () => {
  const config = (path: string): string =>
    `bridge-name: br0\nparent-iface: eth0\ncontainerd-socket: /run/containerd-dev/containerd.sock\nlog-output: ${path}\n`;
  const at = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, "");
  const line = (ms: number): string => `time="${at(ms)}" level=error msg="failed to reconcile vmid ${a}: snapshotter not loaded: devmapper: invalid argument"`;
  const host = (text: string): FakeHost =>
    rebooted({ commands: { journalctl: "" }, files: { "/etc/opt/flintlockd/config.yaml": config("/var/log/Flint.log"), "/var/log/flint.log": text } });

  test("to a file: its end is read, by flintlockd's own lower-case name of it, from its start on", async () => {
    const told = await heard(host(`${line(clock.nowMs - 35_000)}\n${line(clock.nowMs - 5_000)}\n`));
    expect(told.findings).toMatchObject([{ count: 1, first: { at: expect.stringContaining("2026-11-24T21:19:14") } }]);
    expect(told.caveats).toEqual([expect.stringContaining("/var/log/flint.log")]);
  });

  test("to a file that stays empty: it is said why", async () =>
    expect((await heard(host(""))).caveats).toEqual([expect.stringContaining("without the right to write")]));
});

import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import snapshotterNotLoaded from "../../../remediations/snapshotter-not-loaded.ts";
import thinpoolMissing from "../../../remediations/thinpool-missing.ts";
import thinpoolUnhealthy from "../../../remediations/thinpool-unhealthy.ts";
import { loopColumns } from "../../../src/facts/loop.ts";
import { CapturedHost, emptyCapture } from "../../../src/host/capture.ts";
import { absent, known, unknown, type Answer, type CommandResult, type FileStatus, type Question } from "../../../src/host/inspector.ts";
import { plan, type Plan } from "../../../src/planner.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import type { Finding, PlanContext, Remediation } from "../../../src/remediation.ts";
import type { FindingId, Profile } from "../../../src/report.ts";
import { commandsOf } from "../../../src/steps/action.ts";
import type { LogEvidence } from "../../../src/survey/journal.ts";
import { blockColumns } from "../../../src/facts/disk.ts";
import { reportCommand } from "../../../src/survey/lvm.ts";
import { pluginsCommand } from "../../../src/survey/plugins.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { harmless } from "../../support/restart.ts";

const catalogue: Remediation[] = [snapshotterNotLoaded, thinpoolMissing, thinpoolUnhealthy];
const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/storage/${name}`, import.meta.url));
const text = (name: string): string => fixture(name).toString("utf8");

const gibibyte = 1024 ** 3;
const folder = "/var/lib/containerd-dev/snapshotter/devmapper";
const pool = "flintlock-dev-thinpool";
const socket = "/run/containerd-dev/containerd.sock";

type Given = [Question, Answer<unknown>];
const said = (argv: string[], stdout: string, status = 0, stderr = ""): Given => [
  { ask: "command", argv },
  known({ status, signal: null, stdout, stderr, truncated: false } satisfies CommandResult),
];
const file = (path: string, content: string): Given => [
  { ask: "file", path },
  known({ text: content, utf8: true, sha256: "ab", mode: 0o644, uid: 0, gid: 0, size: content.length, mtimeMs: 1 }),
];
const folderOf = (path: string, names: string[]): Given => [{ ask: "directory", path }, known(names)];
const status = (path: string, changes: Partial<FileStatus> = {}): Given => [
  { ask: "status", path },
  known({ type: "file", mode: 0o644, uid: 0, gid: 0, size: 0, allocated: 4096, mtimeMs: 1, device: "98:0", inode: 1, ...changes } satisfies FileStatus),
];
const none = (question: Question): Given => [question, absent("not there")];
const keys = (path: string, bucket: string[], count: number): Given => [
  { ask: "bolt", path, bucket },
  known({ count, entries: count > 0 ? [{ bucket, key: "flintlock/2/x", value: null }] : [] }),
];

const nothing: LogEvidence = { findings: [], notOurs: [], caveats: [], lastErrors: [], lastWords: new Map(), busySince: null, memory: null };

/** A development host after a reboot: containerd runs, its pool is gone, both files are there. */
function rebooted(): Given[] {
  return [
    folderOf("/sys/block", ["loop0", "loop1", "ubda"]),
    none({ ask: "status", path: "/sys/block/loop0/loop/backing_file" }),
    none({ ask: "status", path: "/sys/block/loop1/loop/backing_file" }),
    file("/proc/devices", "Block devices:\n254 device-mapper\n"),
    said(["dmsetup", "ls"], "No devices found\n"),
    status(folder, { type: "directory" }),
    status(`${folder}/data`, { size: 100 * gibibyte, allocated: 51150848, inode: 2 }),
    status(`${folder}/metadata`, { size: 10 * gibibyte, allocated: 1351680, inode: 3 }),
    none({ ask: "status", path: `${folder}/data.fix-new` }),
    none({ ask: "status", path: `${folder}/metadata.fix-new` }),
    [{ ask: "bytes", path: `${folder}/metadata`, offset: 0, length: 4096 }, known(fixture("superblock").toString("base64"))],
    [{ ask: "space", path: folder }, known({ free: 2 * gibibyte, total: 3 * gibibyte })],
    file("/proc/self/mountinfo", text("mountinfo")),
    none({ ask: "file", path: "/etc/fstab" }),
    said(["systemctl", "show", "--no-pager", "--property=Id,Where", "--", "*.mount"], "Where=/\nId=-.mount\n"),
    said(["thin_check", `${folder}/metadata`], "examining superblock\nTRANSACTION_ID=0\n"),
    ...["losetup", "dmsetup", "thin_check", "truncate"].map((tool) => status(`/usr/sbin/${tool}`)),
    keys(`${folder}/metadata.db`, ["v1", "snapshots"], 3),
    keys(`${folder}/${pool}.db`, ["devices"], 3),
    keys("/var/lib/containerd-dev/io.containerd.metadata.v1.bolt/meta.db", ["v1", "*", "snapshots", "devmapper"], 3),
    status(socket, { type: "socket" }),
    said(pluginsCommand("ctr", socket), text("plugins-rebooted")),
    said(["ctr", "--address", socket, "--connect-timeout", "5s", "plugins", "ls", "--detailed"], text("plugins-detailed-rebooted")),
  ];
}

/** The same host with its pool. */
function attached(
  state = "0 209715200 thin-pool 0 4375/2621440 786/1638400 - rw discard_passdown queue_if_no_space - 1024",
  info = text("dmsetup-info").split("\n\n")[0] ?? "",
): Given[] {
  return [
    ...rebooted(),
    folderOf("/sys/block", ["dm-0", "loop0", "loop1", "ubda"]),
    file("/sys/block/dm-0/dm/name", `${pool}\n`),
    file("/sys/block/dm-0/dm/suspended", "0\n"),
    folderOf("/sys/block/dm-0/slaves", ["loop0", "loop1"]),
    folderOf("/sys/block/loop0/holders", ["dm-0"]),
    folderOf("/sys/block/loop1/holders", ["dm-0"]),
    status("/sys/block/loop0/loop/backing_file"),
    status(`${folder}/data`, { size: 100 * gibibyte, inode: 14152 }),
    status(`${folder}/metadata`, { size: 10 * gibibyte, inode: 14153 }),
    said(["losetup", "--list", "--json", "--output", loopColumns], text("losetup.json")),
    said(["dmsetup", "status", "--noflush", pool], `${state}\n`),
    said(["dmsetup", "table", pool], "0 209715200 thin-pool 7:1 7:0 128 32768 1 skip_block_zeroing \n"),
    said(["dmsetup", "info", pool], info),
    said(pluginsCommand("ctr", socket), text("plugins-healthy")),
  ];
}

interface Seen {
  findings: Map<FindingId, Finding>;
  plan: Plan;
}

interface Host {
  config?: string;
  configPath?: string;
  profile?: Profile;
  policy?: Partial<Policy>;
  journal?: LogEvidence;
  containerd?: string;
  active?: boolean;
  /** flintlockd's `containerd-socket`. */
  socket?: string;
}

async function seen(given: Given[], host: Host = {}): Promise<Seen> {
  const answers = new Map(given.map(([question, answer]) => [JSON.stringify(question), { ask: question, answer }]));
  const captured = new CapturedHost({ ...emptyCapture("", ""), answers: [...answers.values()] });
  // What was not given is not there: a real host answers every question about a path.
  const inspector: CapturedHost = Object.assign(Object.create(captured) as CapturedHost, {
    ask: async (question: Question) => {
      const answer = await captured.ask(question);
      return answer.kind === "unknown" && answer.why.includes("holds no answer") && question.ask !== "command" ? absent("not there") : answer;
    },
  });
  const policy = { ...defaultPolicy, ...host.policy };
  const unit = host.containerd ?? "containerd-dev.service";
  const configPath = host.configPath ?? "/etc/containerd/config-dev.toml";
  const fragment = `/etc/systemd/system/${unit}`;
  const shown = (name: string): object => ({
    name,
    loadState: "loaded",
    activeState: name === unit && host.active === false ? "inactive" : "active",
    fragmentPath: fragment,
    dropInPaths: [],
    environment: [],
    environmentFiles: [],
    execStart: [{ path: "/usr/bin/containerd", argv: ["/usr/bin/containerd", "--config", configPath], code: "", status: null }],
  });
  captured.ask = CapturedHost.prototype.ask.bind(
    new CapturedHost({
      ...emptyCapture("", ""),
      answers: [...answers.values(), { ask: { ask: "file", path: configPath }, answer: file(configPath, host.config ?? text("config-dev.toml"))[1] }],
    }),
  );
  const survey = Object.assign(new Survey(inspector, policy, []), {
    layout: () =>
      Promise.resolve(
        known({
          profile: host.profile ?? "dev",
          reason: "signs disagree",
          containerdUnit: unit,
          flintlockdUnit: "flintlockd.service",
          socket: host.socket ?? socket,
        }),
      ),
    units: () =>
      Promise.resolve(
        known({ flintlockd: shown("flintlockd.service"), containerdDev: shown("containerd-dev.service"), containerd: shown("containerd.service") }),
      ),
    journal: () => Promise.resolve(known(host.journal ?? nothing)),
    microvms: () => Promise.resolve(known([])),
  });
  const findings = new Map<FindingId, Finding>();
  for (const remediation of catalogue) {
    const { status: is, summary, evidence = [], advice = [], ...rest } = await remediation.inspect(survey);
    const { microvms = [], facts = null }: { microvms?: string[]; facts?: unknown } = rest;
    findings.set(remediation.id, { id: remediation.id, status: is, summary, evidence, microvms, facts, advice });
  }
  const context: PlanContext = {
    policy,
    profile: host.profile ?? "dev",
    findings,
    microvms: [],
    nowMs: 0,
    units: { flintlockd: "flintlockd.service", containerd: unit },
    restart: { ...harmless, socket },
  };
  return { findings, plan: plan(catalogue, context) };
}

const states = ({ findings }: Seen): Record<string, string> => Object.fromEntries([...findings.values()].map((finding) => [finding.id, finding.status]));
const steps = ({ plan: { steps: list } }: Seen): string[] => list.map(({ id }) => id);
const commands = ({ plan: { steps: list } }: Seen, id: string): string[] =>
  list
    .filter((step) => step.id === id)
    .flatMap(commandsOf)
    .map((argv) => argv.join(" "));
const codes = ({ plan: { refusals } }: Seen): string[] => refusals.map(({ code }) => code);

describe("a development host after a reboot", () => {
  test("the pool is attached again, then both daemons, each once", async () => {
    const look = await seen(rebooted());
    expect(states(look)).toEqual({ "snapshotter-not-loaded": "problem", "thinpool-missing": "problem", "thinpool-unhealthy": "healthy" });
    expect(steps(look)).toEqual(["stop-flintlockd", "recreate-devpool", "restart-containerd", "restart-flintlockd"]);
    expect(commands(look, "recreate-devpool")).toEqual([
      `thin_check ${folder}/metadata`,
      `losetup --find --show ${folder}/data`,
      `losetup --find --show ${folder}/metadata`,
      `dmsetup create ${pool} --table 0 209715200 thin-pool {meta-loop} {data-loop} 128 32768 1 skip_block_zeroing`,
    ]);
    expect(look.plan.explainedBy.get("snapshotter-not-loaded")).toBe("thinpool-missing");
    expect(look.findings.get("thinpool-missing")?.evidence[0]).toMatchObject({ ref: "dmsetup ls", excerpt: "No devices found" });
  });

  test("a device without a table is taken out of the way first", async () => {
    const look = await seen([
      ...rebooted(),
      folderOf("/sys/block", ["dm-0", "loop0", "loop1"]),
      file("/sys/block/dm-0/dm/name", `${pool}\n`),
      said(["dmsetup", "status", "--noflush", pool], ""),
      said(["dmsetup", "table", pool], ""),
      said(["dmsetup", "info", pool], "State:             ACTIVE\nTables present:    None\nOpen count:        0\nMajor, minor:      254, 0\n"),
    ]);
    expect(commands(look, "recreate-devpool").slice(0, 2)).toEqual([`thin_check ${folder}/metadata`, `dmsetup remove ${pool}`]);
  });

  test("a cure that was cut off after losetup goes on with the loop devices that are there", async () => {
    const look = await seen([
      ...attached(),
      folderOf("/sys/block", ["loop0", "loop1", "ubda"]),
      folderOf("/sys/block/loop0/holders", []),
      folderOf("/sys/block/loop1/holders", []),
    ]);
    expect(commands(look, "recreate-devpool")).toEqual([
      `thin_check ${folder}/metadata`,
      `dmsetup create ${pool} --table 0 209715200 thin-pool /dev/loop1 /dev/loop0 128 32768 1 skip_block_zeroing`,
    ]);
  });

  test("damaged metadata is refused, with thin_repair into a new file", async () => {
    const look = await seen([
      ...rebooted(),
      said(["thin_check", `${folder}/metadata`], "examining superblock\n  superblock is corrupt\n", 1, "    bad checksum in superblock, wanted 1422323034\n"),
    ]);
    expect(codes(look)).toEqual(["METADATA_DAMAGED"]);
    expect(look.plan.refusals[0]?.hint).toContain("thin_repair -i");
    expect(steps(look)).toEqual([]);
  });

  test.each<[string, Given[], string[], string]>([
    ["begins with something else: refused", [], ["METADATA_DAMAGED"], "problem"],
    [
      "is all zeros, and data was written: refused",
      [[{ ask: "bytes", path: `${folder}/metadata`, offset: 0, length: 4096 }, known("AAAA".repeat(1366))]],
      ["METADATA_ZEROED"],
      "problem",
    ],
    [
      "is all zeros, and nothing was written: unknown",
      [
        [{ ask: "bytes", path: `${folder}/metadata`, offset: 0, length: 4096 }, known("AAAA".repeat(1366))],
        status(`${folder}/data`, { size: 100 * gibibyte, allocated: 0 }),
        status(`${folder}/metadata`, { size: 10 * gibibyte, allocated: 0 }),
      ],
      ["DEPENDS_ON_UNKNOWN"],
      "unknown",
    ],
  ])("what containerd remembers cannot be read, and the superblock %s", async (_, given, expected, state) => {
    const look = await seen([
      ...rebooted(),
      [{ ask: "bytes", path: `${folder}/metadata`, offset: 0, length: 4096 }, known("QUFB".repeat(1366))],
      [{ ask: "bolt", path: `${folder}/metadata.db`, bucket: ["v1", "snapshots"] }, unknown("it is locked")],
      ...given,
    ]);
    expect([states(look)["thinpool-missing"], codes(look), steps(look)]).toEqual([state, expected, []]);
  });

  test.each<[string, Given, string | null]>([
    ["thin_check cannot be told", [{ ask: "command", argv: ["thin_check", `${folder}/metadata`] }, unknown("thin_check did not end within 80 s")], null],
    ["the disk cannot be read", [{ ask: "status", path: `${folder}/data` }, unknown("cannot be read without root (EACCES)")], null],
    ["thin_check ended by a signal", said(["thin_check", `${folder}/metadata`], "", 139), null],
  ])("%s: unknown, and nothing is planned", async (_, given) => {
    const look = await seen([...rebooted(), given]);
    expect(states(look)["thinpool-missing"]).toBe("unknown");
    expect(steps(look)).toEqual([]);
  });

  test("a missing program is named with its package", async () => {
    const look = await seen([...rebooted(), none({ ask: "status", path: "/usr/sbin/thin_check" })]);
    expect(look.plan.refusals[0]).toMatchObject({ code: "TOOL_MISSING", message: expect.stringContaining("thin-provisioning-tools") });
  });
});

describe("new files", () => {
  const fresh: Given[] = [
    ...rebooted(),
    none({ ask: "status", path: `${folder}/data` }),
    none({ ask: "status", path: `${folder}/metadata` }),
    ...[`${folder}/metadata.db`, `${folder}/${pool}.db`].map((path, index) => keys(path, index === 0 ? ["v1", "snapshots"] : ["devices"], 0)),
    keys("/var/lib/containerd-dev/io.containerd.metadata.v1.bolt/meta.db", ["v1", "*", "snapshots", "devmapper"], 0),
  ];

  test("where neither is there and nothing is remembered", async () => {
    const look = await seen(fresh);
    expect(commands(look, "recreate-devpool")).toEqual([
      `truncate --size=107374182400 ${folder}/data.fix-new`,
      `truncate --size=10737418240 ${folder}/metadata.fix-new`,
      `mv --no-clobber --no-target-directory ${folder}/data.fix-new ${folder}/data`,
      `mv --no-clobber --no-target-directory ${folder}/metadata.fix-new ${folder}/metadata`,
      `losetup --find --show ${folder}/data`,
      `losetup --find --show ${folder}/metadata`,
      `dmsetup create ${pool} --table 0 209715200 thin-pool {meta-loop} {data-loop} 128 32768 1 skip_block_zeroing`,
    ]);
    expect(look.plan.steps.find(({ id }) => id === "recreate-devpool")?.impact).toContain("overcommitted by 108.0 GiB");
  });

  test.each<[string, Given, string]>([
    [
      "containerd remembers",
      keys("/var/lib/containerd-dev/io.containerd.metadata.v1.bolt/meta.db", ["v1", "*", "snapshots", "devmapper"], 1),
      "SNAPSHOTS_REMEMBERED",
    ],
    ["a mount of fstab is missing", file("/etc/fstab", "/dev/sdb /var/lib/containerd-dev ext4 defaults 0 0\n"), "MOUNT_MISSING"],
    [
      "a mount unit is not active",
      said(["systemctl", "show", "--no-pager", "--property=Id,Where", "--", "*.mount"], "Where=/var/lib/containerd-dev\nId=x.mount\n"),
      "MOUNT_MISSING",
    ],
    ["one of both is there", status(`${folder}/data`, { size: 100 * gibibyte }), "METADATA_FILE_MISSING"],
  ])("%s: refused", async (_, given, code) => {
    const look = await seen([...fresh, given]);
    expect(codes(look)).toEqual([code]);
    expect(steps(look)).toEqual([]);
  });

  test("what containerd remembers cannot be read: unknown", async () => {
    const look = await seen([
      ...fresh,
      [{ ask: "bolt", path: `${folder}/metadata.db`, bucket: ["v1", "snapshots"] }, unknown("page 3 is not where it belongs")],
    ]);
    expect(states(look)["thinpool-missing"]).toBe("unknown");
  });
});

describe("containerd's configuration", () => {
  test("no pool named", async () => {
    const look = await seen(rebooted(), { config: "version = 2\n" });
    expect(codes(look)).toContain("POOL_NOT_CONFIGURED");
    expect(states(look)["thinpool-unhealthy"]).toBe("healthy");
  });

  test("a syntax error is told with line and column, and nothing is repaired", async () => {
    const look = await seen(rebooted(), { config: "version = 2\nroot = \n" });
    expect(look.findings.get("thinpool-missing")).toMatchObject({
      status: "unknown",
      summary: expect.stringMatching(/config-dev\.toml:2 \(column \d+\) is no TOML/),
    });
    expect(steps(look)).toEqual([]);
  });

  test("a name that would be an option is not handed on", async () => {
    const look = await seen(rebooted(), { config: text("config-dev.toml").replace(/flintlock-dev-thinpool/, "--force") });
    expect(states(look)["thinpool-missing"]).toBe("unknown");
  });

  describe("with an import", () => {
    const [one, two] = ["containerd github.com/containerd/containerd 1.6.20 x\n", "containerd github.com/containerd/containerd/v2 2.2.7 x\n"];
    const importing = (replace = ""): string => `imports = ["conf.d/*.toml"]\n${text("config-dev.toml").replace(/flintlock-dev-thinpool/, replace || "$&")}`;
    const section = (lines: string): string => `version = 2\n[plugins."io.containerd.snapshotter.v1.devmapper"]\n${lines}\n`;
    const given = (lines: string, version: string | null): Given[] => [
      ...rebooted(),
      folderOf("/etc/containerd/conf.d", ["a.toml", "b.bak"]),
      file("/etc/containerd/conf.d/a.toml", section(lines)),
      ...(version === null ? [] : [said(["/usr/bin/containerd", "--version"], version)]),
    ];

    test("that names the pool: it beats the file", async () => {
      const look = await seen(given('pool_name = "flintlock-dev-thinpool"', two), { config: importing("other") });
      expect(look.findings.get("thinpool-missing")?.evidence).toContainEqual(expect.objectContaining({ ref: "/etc/containerd/conf.d/a.toml:3" }));
    });

    test("that has another key of the section: containerd 1 replaces the section, and no restart would help", async () => {
      const look = await seen(given("async_remove = true", one), { config: importing() });
      expect(codes(look)).toEqual(["POOL_NOT_CONFIGURED"]);
      expect(look.plan.refusals[0]?.message).toMatch(
        /^\/etc\/containerd\/conf\.d\/a\.toml replaces the whole section .* that \/etc\/containerd\/config-dev\.toml has/,
      );
      expect(steps(look)).toEqual([]);
    });

    test("… containerd 2 merges it, and the pool is had back", async () => {
      expect(steps(await seen(given("async_remove = true", two), { config: importing() }))).toContain("recreate-devpool");
    });

    test("… which of both it is cannot be told: unknown; where it makes no difference it is not asked", async () => {
      const look = await seen(given("async_remove = true", null), { config: importing() });
      expect(look.findings.get("thinpool-missing")).toMatchObject({ status: "unknown", summary: expect.stringContaining("which one this is cannot be told") });
      expect(steps(look)).toEqual([]);
      const same = given("", null).map(([question, answer]): Given =>
        question.ask === "file" && question.path.endsWith("a.toml") ? file(question.path, "oom_score = 0\n") : [question, answer],
      );
      expect(steps(await seen(same, { config: importing() }))).toContain("recreate-devpool");
    });

    test("… the file is of a version that containerd 1 does not read: merged", async () => {
      const config = importing().replace("version = 2", "version = 3");
      expect(steps(await seen(given("async_remove = true", null), { config }))).toContain("recreate-devpool");
    });
  });
});

describe("a pool that is there", () => {
  test("healthy: no finding, and it is said that the file system fills up first", async () => {
    const look = await seen(attached());
    expect(states(look)).toEqual({ "snapshotter-not-loaded": "healthy", "thinpool-missing": "healthy", "thinpool-unhealthy": "healthy" });
    expect(look.plan.advice.map(({ message }) => message).join()).toContain("fills up before the pool does");
  });

  test("plugin in error because containerd was first: restarts alone", async () => {
    const look = await seen([...attached(), said(pluginsCommand("ctr", socket), text("plugins-rebooted-c2"))]);
    expect(states(look)).toMatchObject({ "snapshotter-not-loaded": "problem", "thinpool-missing": "healthy" });
    expect(look.findings.get("snapshotter-not-loaded")?.summary).toContain("35 other plugins");
    expect(steps(look)).toEqual(["stop-flintlockd", "restart-containerd", "restart-flintlockd"]);
  });

  const k3s = "/run/k3s/containerd/containerd.sock";
  const other = (type: FileStatus["type"], list: Given): Given[] => [status(socket, { type: "socket" }), status(k3s, { type }), list];
  test.each<[string, Given[], string[], string[]]>([
    ["lacks the plugin", other("socket", said(pluginsCommand("ctr", k3s), text("plugins-rebooted-c2"))), ["CONTAINERD_SOCKET"], []],
    ["was built without it", other("socket", said(pluginsCommand("ctr", k3s), "TYPE ID PLATFORMS STATUS\n")), ["CONTAINERD_SOCKET"], []],
    ["has it", other("socket", said(pluginsCommand("ctr", k3s), text("plugins-healthy"))), [], []],
    [
      "is the same by another path",
      [...other("link", said(pluginsCommand("ctr", k3s), text("plugins-rebooted-c2"))), [{ ask: "link", path: k3s }, known(socket)]],
      [],
      ["stop-flintlockd", "restart-containerd", "restart-flintlockd"],
    ],
  ])("flintlockd is told another daemon's socket, which %s", async (_, given, refused, planned) => {
    const look = await seen([...attached(), ...given], { socket: k3s });
    expect([codes(look), steps(look)]).toEqual([refused, planned]);
  });

  test("flintlockd is told another daemon's socket: the pool comes back, and its containerd is not restarted for that", async () => {
    const look = await seen([...rebooted(), ...other("socket", said(pluginsCommand("ctr", k3s), text("plugins-rebooted-c2")))], { socket: k3s });
    expect(codes(look)).toContain("CONTAINERD_SOCKET");
    expect(steps(look)).not.toContain("restart-containerd");
  });

  test("made anew with empty files: a restart would not help", async () => {
    const empty = "0 209715200 thin-pool 0 4365/2621440 0/1638400 - rw discard_passdown queue_if_no_space - 1024";
    const look = await seen([
      ...attached(empty),
      said(pluginsCommand("ctr", socket), text("plugins-rebooted")),
      said(["ctr", "--address", socket, "--connect-timeout", "5s", "plugins", "ls", "--detailed"], text("plugins-detailed-recreated-empty")),
    ]);
    expect(codes(look)).toEqual(["POOL_IS_EMPTY"]);
    expect(steps(look)).toEqual([]);
  });

  test("containerd does not answer: unknown; it does not run: another finding's", async () => {
    expect(states(await seen([...attached(), said(pluginsCommand("ctr", socket), "", 1, "ctr: failed to dial\n")]))["snapshotter-not-loaded"]).toBe("unknown");
    expect((await seen(attached(), { active: false })).findings.get("snapshotter-not-loaded")).toMatchObject({
      status: "healthy",
      summary: expect.stringContaining("see service-down"),
    });
  });

  test("containerd does not answer, and flintlockd has just said why", async () => {
    const last = {
      finding: "snapshotter-not-loaded" as const,
      signature: "flintlockd",
      unit: "flintlockd.service",
      microvm: "ns1/a/U",
      monotonicUs: 5,
      at: "2026-11-24T21:00:00.000Z",
      excerpt: "snapshotter not loaded: devmapper: invalid argument",
    };
    const journal = {
      ...nothing,
      findings: [{ finding: "snapshotter-not-loaded" as const, count: 1, first: last, last, microvms: ["ns1/a/U"], examples: [last] }],
    };
    const look = await seen([...attached(), said(pluginsCommand("ctr", socket), "", 1, "ctr: failed to dial\n")], { journal });
    expect(look.findings.get("snapshotter-not-loaded")).toMatchObject({ status: "problem", microvms: ["ns1/a/U"] });
  });

  test("an inactive table, seen twice: cleared, and no daemon restarted", async () => {
    const table = "0 209715200 thin-pool 7:1 7:0 128 32768 1 skip_block_zeroing";
    const info = (text("dmsetup-info").split("\n\n")[0] ?? "").replace(/: +LIVE$/m, ":    LIVE & INACTIVE");
    const look = await seen([
      ...attached(undefined, info),
      said(["dmsetup", "table", "--inactive", pool], table),
      said(["dmsetup", "--inactive", "table", pool], table),
    ]);
    expect(steps(look)).toEqual(["clear-inactive-table"]);
    expect(commands(look, "clear-inactive-table")).toEqual([`dmsetup clear ${pool}`]);
  });

  test.each<[string, string, string[], string[]]>([
    [
      "that serves: containerd is restarted after it",
      "- rw discard_passdown queue_if_no_space -",
      ["stop-flintlockd", "clear-inactive-table", "restart-containerd", "restart-flintlockd"],
      [],
    ],
    ["that does not: it does not bring the pool", "- ro discard_passdown queue_if_no_space needs_check", ["clear-inactive-table"], ["POOL_NEEDS_CHECK"]],
  ])("an inactive table on a pool %s", async (_, words, planned, refused) => {
    const table = "0 209715200 thin-pool 7:1 7:0 128 32768 1 skip_block_zeroing";
    const info = (text("dmsetup-info").split("\n\n")[0] ?? "").replace(/: +LIVE$/m, ":    LIVE & INACTIVE");
    const look = await seen([
      ...attached(`0 209715200 thin-pool 0 4375/2621440 786/1638400 ${words} 1024`, info),
      said(["dmsetup", "table", "--inactive", pool], table),
      said(["dmsetup", "--inactive", "table", pool], table),
      said(pluginsCommand("ctr", socket), text("plugins-rebooted")),
    ]);
    expect(states(look)["snapshotter-not-loaded"]).toBe("problem");
    expect([steps(look), codes(look)]).toEqual([planned, refused]);
  });

  test("an inactive table that is gone at the second look is somebody's work", async () => {
    const info = (text("dmsetup-info").split("\n\n")[0] ?? "").replace(/: +LIVE$/m, ":    LIVE & INACTIVE");
    const look = await seen([
      ...attached(undefined, info),
      said(["dmsetup", "table", "--inactive", pool], "0 1 thin-pool 7:1 7:0 128 32768"),
      said(["dmsetup", "--inactive", "table", pool], ""),
    ]);
    expect(states(look)["thinpool-unhealthy"]).toBe("unknown");
  });

  test.each([
    ["active: grown, after one more look that nobody suspended it", "ACTIVE", ["grow-devpool"], []],
    ["suspended: somebody's operation", "SUSPENDED", [], ["POOL_SUSPENDED"]],
  ])("a data file that is longer than the pool, %s", async (_, state, planned, refused) => {
    const info = (text("dmsetup-info").split("\n\n")[0] ?? "").replace(/^State: +ACTIVE$/m, `State:              ${state}`);
    const look = await seen([...attached(undefined, info), status(`${folder}/data`, { size: 120 * gibibyte, inode: 14152 })]);
    expect([steps(look), codes(look)]).toEqual([planned, refused]);
    for (const { actions } of look.plan.steps) expect(actions[0]).toMatchObject({ do: "require", that: { is: "pool-active", pool } });
  });

  test("failed: refused, and nothing that needs the pool is planned", async () => {
    const look = await seen([...attached("0 209715200 thin-pool Fail"), said(pluginsCommand("ctr", socket), text("plugins-rebooted"))]);
    expect(codes(look)).toEqual(["POOL_FAILED"]);
    expect(steps(look)).toEqual([]);
  });

  test("its files under another name: refused", async () => {
    const look = await seen(attached(), { config: text("config-dev.toml").replace('"flintlock-dev-thinpool"', '"other-thinpool"') });
    expect(look.plan.refusals[0]).toMatchObject({
      finding: "thinpool-missing",
      code: "FILES_IN_OTHER_POOL",
      hint: expect.stringContaining('pool_name = "flintlock-dev-thinpool"'),
    });
  });
});

describe("a production host", () => {
  const config = text("config-dev.toml").replaceAll("-dev", "");
  const prod = { config, configPath: "/etc/containerd/config.toml", profile: "prod" as const, containerd: "containerd.service" };
  const home = "/var/lib/containerd/snapshotter/devmapper";
  const empty = (kind: string): string => `{"report":[{"${kind}":[]}]}`;
  const lvm = (groups: string, physical: string, logical: string): Given[] => [
    ...rebooted(),
    said(["systemctl", "list-jobs", "--no-legend", "--no-pager"], ""),
    said(reportCommand("vgs"), groups),
    said(reportCommand("pvs"), physical),
    said(reportCommand("lvs"), logical),
    said(["lvmconfig", "--type", "full", "activation/auto_activation_volume_list", "activation/volume_list"], "", 5),
    said(["lvm", "systemid"], "  system ID: \n"),
    status(home, { type: "directory" }),
    [{ ask: "space", path: home }, known({ free: gibibyte, total: gibibyte })],
    keys(`${home}/metadata.db`, ["v1", "snapshots"], 0),
    keys(`${home}/flintlock-thinpool.db`, ["devices"], 0),
    keys("/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db", ["v1", "*", "snapshots", "devmapper"], 0),
  ];
  const inactive = lvm(text("vgs.json"), text("pvs.json"), text("lvs.json"));
  const bare: Given[] = [
    ...lvm(empty("vg"), empty("pv"), empty("lv")),
    file("/proc/swaps", "Filename Type Size Used Priority\n"),
    said(
      ["lsblk", "--json", "--bytes", "--output", blockColumns],
      '{"blockdevices":[{"kname":"ubda","type":"disk","size":3221225472,"ro":false,"mountpoint":"/"},{"kname":"ubdb","type":"disk","size":2147483648,"ro":false}]}',
    ),
    folderOf("/sys/block/ubda/holders", []),
    folderOf("/sys/block/ubdb/holders", []),
    file("/sys/block/ubdb/diskseq", "2\n"),
    said(["wipefs", "--no-act", "--json", "/dev/ubda"], '{"signatures":[{"type":"ext4"}]}'),
    said(["wipefs", "--no-act", "--json", "/dev/ubdb"], '{"signatures":[]}'),
    [{ ask: "blank", path: "/dev/ubdb" }, known({ firstMiBZero: true, lastMiBZero: true, size: 2147483648 })],
  ];

  test("volume group there, not active: activated, no data touched", async () => {
    const look = await seen(inactive, prod);
    expect(steps(look)).toEqual(["stop-flintlockd", "activate-direct-lvm", "restart-containerd", "restart-flintlockd"]);
    expect(commands(look, "activate-direct-lvm")).toEqual(["lvchange --activate y flintlock/thinpool"]);
  });

  test("LVM is still activating at boot: waited for, then unknown", async () => {
    const look = await seen(
      [
        ...inactive,
        said(["systemctl", "list-jobs", "--no-legend", "--no-pager"], "212 lvm-activate-flintlock.service start running\n"),
        said(["sleep", "1.0"], ""),
      ],
      prod,
    );
    expect(states(look)["thinpool-missing"]).toBe("unknown");
  });

  test("no volume group: the disks are listed, and nothing is done without consent", async () => {
    const look = await seen(bare, prod);
    expect(look.plan.refusals[0]).toMatchObject({
      code: "DISK_NEEDED",
      message: expect.stringContaining("/dev/ubdb (2.0 GiB, model unknown, no serial): free"),
      hint: "fix --apply --allow destructive --disk /dev/ubdb",
    });
    expect(look.plan.refusals[0]?.message).toContain("ubda is mounted at /");
    expect(codes(await seen(bare, { ...prod, policy: { disk: "/dev/ubdb" } }))).toEqual(["DESTRUCTIVE_WITHOUT_CONSENT"]);
    expect(codes(await seen(bare, { ...prod, policy: { disk: "ubda", allowDestructive: true } }))).toEqual(["DISK_NOT_EMPTY"]);
  });

  test("with consent: looked at again, made under an inhibitor, profile applied and monitored", async () => {
    const look = await seen(bare, { ...prod, policy: { disk: "/dev/ubdb", allowDestructive: true } });
    expect(steps(look)).toEqual(["stop-flintlockd", "provision-direct-lvm", "restart-containerd", "restart-flintlockd"]);
    const [, step] = look.plan.steps;
    expect(step).toMatchObject({ risk: "destructive", inhibitShutdown: true });
    expect(step?.actions[0]).toEqual({
      do: "require",
      that: { is: "disk-blank", path: "/dev/ubdb", diskseq: "2", bytes: 2147483648, serial: "" },
      because: "the disk is not what the plan meant",
    });
    expect(step?.actions[1]).toMatchObject({ do: "write-file", path: "/etc/lvm/profile/flintlock-thinpool.profile" });
    expect(commands(look, "provision-direct-lvm")).toEqual([
      "vgcreate --addtag flintlock-fix flintlock /dev/ubdb",
      "lvcreate --wipesignatures y --name thinpool --extents 95%VG flintlock",
      "lvcreate --wipesignatures y --name thinpoolmeta --extents 1%VG flintlock",
      "lvconvert --yes --zero n --chunksize 512K --thinpool flintlock/thinpool --poolmetadata flintlock/thinpoolmeta",
      "lvchange --metadataprofile flintlock-thinpool flintlock/thinpool",
      "lvchange --monitor y flintlock/thinpool",
      "vgchange --deltag flintlock-fix flintlock",
    ]);
  });

  test("a script is used only where nobody but root can change it", async () => {
    const policy = { disk: "/dev/ubdb", allowDestructive: true, provisioner: "script" as const, provisionScript: "/opt/provision.sh" };
    const safe: Given[] = [
      ...bare,
      status("/", { type: "directory" }),
      status("/opt", { type: "directory", mode: 0o755 }),
      status("/opt/provision.sh", { mode: 0o755 }),
      file("/opt/provision.sh", "#!/bin/bash\n"),
    ];
    expect(commands(await seen(safe, { ...prod, policy }), "provision-direct-lvm")[0]).toBe("/opt/provision.sh direct_lvm -y -s -d /dev/ubdb -t flintlock");
    for (const bad of [{ mode: 0o775 }, { uid: 1000 }, { type: "link" as const }])
      expect(codes(await seen([...safe, status("/opt/provision.sh", bad)], { ...prod, policy }))).toEqual(["UNSAFE_PROVISION_SCRIPT"]);
    expect(codes(await seen([...safe, status("/opt", { type: "directory", mode: 0o777 })], { ...prod, policy }))).toEqual(["UNSAFE_PROVISION_SCRIPT"]);
    expect(codes(await seen(safe, { ...prod, policy: { ...policy, provisionScript: "provision.sh" } }))).toEqual(["UNSAFE_PROVISION_SCRIPT"]);
    expect(codes(await seen(safe, { ...prod, policy: { ...policy, provisionScript: null } }))).toEqual(["NO_PROVISION_SCRIPT"]);
  });

  test("which of both a host is cannot be told: what there is of the pool tells, else a person", async () => {
    expect(steps(await seen(inactive, { ...prod, profile: "unknown" }))).toContain("activate-direct-lvm");
    expect(codes(await seen(bare, { ...prod, profile: "unknown" }))).toEqual(["PROFILE_UNKNOWN"]);
  });

  test("a development host whose pool is a volume group: it is activated, and no new pool is made beside it", async () =>
    expect(steps(await seen(inactive, { ...prod, profile: "dev" }))).toContain("activate-direct-lvm"));
});

describe("the words of the logs", () => {
  const matching = (remediation: Remediation, message: string): string[] =>
    remediation.signatures.filter(({ pattern }) => pattern.test(message)).map(({ name }) => name);
  test.each<[string, string[], string[]]>([
    [
      "failed to reconcile vmid ns1/a/U: executing plan: … has been unpacked with snapshotter devmapper: snapshotter not loaded: devmapper: invalid argument",
      ["flintlockd"],
      [],
    ],
    [
      'level=warning msg="failed to load plugin io.containerd.snapshotter.v1.devmapper" error="failed to query pool \\"/dev/mapper/flintlock-dev-thinpool\\": no such device or address"',
      ["load"],
      ["query-pool"],
    ],
    [
      'level=warning msg="failed to load plugin" error="failed to query pool \\"/dev/mapper/flintlock-dev-thinpool\\": no such device or address" id=io.containerd.snapshotter.v1.devmapper type=io.containerd.snapshotter.v1',
      ["load"],
      ["query-pool"],
    ],
    [
      'level=warning msg="could not use snapshotter devmapper in metadata plugin" error="failed to query pool \\"/dev/mapper/p\\": no such device or address"',
      ["metadata"],
      ["query-pool"],
    ],
    ['level=warning msg="failed to load plugin io.containerd.snapshotter.v1.devmapper" error="devmapper not configured"', [], []],
    ['level=warning msg="could not use snapshotter devmapper in metadata plugin" error="devmapper not configured"', [], []],
    ['level=warning msg="failed to load plugin io.containerd.snapshotter.v1.btrfs" error="must be a btrfs filesystem"', [], []],
  ])("%s", (message, notLoaded, missing) => {
    expect(matching(snapshotterNotLoaded, message)).toEqual(notLoaded);
    expect(matching(thinpoolMissing, message)).toEqual(missing);
  });
});

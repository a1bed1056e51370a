import { describe, expect, test } from "@jest/globals";
import bridgeNameMissing from "../../../remediations/bridge-name-missing.ts";
import macvtapUnavailable from "../../../remediations/macvtap-unavailable.ts";
import parentDeviceMissing from "../../../remediations/parent-device-missing.ts";
import parentIfaceMissing from "../../../remediations/parent-iface-missing.ts";
import tapDetached from "../../../remediations/tap-detached.ts";
import { parseMapping } from "../../../src/facts/mapping.ts";
import { CapturedHost, emptyCapture } from "../../../src/host/capture.ts";
import { absent, known, unknown, type Answer } from "../../../src/host/inspector.ts";
import { plan, type Plan } from "../../../src/planner.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import type { Finding, PlanContext, Remediation } from "../../../src/remediation.ts";
import type { FindingId } from "../../../src/report.ts";
import { commandsOf } from "../../../src/steps/action.ts";
import type { MacvtapSupport } from "../../../src/facts/kernel-modules.ts";
import type { LogEvidence, LogHit } from "../../../src/survey/journal.ts";
import type { LedgerFacts } from "../../../src/survey/ledger.ts";
import type { Units } from "../../../src/survey/units.ts";
import type { KernelModules } from "../../../src/survey/kernel-modules.ts";
import type { Link, Links } from "../../../src/survey/links.ts";
import type { OwnedDefinition } from "../../../src/survey/network-definitions.ts";
import type { MicrovmRecord, RecordedInterface } from "../../../src/survey/records.ts";
import { settingsFrom } from "../../../src/survey/settings.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { harmless } from "../../support/restart.ts";

const catalogue: Remediation[] = [macvtapUnavailable, bridgeNameMissing, parentIfaceMissing, parentDeviceMissing, tapDetached];

const link = (name: string, changes: Partial<Link> = {}): Link => ({
  name,
  ifindex: 1,
  kind: "nic",
  up: true,
  master: null,
  physical: (changes.kind ?? "nic") === "nic",
  lowers: [],
  ...changes,
});
const bridge = (name: string, up = true): Link => link(name, { kind: "bridge", up });
const eth0 = link("eth0");
const routed: Links["defaultRoutes"] = [{ link: "eth0", family: "ipv4", metric: 100 }];

const metadata: RecordedInterface = { guestDevice: "eth0", type: "tap", bridge: null, metadata: true, hostDevice: "fltap0000001" };
const tap = (changes: Partial<RecordedInterface> = {}): RecordedInterface => ({
  guestDevice: "eth1",
  type: "tap",
  bridge: null,
  metadata: false,
  hostDevice: null,
  ...changes,
});
const record = (name: string, interfaces: RecordedInterface[], deletedAt = 0): MicrovmRecord => ({
  id: `ns1/${name}/U`,
  namespace: "ns1",
  name,
  uid: "U",
  provider: "firecracker",
  version: 1,
  interfaces: [metadata, ...interfaces],
  state: "pending",
  retry: 0,
  notBefore: 0,
  createdAt: 0,
  updatedAt: 0,
  deletedAt,
  source: `/blobs/${name}`,
});
const tapped = record("a", [tap()]);
const macvtapped = record("c", [tap({ type: "macvtap" })]);

const hit = (finding: FindingId, signature: string, excerpt: string, at = "2026-11-24T21:00:00.000Z"): LogHit => ({
  finding,
  signature,
  unit: "flintlockd.service",
  microvm: "ns1/x/U",
  monotonicUs: 5,
  at,
  excerpt,
});
const log = (...hits: LogHit[]): LogEvidence => ({
  findings: [...new Set(hits.map(({ finding }) => finding))].flatMap((finding) => {
    const examples = hits.filter((each) => each.finding === finding);
    const [first] = examples;
    const last = examples.at(-1);
    return first && last ? [{ finding, count: examples.length, first, last, microvms: ["ns1/x/U"], examples }] : [];
  }),
  notOurs: [],
  caveats: [],
  lastErrors: [],
  lastWords: new Map(),
  busySince: null,
  memory: null,
});

interface Host {
  config?: string;
  argv?: string[];
  problem?: boolean;
  records?: Answer<MicrovmRecord[]>;
  links?: Link[];
  routes?: Links["defaultRoutes"];
  /** A text: why the journal cannot be read. */
  log?: LogEvidence | string;
  modules?: MacvtapSupport;
  changedMs?: number;
  policy?: Partial<Policy>;
  /** flintlockd's start, and this tool's own edit of bridge-name, in microseconds since boot. */
  startUs?: number;
  editedUs?: number;
  detached?: boolean;
  /** What `ip -4 -json route show default` prints; undefined: it gives no answer. */
  ipRoutes?: unknown[];
  /** How the definition of br9 differs from one of netplan's that works. */
  definition?: Partial<OwnedDefinition>;
}

function surveyOf(host: Host): Survey {
  const policy = { ...defaultPolicy, ...host.policy };
  const text = host.config ?? "bridge-name: br0\nparent-iface: eth0\n";
  const parsed = parseMapping(text);
  const path = "/etc/opt/flintlockd/config.yaml";
  const file = { text, utf8: true, sha256: "s", mode: 0o600, uid: 0, gid: 0, size: 1, mtimeMs: 1_000 };
  const broken = host.problem === true ? { code: "UNPARSABLE", message: "a tab where YAML allows only spaces", line: 3, column: 1 } : null;
  const settings = settingsFrom(
    {
      argv: host.argv ?? ["/usr/local/bin/flintlockd", "run"],
      where: "/etc/systemd/system/flintlockd.service:7",
      environment: new Map(),
      environmentWhere: new Map(),
    } as unknown as Parameters<typeof settingsFrom>[0],
    { config: { path, realPath: path, file, problem: broken }, entries: "entries" in parsed && !broken ? parsed.entries : [] },
  );
  const modules: KernelModules = {
    present: host.modules?.is === "present",
    kernel: "6.1.0",
    support: host.modules ?? { is: "loadable" },
    package: {
      name: "linux-image-6.1.0",
      commands: [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "linux-image-6.1.0"],
      ],
    },
    distribution: "Debian",
    said: { explicit: "", byAlias: "" },
    kept: false,
    ownFile: null,
    changedMs: host.changedMs ?? 0,
  };
  const printed = { status: 0, signal: null, stdout: JSON.stringify(host.ipRoutes), stderr: "", truncated: false };
  const asked = { ask: "command" as const, argv: ["ip", "-4", "-json", "route", "show", "default"] };
  const answers = host.ipRoutes ? [{ ask: asked, answer: known(printed) }] : [];
  return Object.assign(new Survey(new CapturedHost({ ...emptyCapture("", ""), answers }), policy, []), {
    settings: () => Promise.resolve(known(settings)),
    records: () => Promise.resolve(host.records ?? known([])),
    links: () => Promise.resolve(known({ links: host.links ?? [bridge("br0"), eth0], defaultRoutes: host.routes ?? [] })),
    journal: () => Promise.resolve(typeof host.log === "string" ? unknown(host.log) : known(host.log ?? log())),
    clock: () => Promise.resolve(known({ nowMs: 2_000, monotonicUs: 2_000_000, bootId: "b", hostName: "h", kernel: "6.1.0", uid: 0 })),
    units: () => Promise.resolve(known({ flintlockd: { mainPid: 7, execMainStartUs: host.startUs ?? 1_500_000 } } as unknown as Units)),
    ledger: () => Promise.resolve(known({ editedUs: { "bridge-name": host.editedUs ?? null, "parent-iface": null } } as unknown as LedgerFacts)),
    kernelModules: () => Promise.resolve(known(modules)),
    networkDefinitions: () =>
      Promise.resolve(
        known([
          {
            device: "br9",
            kind: "bridge" as const,
            by: "netplan" as const,
            where: "/etc/netplan/50.yaml:4",
            command: ["netplan", "apply"],
            hindrance: null,
            ...host.definition,
          },
        ]),
      ),
  });
}

interface Seen {
  findings: Map<FindingId, Finding>;
  plan: Plan;
}

async function seen(host: Host): Promise<Seen> {
  const survey = surveyOf(host);
  const findings = new Map<FindingId, Finding>();
  for (const remediation of catalogue) {
    const { status, summary, evidence = [], advice = [], ...rest } = await remediation.inspect(survey);
    const { microvms = [], facts = null }: { microvms?: string[]; facts?: unknown } = rest;
    findings.set(remediation.id, { id: remediation.id, status, summary, evidence, microvms, facts, advice });
  }
  const context: PlanContext = {
    policy: survey.policy,
    profile: "dev",
    findings,
    microvms: [],
    nowMs: 0,
    units: { flintlockd: "flintlockd.service", containerd: "containerd-dev.service" },
    restart: { ...harmless, flintlockdEndsMicrovms: host.detached === false ? "firecracker-detach is false" : null },
  };
  return { findings, plan: plan(catalogue, context) };
}

const problems = ({ findings }: Seen): string[] => [...findings.values()].filter(({ status }) => status === "problem").map(({ id }) => id);
const steps = ({ plan: { steps: planned } }: Seen): string[] => planned.map((step) => step.id);
const codes = ({ plan: { refusals } }: Seen): string[] => refusals.map(({ code }) => code);
const edits = ({ plan: { steps: planned } }: Seen): string[] =>
  planned.flatMap(({ actions }) => actions.flatMap((action) => (action.do === "set-key" ? [`${action.key}: ${action.value}`] : [])));

test("a healthy host: nothing", async () => {
  const host = await seen({ records: known([tapped, macvtapped]) });
  expect([problems(host), steps(host), codes(host), host.plan.advice]).toEqual([[], [], [], []]);
});

describe("bridge-name and parent-iface", () => {
  test("a stored tap and no bridge-name: the one bridge", async () => {
    const host = await seen({ config: "parent-iface: eth0\n", records: known([tapped]) });
    expect([problems(host), steps(host), edits(host)]).toEqual([["bridge-name-missing"], ["set-bridge-name", "restart-flintlockd"], ["bridge-name: br0"]]);
    expect(host.findings.get("bridge-name-missing")).toMatchObject({ microvms: ["ns1/a/U"], summary: expect.stringContaining("ns1/a/U") });
    expect(host.plan.advice.map(({ message }) => message)).toEqual(expect.arrayContaining([expect.stringContaining("fix spec patch")]));
  });

  test("a stored macvtap and no parent-iface: the wired interface of the default route", async () => {
    const host = await seen({ config: "bridge-name: br0\n", records: known([macvtapped]), routes: routed });
    expect([problems(host), steps(host), edits(host)]).toEqual([["parent-iface-missing"], ["set-parent-iface", "restart-flintlockd"], ["parent-iface: eth0"]]);
  });

  test("a default route over two interfaces, of which /proc shows the first: refused, unless it is said which", async () => {
    const ipRoutes = [{ dst: "default", metric: 100, flags: [], nexthops: [{ dev: "eth0" }, { dev: "vec1" }] }];
    const host: Host = { config: "bridge-name: br0\n", records: known([macvtapped]), routes: routed, links: [bridge("br0"), eth0, link("vec1")], ipRoutes };
    const refused = await seen(host);
    expect([problems(refused), steps(refused), codes(refused)]).toEqual([["parent-iface-missing"], [], ["AMBIGUOUS_PARENT"]]);
    expect(edits(await seen({ ...host, policy: { parentIface: "vec1" } }))).toEqual(["parent-iface: vec1"]);
  });

  test("neither, and both are wanted: two edits, one restart", async () => {
    const host = await seen({ config: "insecure: true\n", records: known([tapped, macvtapped]), routes: routed });
    expect([steps(host), edits(host)]).toEqual([
      ["set-bridge-name", "set-parent-iface", "restart-flintlockd"],
      ["bridge-name: br0", "parent-iface: eth0"],
    ]);
    const [first, second] = host.plan.steps.flatMap(({ actions }) => actions.flatMap((action) => (action.do === "set-key" ? [action] : [])));
    expect(second?.before).toBe(first?.after);
  });

  test("neither, and nothing says which: both choices, nothing is done", async () => {
    const host = await seen({ config: "insecure: true\n" });
    expect([problems(host), steps(host), codes(host)]).toEqual([["bridge-name-missing", "parent-iface-missing"], [], ["BRIDGE_OR_PARENT", "BRIDGE_OR_PARENT"]]);
    expect(host.plan.refusals[0]?.hint).toBe("say which: --bridge-name NAME, --parent-iface NAME, or both");
  });

  test("neither, and a decision: only that", async () => {
    const host = await seen({ config: "insecure: true\n", policy: { parentIface: "eth0" } });
    expect([problems(host), edits(host), codes(host)]).toEqual([["parent-iface-missing"], ["parent-iface: eth0"], []]);
  });

  test("several bridges, or none: refused", async () => {
    expect(codes(await seen({ config: "parent-iface: eth0\n", records: known([tapped]), links: [bridge("br0"), bridge("br1"), eth0] }))).toEqual([
      "AMBIGUOUS_BRIDGE",
    ]);
    expect(codes(await seen({ config: "parent-iface: eth0\n", records: known([tapped]), links: [bridge("docker0"), eth0] }))).toEqual(["NO_BRIDGE"]);
  });

  test("only the log says so", async () => {
    const host = await seen({
      config: "parent-iface: eth0\n",
      log: log(hit("bridge-name-missing", "tap-needs-parent", "a parent network device name is required for attaching a TAP interface")),
    });
    expect([problems(host), steps(host)]).toEqual([["bridge-name-missing"], ["set-bridge-name", "restart-flintlockd"]]);
    expect(host.findings.get("bridge-name-missing")?.microvms).toEqual(["ns1/x/U"]);
  });

  test("a file that does not parse is refused with its place", async () => {
    const host = await seen({ problem: true, records: known([tapped]) });
    expect(host.plan.refusals).toEqual([
      expect.objectContaining({ code: "CONFIG_UNPARSABLE", message: expect.stringContaining("/etc/opt/flintlockd/config.yaml:3, column 1") }),
    ]);
    expect(steps(host)).toEqual([]);
  });

  test("a flag of the unit that says nothing is named, the file is not patched", async () => {
    const host = await seen({ config: "parent-iface: eth0\n", argv: ["flintlockd", "run", "--bridge-name", ""], records: known([tapped]) });
    expect([steps(host), codes(host)]).toEqual([[], ["OVERRIDDEN"]]);
    expect(host.plan.refusals[0]?.message).toContain("/etc/systemd/system/flintlockd.service:7");
  });

  test("records that cannot be read are unknown, never healthy", async () => {
    const host = await seen({ config: "parent-iface: eth0\n", records: unknown("no root") });
    expect(host.findings.get("bridge-name-missing")?.status).toBe("unknown");
    expect((await seen({ config: "parent-iface: eth0\n", records: absent("no containerd") })).findings.get("bridge-name-missing")?.status).toBe("healthy");
  });

  const missed = log(hit("bridge-name-missing", "tap-needs-parent", "a parent network device name is required for attaching a TAP interface"));
  test.each<[string, Host, string[]]>([
    ["edited by hand, and flintlockd goes on without", { log: missed, startUs: 500_000 }, ["restart-flintlockd"]],
    ["edited by a run that was killed before its restart", { startUs: 500_000, editedUs: 900_000 }, ["restart-flintlockd"]],
    ["started since the edit", { startUs: 950_000, editedUs: 900_000 }, []],
    ["edited by hand, and nothing is missed", { startUs: 500_000 }, []],
    ["what was missed was so before the start", { log: missed }, []],
  ])("a value that is not in force: %s", async (_, host, planned) => expect(steps(await seen({ records: known([tapped]), ...host }))).toEqual(planned));

  const absentBridge = (name: string): LogHit =>
    hit("parent-device-missing", "parent-not-found", `failed to lookup parent network interface "${name}": Link not found`);
  const busy = hit("parent-device-missing", "parent-busy", "creating interface flvtap0000001 using netlink: device or resource busy");
  const noBridge = hit("parent-device-missing", "not-a-bridge", "setting master for fltap0000001 to dmy0: operation not supported");
  const later = (each: LogHit): LogEvidence => log({ ...each, monotonicUs: 1_800_000 });
  const x = (...interfaces: RecordedInterface[]) => known([record("x", interfaces)]);
  const tapX = x(tap());
  const macvtapX = x(tap({ type: "macvtap" }));

  test.each<[string, Host, FindingId]>([
    ["a bridge that is not there", { records: tapX, log: later(absentBridge("brX")) }, "bridge-name-missing"],
    ["a name that the right one begins with", { records: tapX, log: later(absentBridge("br")) }, "bridge-name-missing"],
    ["a device that is no bridge", { records: tapX, log: later(noBridge) }, "bridge-name-missing"],
    ["a parent that is not there", { records: macvtapX, log: later(absentBridge("eth9")) }, "parent-iface-missing"],
    ["a parent that is busy", { records: macvtapX, log: later(busy), startUs: 500_000 }, "parent-iface-missing"],
    [
      "a flag that was changed",
      { argv: ["flintlockd", "run", "--bridge-name", "br0"], config: "parent-iface: eth0\n", records: tapX, log: later(absentBridge("brX")) },
      "bridge-name-missing",
    ],
    [
      "a bridge that only a tap for metadata looks up",
      { records: x(tap({ bridge: "br8" }), tap({ metadata: true })), links: [bridge("br0"), bridge("br8"), eth0], log: later(absentBridge("brX")) },
      "bridge-name-missing",
    ],
  ])("flintlockd goes by another value than is set now: %s", async (_, host, finding) => {
    const found = await seen(host);
    expect([problems(found), steps(found), codes(found)]).toEqual([[finding], ["restart-flintlockd"], []]);
    expect(found.findings.get(finding)).toMatchObject({ microvms: ["ns1/x/U"], summary: expect.stringContaining("started before that and goes by another") });
    expect(found.findings.get("parent-device-missing")?.summary).toContain("is not what is set now");
  });

  test.each<[string, Host]>([
    ["it is the one set now, and is there again", { records: tapX, log: later(absentBridge("br0")) }],
    [
      "a bridge of the MicroVM's own, which is there again",
      { records: x(tap({ bridge: "br8" }), tap()), links: [bridge("br0"), bridge("br8"), eth0], log: later(absentBridge("br8")) },
    ],
    ["the other key's, where a MicroVM wants both", { records: x(tap(), tap({ type: "macvtap" })), log: later(absentBridge("eth0")) }],
    ["busy, and nothing was edited since the start", { records: macvtapX, log: later(busy) }],
    ["said by a process before this one, in a crash loop", { records: tapX, log: log(absentBridge("brX")) }],
    ["about a MicroVM that is not stored", { log: later(absentBridge("brX")) }],
    ["flintlockd does not run", { records: tapX, log: later(absentBridge("brX")), startUs: 0 }],
  ])("what flintlockd missed says nothing of the value set now: %s", async (_, host) => expect(problems(await seen(host))).toEqual([]));

  test("a value set now that does not work either: no restart, it would mend nothing", async () => {
    const host = await seen({ config: "bridge-name: br9\nparent-iface: eth0\n", records: tapX, log: later(absentBridge("brX")) });
    expect([problems(host), steps(host), codes(host)]).toEqual([["parent-device-missing"], [], ["BRIDGE_ABSENT"]]);
  });

  test("no edit where the restart would end MicroVMs and nobody consented", async () => {
    const host = { config: "parent-iface: eth0\n", records: known([tapped]), detached: false };
    const refused = await seen(host);
    expect([steps(refused), codes(refused)]).toEqual([[], ["DESTRUCTIVE_WITHOUT_CONSENT"]]);
    expect(steps(await seen({ ...host, policy: { allowDestructive: true } }))).toEqual(["set-bridge-name", "restart-flintlockd"]);
  });

  test("flintlockd cannot be brought up without one of the two", async () => {
    const host = await seen({ config: "insecure: true\n", records: known([tapped]) });
    const finding = host.findings.get("bridge-name-missing");
    expect(finding && bridgeNameMissing.breaks(finding)).toEqual(["config"]);
    const serving = (await seen({ config: "parent-iface: eth0\n", records: known([tapped]) })).findings.get("bridge-name-missing");
    expect(serving && bridgeNameMissing.breaks(serving)).toEqual([]);
  });
});

describe("parent-device-missing", () => {
  const gone = { config: "bridge-name: br9\nparent-iface: eth0\n", records: known([tapped]) };

  test("a configured bridge that is not there: refused, with what is there and what brings it up", async () => {
    const host = await seen(gone);
    expect([problems(host), steps(host), codes(host)]).toEqual([["parent-device-missing"], [], ["BRIDGE_ABSENT"]]);
    expect(host.plan.refusals[0]?.hint).toContain("defined in /etc/netplan/50.yaml:4 (netplan) but not up: netplan apply");
    expect(host.plan.refusals[0]?.hint).toContain("--bridge-name NAME (here: br0)");
  });

  const byHand = "make that bridge: ip link add br9 type bridge";
  test("a definition that works is brought up, and not passed over by hand", async () =>
    expect((await seen(gone)).plan.refusals[0]?.hint).not.toContain(byHand));

  test("a definition that nobody acts on is named, with what keeps it, and the way by hand stays", async () => {
    const hindrance = "systemd-networkd.service does not run: systemctl start systemd-networkd.service";
    const { hint = "" } = (await seen({ ...gone, definition: { by: "systemd-networkd", hindrance } })).plan.refusals[0] ?? {};
    expect(hint).toContain(`it is defined in /etc/netplan/50.yaml:4 (systemd-networkd), which does nothing yet: ${hindrance}; or ${byHand}`);
  });

  test("a definition of another kind of device is none of a bridge, and one of a parent", async () => {
    const { hint = "" } = (await seen({ ...gone, definition: { kind: "other" } })).plan.refusals[0] ?? {};
    expect([hint.includes("netplan apply"), hint.includes(byHand)]).toEqual([false, true]);
    const parent = await seen({ config: "bridge-name: br0\nparent-iface: br9\n", records: known([macvtapped]), definition: { kind: "other" } });
    expect(parent.plan.refusals[0]?.hint).toContain("netplan apply");
  });

  test("replaced where it is said by what", async () => {
    const host = await seen({ ...gone, policy: { bridgeName: "br0" } });
    expect([edits(host), steps(host), codes(host)]).toEqual([["bridge-name: br0"], ["set-bridge-name", "restart-flintlockd"], []]);
  });

  test("by a device that is none: refused", async () => {
    expect(codes(await seen({ ...gone, policy: { bridgeName: "br9" } }))).toEqual(["BRIDGE_NOT_FOUND"]);
    expect(codes(await seen({ ...gone, policy: { bridgeName: "eth0" } }))).toEqual(["NOT_A_BRIDGE"]);
  });

  test("a value that works is never replaced", async () => {
    const host = await seen({ records: known([tapped]), links: [bridge("br0"), bridge("br1"), eth0], policy: { bridgeName: "br1", parentIface: "eth1" } });
    expect([problems(host), steps(host)]).toEqual([[], []]);
  });

  test("a parent that is a port of a bridge", async () => {
    const host = await seen({ records: known([macvtapped]), links: [bridge("br0"), link("eth0", { master: "br0" })] });
    expect([problems(host), codes(host)]).toEqual([["parent-device-missing"], ["PARENT_BUSY"]]);
    expect(host.plan.refusals[0]?.hint).toContain("--parent-iface br0");
    expect(
      edits(await seen({ records: known([macvtapped]), links: [bridge("br0"), link("eth0", { master: "br0" })], policy: { parentIface: "br0" } })),
    ).toEqual(["parent-iface: br0"]);
  });

  test("a parent that is not there and that nothing wants is advice", async () => {
    const host = await seen({ records: known([tapped]), links: [bridge("br0")] });
    expect([problems(host), host.plan.advice.map(({ finding }) => finding)]).toEqual([[], ["parent-device-missing"]]);
  });

  test("a MicroVM's own bridge", async () => {
    const host = await seen({ records: known([record("b", [tap({ bridge: "br\u001b9" })])]) });
    expect([problems(host), codes(host)]).toEqual([["parent-device-missing"], ["OVERRIDE_ABSENT"]]);
    expect(JSON.stringify(host.plan.refusals)).not.toContain("\u001b");
  });

  test("a flag of the unit names it: the file is not patched", async () => {
    expect(codes(await seen({ argv: ["flintlockd", "run", "--bridge-name", "br9"], records: known([tapped]), policy: { bridgeName: "br0" } }))).toEqual([
      "OVERRIDDEN",
    ]);
  });

  describe("where the value comes from is said, and how another is given there", () => {
    const flag = { argv: ["flintlockd", "run", "--bridge-name", "br9"], records: known([tapped]) };

    test("the file", async () => {
      const { message, hint } = (await seen(gone)).plan.refusals[0] ?? {};
      expect(message).toBe("bridge-name br9 does not exist (needed by ns1/a/U); /etc/opt/flintlockd/config.yaml:1 says so");
      expect(hint).toContain("say which bridge to use instead: --bridge-name NAME (here: br0)");
    });

    test("a flag of the unit, which an option of ours would not beat", async () => {
      const { message, hint } = (await seen(flag)).plan.refusals[0] ?? {};
      expect(message).toContain(
        "; the flag --bridge-name of flintlockd's unit says so (/etc/systemd/system/flintlockd.service:7) and beats /etc/opt/flintlockd/",
      );
      expect(hint).toContain(
        "say which bridge to use in /etc/systemd/system/flintlockd.service:7 (here: br0), or take it out, so that the file's counts (br0, line 1) (systemctl edit",
      );
      expect(hint).not.toContain("--bridge-name NAME");
    });

    test("a flag, and the file says nothing", async () =>
      expect((await seen({ ...flag, config: "parent-iface: eth0\n" })).plan.refusals[0]?.hint).not.toContain("take it out"));

    test("a busy parent", async () => {
      const argv = ["flintlockd", "run", "--parent-iface", "eth0"];
      const { hint } = (await seen({ argv, records: known([macvtapped]), links: [bridge("br0"), link("eth0", { master: "br0" })] })).plan.refusals[0] ?? {};
      expect(hint).toContain("that bridge can be the parent: br0; or say which wired interface to use in /etc/systemd");
    });
  });

  test("what flintlockd missed and is there now is healthy", async () => {
    const host = await seen({
      records: known([tapped]),
      log: log(hit("parent-device-missing", "parent-not-found", 'failed to lookup parent network interface "br0": Link not found')),
    });
    expect(host.findings.get("parent-device-missing")).toMatchObject({ status: "healthy", summary: expect.stringContaining("is there now") });
  });
});

describe("tap-detached", () => {
  const attached = record("a", [tap({ hostDevice: "fltap0000002" })]);
  const loose = [link("fltap0000001", { kind: "tap" }), link("fltap0000002", { kind: "tap" })];

  test("attached to bridge-name again, and nothing is restarted", async () => {
    const host = await seen({ records: known([attached]), links: [bridge("br0"), eth0, ...loose] });
    expect([problems(host), steps(host)]).toEqual([["tap-detached"], ["attach-tap"]]);
    expect(host.plan.steps.flatMap(commandsOf)).toEqual([["ip", "link", "set", "dev", "fltap0000002", "master", "br0"]]);
  });

  test("one that has a master is left alone", async () =>
    expect(
      problems(
        await seen({
          records: known([attached]),
          links: [bridge("br0"), bridge("br1"), eth0, link("fltap0000001", { kind: "tap" }), link("fltap0000002", { kind: "tap", master: "br1" })],
        }),
      ),
    ).toEqual([]));

  test("to the bridge of its own", async () => {
    const host = await seen({
      records: known([record("b", [tap({ hostDevice: "fltap0000002", bridge: "br8" })])]),
      links: [bridge("br0"), bridge("br8"), eth0, ...loose],
    });
    expect(host.plan.steps.flatMap(commandsOf)).toEqual([["ip", "link", "set", "dev", "fltap0000002", "master", "br8"]]);
  });

  test("to the bridge that this plan sets, before flintlockd is restarted", async () => {
    const host = await seen({ config: "parent-iface: eth0\n", records: known([attached]), links: [bridge("br0"), eth0, ...loose] });
    expect(steps(host)).toEqual(["set-bridge-name", "attach-tap", "restart-flintlockd"]);
    const replaced = await seen({
      config: "bridge-name: br9\n",
      records: known([attached]),
      links: [bridge("br0"), eth0, ...loose],
      policy: { bridgeName: "br0" },
    });
    expect(replaced.plan.steps.flatMap(commandsOf)[0]).toEqual(["ip", "link", "set", "dev", "fltap0000002", "master", "br0"]);
  });

  test("its bridge is not there: it follows from that", async () => {
    const host = await seen({ config: "bridge-name: br9\n", records: known([attached]), links: [bridge("br0"), eth0, ...loose] });
    expect([problems(host), steps(host), host.plan.explainedBy.get("tap-detached")]).toEqual([
      ["parent-device-missing", "tap-detached"],
      [],
      "parent-device-missing",
    ]);
  });

  test("one of a MicroVM on its way out is none", async () =>
    expect(problems(await seen({ records: known([{ ...attached, deletedAt: 7 }]), links: [bridge("br0"), eth0, ...loose] }))).toEqual([]));
});

describe("macvtap-unavailable", () => {
  const stored = known([macvtapped]);
  const refusedAt = hit("macvtap-unavailable", "not-created", "creating interface flvtap0000001 using netlink: operation not supported");
  const lines = [{ where: "/etc/modprobe.d/x.conf:1", text: "blacklist macvtap" }];

  test.each<[string, Host]>([
    ["nothing wants it", { modules: { is: "blocked", lines } }],
    ["loaded", { records: stored, modules: { is: "present" } }],
    ["loaded on first use", { records: stored, modules: { is: "loadable" } }],
    ["loaded since the log said so", { records: stored, modules: { is: "present" }, log: log(refusedAt) }],
    ["loadable since the log said so", { records: stored, modules: { is: "loadable" }, log: log(refusedAt), changedMs: Date.parse("2026-11-24T21:00:01Z") }],
  ])("healthy: %s", async (_, host) => expect(problems(await seen(host))).toEqual([]));

  test.each<[string, Host, string[], string[]]>([
    ["denied: an explicit load", { modules: { is: "denied", lines } }, ["load-macvlan"], []],
    ["blocked", { modules: { is: "blocked", lines } }, [], ["MODULE_BLOCKED"]],
    ["missing", { modules: { is: "missing", words: "x", folderExists: true, otherKernels: [] } }, [], ["PACKAGES_WITHOUT_CONSENT"]],
    [
      "missing, with consent",
      { modules: { is: "missing", words: "x", folderExists: true, otherKernels: [] }, policy: { allowPackages: true } },
      ["install-kernel-modules", "load-macvlan"],
      [],
    ],
    ["a container", { modules: { is: "not-permitted", code: "CONTAINER", why: "", where: "", wayOut: "" } }, [], ["CONTAINER"]],
    ["loadable, and yet it was not loaded", { modules: { is: "loadable" }, log: log(refusedAt) }, ["load-macvlan"], []],
    [
      "not permitted although loaded",
      { modules: { is: "present" }, log: log({ ...refusedAt, excerpt: "creating interface flvtap0000001 using netlink: operation not permitted" }) },
      [],
      ["NOT_PERMITTED"],
    ],
  ])("%s", async (_, host, planned, refused) => {
    const found = await seen({ records: stored, ...host });
    expect([problems(found), steps(found), codes(found)]).toEqual([["macvtap-unavailable"], planned, refused]);
  });

  test("where the journal cannot be read: whether flintlockd may make them is unknown, and that it need not is known", async () => {
    const unread = { modules: { is: "present" }, log: "journalctl was not done in time" } as const;
    const statusOf = async (host: Host) => (await seen(host)).findings.get("macvtap-unavailable")?.status;
    expect(await statusOf({ ...unread, records: stored })).toBe("unknown");
    expect(await statusOf(unread)).toBe("healthy");
    expect(await statusOf({ ...unread, records: stored, modules: { is: "blocked", lines } })).toBe("problem");
  });

  test("they are named for the next boot first: after a run that was killed in between, loaded modules would look like a finished cure", async () => {
    const host = await seen({ records: stored, modules: { is: "denied", lines } });
    expect(host.plan.steps.flatMap(({ actions }) => actions.map(({ do: what }) => what))).toEqual(["write-file", "run", "run", "await", "await"]);
  });

  test("both modules are loaded and kept, and no file of modprobe.d is touched", async () => {
    const host = await seen({ records: stored, modules: { is: "denied", lines } });
    expect(host.plan.steps.flatMap(commandsOf)).toEqual([
      ["modprobe", "macvlan"],
      ["modprobe", "macvtap"],
    ]);
    expect(
      host.plan.steps.flatMap(({ actions }) =>
        actions.flatMap((action) => (action.do === "write-file" ? [action.path, action.text.split("\n").slice(1)] : [])),
      ),
    ).toEqual(["/etc/modules-load.d/flintlock-fix.conf", ["macvlan", "macvtap", ""]]);
    expect(host.plan.advice[0]?.message).toContain("/etc/modprobe.d/x.conf:1 (blacklist macvtap)");
  });

  test("macvtap asked of Firecracker is advice", async () => {
    const host = await seen({
      log: {
        ...log(),
        notOurs: [{ shape: "", count: 1, example: "failed to create microvm: macvtap network interfaces not supported by the microvm provider" }],
      },
    });
    expect([problems(host), host.plan.advice.map(({ message }) => message)]).toEqual([[], [expect.stringContaining("asked Firecracker")]]);
  });
});

describe("signatures", () => {
  const matches = (line: string): string[] => catalogue.flatMap(({ id, signatures }) => (signatures.some(({ pattern }) => pattern.test(line)) ? [id] : []));
  const step = "executing step network_iface_create: creating network interface:";
  test.each([
    [`${step} creating interface flvtape32c326 using netlink: operation not supported`, ["macvtap-unavailable"]],
    [`${step} creating interface flvtape32c326 using netlink: operation not permitted`, ["macvtap-unavailable"]],
    [`${step} Operation not supported`, ["macvtap-unavailable"]],
    [`${step} Operation not permitted`, ["macvtap-unavailable"]],
    [`${step} creating interface fltape32c326 using netlink: operation not permitted`, []],
    [`${step} setting master for fltape32c326 to d0: operation not supported`, ["parent-device-missing"]],
    [`${step} creating interface flvtape32c326 using netlink: device or resource busy`, ["parent-device-missing"]],
    [`${step} failed to lookup parent network interface "br0": Link not found`, ["parent-device-missing"]],
    [`${step} failed to lookup parent network interface \\"br0\\": Link not found`, ["parent-device-missing"]],
    [`${step} a parent network device name is required for attaching a TAP interface`, ["bridge-name-missing"]],
    [`${step} a parent network device name is required for macvtap interfaces`, ["parent-iface-missing"]],
    ["Error: you must supply at least one of parent interface, bridge name", ["bridge-name-missing", "parent-iface-missing"]],
    ["2026/11/24 21:23:00 you must supply at least one of parent interface, bridge name", ["bridge-name-missing", "parent-iface-missing"]],
    ["failed to create microvm: macvtap network interfaces not supported by the microvm provider", []],
  ])("%s", (line, ids) => expect(matches(line)).toEqual(ids));
});

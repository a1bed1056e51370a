import { describe, expect, test } from "@jest/globals";
import flintlockdStalled from "../../../remediations/flintlockd-stalled.ts";
import serviceCrashLoop from "../../../remediations/service-crash-loop.ts";
import serviceDown from "../../../remediations/service-down.ts";
import thinpoolUnhealthy from "../../../remediations/thinpool-unhealthy.ts";
import { plan, type Plan } from "../../../src/planner.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import { problem, unknownBecause, type Diagnosis, type Finding, type Remediation } from "../../../src/remediation.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { devFiles, fixture, pluginList, shown } from "../../support/services.ts";

const catalogue: Remediation[] = [serviceDown, serviceCrashLoop, flintlockdStalled];
const config = "/etc/opt/flintlockd/config.yaml";
const pid = Number(/MainPID=(\d+)/.exec(shown("healthy"))?.[1] ?? "0");
const serving = { [`/proc/${pid}/fd/7`]: "socket:[1338]", [`/proc/${pid}/fd/8`]: "socket:[853]" };

async function look(
  host: FakeHost,
  { others = [], ...policy }: Partial<Policy> & { others?: Remediation[] } = {},
  provisioned = devFiles,
): Promise<{ findings: Map<string, Finding>; planned: Plan }> {
  const commands = { "systemctl show": shown("healthy"), sleep: "", journalctl: "", "ctr --address": pluginList, ...host.commands };
  const survey = new Survey(fakeHost({ links: serving, ...host, files: { ...provisioned, ...host.files }, commands }), { ...defaultPolicy, ...policy }, []);
  const findings = new Map<string, Finding>();
  for (const remediation of [...catalogue, ...others]) {
    const diagnosis = await remediation.inspect(survey);
    findings.set(remediation.id, { id: remediation.id, evidence: [], microvms: [], advice: [], facts: null, ...diagnosis });
  }
  const [restart, layout] = await Promise.all([survey.restart(), survey.layout()]);
  if (restart.kind !== "known" || layout.kind !== "known") throw new Error("the host cannot be told");
  const units = { flintlockd: layout.value.flintlockdUnit, containerd: layout.value.containerdUnit };
  const context = {
    policy: { ...defaultPolicy, ...policy },
    profile: layout.value.profile,
    findings: new Map([...findings.values()].map((finding) => [finding.id, finding])),
    nowMs: 0,
    units,
    microvms: [],
    restart: restart.value,
  };
  return { findings, planned: plan([...catalogue, ...others], context) };
}

function found(findings: ReadonlyMap<string, Finding>, id: string): Finding {
  const finding = findings.get(id);
  if (!finding) throw new Error(`no finding ${id}`);
  return finding;
}

/** A pool that nothing here cures. */
const poolThat = (diagnosis: Diagnosis<unknown>): Remediation => ({
  ...thinpoolUnhealthy,
  breaks: () => ["pool"],
  inspect: () => Promise.resolve(diagnosis),
  remedy: () => ({ steps: [], refusals: [], advice: [] }),
});
const needsCheck = poolThat(problem("pool p is to be checked", [], {}));
const hanging = poolThat(unknownBecause("dmsetup did not end within 10 s"));

const steps = ({ steps: all }: Plan): string[] => all.map(({ id }) => id);
const codes = ({ refusals }: Plan): string[] => refusals.map(({ code }) => code);

test("a healthy host has none of the three", async () => {
  const { findings, planned } = await look({});
  expect([...findings.values()].map(({ status }) => status)).toEqual(["healthy", "healthy", "healthy"]);
  expect(findings.get("flintlockd-stalled")?.summary).toBe("flintlockd listens on 127.0.0.1:9090 and 127.0.0.1:8090");
  expect([planned.steps, planned.refusals]).toEqual([[], []]);
});

describe("a pool that does not serve, or may not", () => {
  const stalled = { "systemctl show": shown("containerd-sigkilled"), journalctl: fixture("containerd-sigkilled.journal") };
  const silent = { links: { "/proc/5846/fd/2": "socket:[1]" }, files: { "/proc/net/tcp": "" } };
  const bothStopped = shown("flintlockd-stopped", { "containerd-dev.service": { ActiveState: "inactive", SubState: "dead", MainPID: "0" } });
  test.each<[string, FakeHost, Remediation, string[], string[]]>([
    ["does not keep a stalled flintlockd from its restart", { commands: stalled, ...silent }, needsCheck, ["restart-flintlockd"], []],
    ["nor where it cannot be told", { commands: stalled, ...silent }, hanging, ["restart-flintlockd"], []],
    [
      "does not keep a stopped flintlockd from being started",
      { commands: { "systemctl show": shown("flintlockd-stopped") } },
      needsCheck,
      ["start-flintlockd"],
      [],
    ],
    ["keeps containerd from being started, and that is said", { commands: { "systemctl show": bothStopped } }, needsCheck, [], ["DEPENDS_ON_OTHER_FAULT"]],
    ["also where it cannot be told", { commands: { "systemctl show": bothStopped } }, hanging, [], ["DEPENDS_ON_UNKNOWN"]],
  ])("%s", async (_, host, other, planned, refused) => {
    const { planned: made } = await look(host, { others: [other] });
    expect([steps(made), codes(made)]).toEqual([planned, refused]);
  });
});

describe("service-down", () => {
  test("a flintlockd that a person stopped is started by a person", async () => {
    const commands = { "systemctl show": shown("flintlockd-stopped") };
    const { findings, planned } = await look({ commands });
    expect(findings.get("service-down")).toMatchObject({ status: "problem", summary: "flintlockd.service was stopped" });
    expect(steps(planned)).toEqual(["start-flintlockd"]);
    const unattended = await look({ commands }, { unattended: true });
    expect(steps(unattended.planned)).toEqual([]);
    expect(codes(unattended.planned)).toEqual(["STOPPED_BY_A_PERSON"]);
  });

  test.each<[string, us: number, summary: string, planned: string[]]>([
    ["is started by any run", 900e6, "flintlockd.service was stopped by fix, whose run ended before it was started again", ["start-flintlockd"]],
    ["and a person started and stopped since, is not", 1, "flintlockd.service was stopped", []],
  ])("one that this tool stopped %s", async (_name, monotonicUs, summary, planned) => {
    const commands = { "systemctl show": shown("flintlockd-stopped") };
    const line = { at: "2026-11-24T20:59:00Z", bootId: "b".repeat(32), monotonicUs, run: "r", event: "command" };
    const files = { "/var/lib/flintlock-fix/ledger.jsonl": `${JSON.stringify({ ...line, argv: ["systemctl", "stop", "flintlockd.service"], status: 0 })}\n` };
    const looked = await look({ commands, files }, { unattended: true });
    expect(looked.findings.get("service-down")?.summary).toBe(summary);
    expect(steps(looked.planned)).toEqual(planned);
  });

  test("both are started, containerd first", async () => {
    const { findings, planned } = await look({ commands: { "systemctl show": shown("containerd-stopped") } });
    expect(findings.get("service-down")?.summary).toBe("containerd-dev.service was stopped; flintlockd.service was stopped");
    expect(steps(planned)).toEqual(["start-containerd", "start-flintlockd"]);
  });

  test("what was not started since the boot is started by any run", async () => {
    const never = { ActiveState: "inactive", SubState: "dead", MainPID: "0", ActiveEnterTimestampMonotonic: "0", ActiveExitTimestampMonotonic: "0" };
    const { planned } = await look(
      { commands: { "systemctl show": shown("healthy", { "flintlockd.service": never, "containerd-dev.service": { ...never, UnitFileState: "disabled" } }) } },
      { unattended: true },
    );
    expect(steps(planned)).toEqual(["start-containerd", "start-flintlockd"]);
  });

  test.each([
    ["flintlockd-disabled", {}, "UNIT_DISABLED"],
    ["flintlockd-masked", {}, "UNIT_MASKED"],
    ["flintlockd-not-found", {}, "UNIT_NOT_FOUND"],
    ["healthy", { LoadState: "bad-setting", ActiveState: "inactive", MainPID: "0", LoadError: 'org.x "no good"' }, "UNIT_BROKEN"],
    ["healthy", { ActiveState: "inactive", MainPID: "0", ConditionResult: "no", ConditionTimestampMonotonic: "5" }, "CONDITION_NOT_MET"],
    ["healthy", { ActiveState: "failed", MainPID: "0", Result: "oom-kill", NRestarts: "0" }, "UNIT_FAILED"],
  ])("%s %j is refused, with the way", async (recording, changes, code) => {
    const { findings, planned } = await look({ commands: { "systemctl show": shown(recording, { "flintlockd.service": changes }) } });
    expect(findings.get("service-down")?.status).toBe("problem");
    expect(steps(planned)).toEqual([]);
    expect(codes(planned)).toEqual([code]);
    expect(planned.refusals[0]?.hint).toContain("flintlockd.service");
  });

  test("a masked unit that still runs is not stopped, for it has lost its KillMode", async () => {
    const { findings, planned } = await look({ commands: { "systemctl show": shown("flintlockd-masked-running") } });
    expect(findings.get("service-down")?.summary).toBe("flintlockd.service is masked, though it still runs from before");
    expect(planned.refusals[0]?.message).toContain("a stop ends every MicroVM");
    expect(steps(planned)).toEqual([]);
  });

  test("a unit that systemd is about to start is not down; new files and no place in the boot are said", async () => {
    const { findings } = await look({
      commands: {
        "systemctl show": shown("healthy", {
          "flintlockd.service": { UnitFileState: "disabled", NeedDaemonReload: "yes" },
          "containerd-dev.service": { ActiveState: "inactive", Job: "7" },
        }),
      },
    });
    expect(findings.get("service-down")).toMatchObject({
      status: "healthy",
      summary: "containerd-dev.service and flintlockd.service are about to be started by systemd and active",
    });
    expect(findings.get("service-down")?.advice).toEqual([expect.stringContaining("daemon-reload"), expect.stringContaining("systemctl enable")]);
  });

  test("without systemd nothing is known, and nothing is restarted", async () => {
    const survey = new Survey(fakeHost({ files: devFiles, commands: {} }), defaultPolicy, []);
    for (const remediation of catalogue) {
      const diagnosis = await remediation.inspect(survey);
      expect(diagnosis.status).toBe("unknown");
    }
    expect(serviceDown.breaks({ id: "service-down", status: "unknown", summary: "", evidence: [], microvms: [], facts: null, advice: [] })).toEqual([
      "containerd-startable",
      "flintlockd-startable",
    ]);
  });
});

describe("service-crash-loop", () => {
  const loop = { "systemctl show": shown("crash-loop-neither"), journalctl: fixture("crash-loop-neither.journal") };
  const neither = "insecure: true\ngrpc-endpoint: 127.0.0.1:9090\ncontainerd-socket: /run/containerd-dev/containerd.sock\n";

  test("with neither bridge nor parent says so, in its own words", async () => {
    const { findings, planned } = await look({ commands: loop, files: { [config]: neither } });
    expect(findings.get("service-crash-loop")).toMatchObject({
      status: "problem",
      summary: "flintlockd.service ends soon after each start, and systemd starts it again and again: neither bridge-name nor parent-iface is set",
    });
    expect(findings.get("service-crash-loop")?.evidence).toContainEqual(
      expect.objectContaining({ source: "journal", excerpt: "Error: you must supply at least one of parent interface, bridge name" }),
    );
    expect(findings.get("service-down")?.status).toBe("healthy");
    expect(codes(planned)).toEqual(["NEITHER_SET"]);
  });

  test("with a stray tab names the line, and nothing is written or restarted", async () => {
    const { findings, planned } = await look({ commands: loop, files: { [config]: `${neither}\tbridge-name: br0\n` } });
    expect(findings.get("service-crash-loop")?.summary).toContain(`${config}:4, column 1: a tab`);
    expect(planned.refusals).toEqual([expect.objectContaining({ code: "CONFIG_UNPARSABLE", message: expect.stringContaining(":4, column 1") })]);
    expect(steps(planned)).toEqual([]);
  });

  test("that is still to come is a fault while flintlockd runs", async () => {
    const { findings } = await look({ files: { [config]: `${neither}bridge-name: br0\n\tx: 1\n` } });
    expect(findings.get("service-crash-loop")?.summary).toContain("runs, but would not come up the same after a restart");
    expect(serviceCrashLoop.breaks(found(findings, "service-crash-loop"))).toEqual(["config"]);
  });

  test("without firecracker names it, the PATH and the line that asks for it", async () => {
    const { "/usr/local/bin/firecracker": _, ...files } = devFiles;
    const survey = new Survey(fakeHost({ files, commands: { ...loop, sleep: "" } }), defaultPolicy, []);
    const diagnosis = await serviceCrashLoop.inspect(survey);
    expect(diagnosis.summary).toContain(
      "there is no firecracker in /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin, which /etc/systemd/system/flintlockd.service:6 asks for",
    );
  });

  test("with a provider that there is not names it", async () => {
    const { planned } = await look({ commands: loop, files: { [config]: `${neither}bridge-name: br0\ndefault-provider: qemu\n` } });
    expect(planned.refusals).toEqual([expect.objectContaining({ code: "UNKNOWN_PROVIDER", message: expect.stringContaining(`"qemu" (${config}:5)`) })]);
  });

  test("of containerd is told by its own last words", async () => {
    const line = (message: string, more = {}): string =>
      JSON.stringify({ MESSAGE: message, SYSLOG_IDENTIFIER: "containerd", _SYSTEMD_UNIT: "containerd-dev.service", ...more });
    const journal = [
      line("containerd: failed to load TOML: /etc/containerd/config-dev.toml: (3, 1): no value can start with r"),
      line("containerd-dev.service: Failed with result 'exit-code'.", { SYSLOG_IDENTIFIER: "systemd", _SYSTEMD_UNIT: "init.scope" }),
    ].join("\n");
    const looping = shown("healthy", {
      "containerd-dev.service": { ActiveState: "activating", SubState: "auto-restart", MainPID: "0", NRestarts: "4", ExecMainStatus: "1" },
    });
    const { findings, planned } = await look({ commands: { "systemctl show": looping, journalctl: journal } });
    expect(findings.get("service-crash-loop")?.summary).toContain("(3, 1): no value can start with r");
    expect(codes(planned)).toEqual(["CRASH_LOOP"]);
    expect(serviceCrashLoop.breaks(found(findings, "service-crash-loop"))).toEqual(["containerd", "containerd-startable"]);
  });

  test("that systemd gave up on says how to start it again", async () => {
    const { planned } = await look({
      commands: {
        "systemctl show": shown("healthy", {
          "flintlockd.service": { ActiveState: "failed", SubState: "failed", Result: "start-limit-hit", MainPID: "0", NRestarts: "5" },
        }),
      },
    });
    expect(planned.refusals).toEqual([
      expect.objectContaining({ code: "START_LIMIT", hint: expect.stringContaining("systemctl reset-failed flintlockd.service") }),
    ]);
  });

  test("is not a single crash that systemd made good", async () => {
    const fallen = shown("healthy", { "containerd-dev.service": { ActiveState: "activating", SubState: "auto-restart", MainPID: "0" } });
    const up = shown("healthy", { "containerd-dev.service": { NRestarts: "1", MainPID: "77" } });
    const { findings } = await look({ commands: { "systemctl show": [fallen, up, up] } });
    expect(findings.get("service-crash-loop")?.status).toBe("healthy");
  });
});

describe("a containerd whose socket is gone", () => {
  const { "/run/containerd-dev/containerd.sock": _socket, ...others } = devFiles;
  const toml = { "/etc/containerd/config-dev.toml": 'version = 2\n[grpc]\naddress = "/run/containerd-dev/containerd.sock"\n' };
  const without = async (systemctl: string[]) => look({ commands: { "systemctl show": systemctl } }, {}, { ...others, ...toml });

  test("is restarted, for nobody can reach it", async () => {
    const { findings, planned } = await without([shown("healthy"), shown("healthy").split("\n\n")[1] ?? ""]);
    expect(findings.get("service-down")).toMatchObject({
      status: "problem",
      summary: expect.stringContaining("its socket /run/containerd-dev/containerd.sock is gone"),
    });
    expect(steps(planned)).toEqual(["stop-flintlockd", "restart-containerd", "restart-flintlockd"]);
  });

  test("for a moment, while it is restarted, is none", async () => {
    const { findings } = await without([shown("healthy"), shown("healthy", { "containerd-dev.service": { MainPID: "77" } }).split("\n\n")[1] ?? ""]);
    expect(findings.get("service-down")?.status).toBe("healthy");
  });
});

test("a containerd that may be the wrong one is not started, and its enabling is not advised", async () => {
  const { findings, planned } = await look({
    files: { [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/containerd/containerd.sock\n" },
    commands: {
      "systemctl show": shown("healthy", { "containerd.service": { ActiveState: "inactive", SubState: "dead", UnitFileState: "disabled", MainPID: "0" } }),
    },
  });
  expect(findings.get("service-down")).toMatchObject({ status: "problem", summary: expect.stringContaining("containerd.service does not run") });
  expect([steps(planned), codes(planned)]).toEqual([[], expect.arrayContaining(["PROFILE_UNKNOWN"])]);
  expect(JSON.stringify(planned)).not.toContain("enable --now");
});

describe("flintlockd-stalled", () => {
  const stalled = { "systemctl show": shown("containerd-sigkilled"), journalctl: fixture("containerd-sigkilled.journal") };

  test("after a crash of containerd is restarted, and it is said how that ends for good", async () => {
    const { findings, planned } = await look({ commands: stalled, links: { "/proc/5846/fd/2": "socket:[1]" }, files: { "/proc/net/tcp": "" } });
    expect(findings.get("flintlockd-stalled")).toMatchObject({ status: "problem" });
    expect(findings.get("flintlockd-stalled")?.summary).toContain(
      "does not listen on 127.0.0.1:9090 and 127.0.0.1:8090: failed serving api: initialising ports",
    );
    expect(steps(planned)).toEqual(["restart-flintlockd"]);
    expect(planned.advice.map(({ message }) => message).join()).toContain("After=containerd-dev.service");
  });

  test("waits for its time to settle before it is one", async () => {
    const young = shown("healthy", { "flintlockd.service": { ExecMainStartTimestampMonotonic: "998000000" } });
    const links = { [`/proc/${pid}/fd/7`]: "socket:[1]" };
    const { findings } = await look({ commands: { "systemctl show": young }, links });
    expect(findings.get("flintlockd-stalled")?.status).toBe("problem");
  });

  test.each<[string, FakeHost, string, string]>([
    [
      "a port that somebody else has",
      {
        links: { [`/proc/${pid}/fd/7`]: "socket:[1]", "/proc/99/fd/3": "socket:[1338]", "/proc/98/fd/3": "socket:[853]" },
        files: { "/proc/99/cmdline": "nc\0-l\0--password=s3cret\0", "/proc/98/cmdline": "x\0" },
      },
      "PORT_IN_USE",
      "process 99 (nc -l --password=",
    ],
    [
      "a name that does not resolve",
      {
        files: {
          [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: no-such-host:9099\n",
          "/etc/hosts": "127.0.0.1 localhost # no-such-host\n",
        },
        commands: { getent: { status: 2 } },
      },
      "NAME_NOT_RESOLVED",
      "neither /etc/hosts nor DNS knows it",
    ],
    [
      "an endpoint without a port",
      { files: { [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: 127.0.0.1\n" } },
      "BAD_ENDPOINT",
      "missing port in address",
    ],
    [
      "an address of another host",
      {
        files: {
          [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: 10.9.9.9:9099\n",
          "/proc/net/fib_trie": "  |-- 10.0.0.1\n   /32 host LOCAL\n",
        },
      },
      "ADDRESS_NOT_LOCAL",
      "10.9.9.9",
    ],
    [
      "TLS without a certificate",
      { files: { [config]: "bridge-name: b\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: :9099\n" } },
      "TLS_SETTINGS",
      "there is no tls-cert",
    ],
    [
      "a certificate that is not there",
      { files: { [config]: "bridge-name: b\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: :9099\ntls-cert: /c\ntls-key: /k\n" } },
      "TLS_SETTINGS",
      "there is no /c",
    ],
    [
      "a containerd that does not answer",
      { commands: { "ctr --address": { status: 1, stderr: "ctr: failed to dial" } } },
      "CONTAINERD_NOT_ANSWERING",
      "ctr: failed to dial",
    ],
    [
      "a socket with a scheme before it",
      { files: { [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: unix:///run/containerd-dev/containerd.sock\n" } },
      "CONTAINERD_SOCKET",
      `containerd-socket is "unix:///run/containerd-dev/containerd.sock" (${config}:3): flintlockd takes the path`,
    ],
    [
      "a socket that is not absolute",
      { files: { [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: run/containerd-dev/containerd.sock\n" } },
      "CONTAINERD_SOCKET",
      "flintlockd takes the path",
    ],
    [
      "a socket that is not there, while containerd has another",
      {
        files: {
          [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/containerd-dev/nope.sock\n",
          "/etc/containerd/config-dev.toml": 'version = 2\n[grpc]\naddress = "/run/containerd-dev/containerd.sock"\n',
        },
      },
      "CONTAINERD_SOCKET",
      "there is no such socket; that of containerd-dev.service is /run/containerd-dev/containerd.sock",
    ],
    [
      "another daemon's socket, on which nobody answers",
      {
        files: {
          [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/k3s/containerd.sock\n",
          "/run/k3s/containerd.sock": "",
          "/etc/containerd/config-dev.toml": 'version = 2\n[grpc]\naddress = "/run/containerd-dev/containerd.sock"\n',
        },
        commands: { "ctr --address": { status: 1, stderr: "ctr: failed to dial" } },
      },
      "CONTAINERD_SOCKET",
      "that of containerd-dev.service is /run/containerd-dev/containerd.sock, and containerd does not answer on /run/k3s/containerd.sock",
    ],
    [
      "what nobody here knows",
      { commands: { journalctl: JSON.stringify({ MESSAGE: "failed running controllers: out of cheese" }) } },
      "CAUSE_UNKNOWN",
      "out of cheese",
    ],
  ])("is not restarted on top of %s", async (_, host, code, text) => {
    const { findings, planned } = await look({
      links: { [`/proc/${pid}/fd/7`]: "socket:[1]" },
      ...host,
      files: { "/proc/net/tcp": code === "PORT_IN_USE" ? fixture("proc-net-tcp") : "", ...host.files },
    });
    expect(findings.get("flintlockd-stalled")?.status).toBe("problem");
    expect(steps(planned)).toEqual([]);
    expect(codes(planned)).toContain(code);
    expect(planned.refusals.map(({ message }) => message).join()).toContain(text);
    expect(JSON.stringify([...findings.values(), planned])).not.toContain("s3cret");
  });

  test("is one whose process a signal has stopped, whatever it listens on; it is restarted", async () => {
    const { findings, planned } = await look({ files: { [`/proc/${pid}/stat`]: `${pid} (flintlockd) T 1 ${"1 ".repeat(17)}500 0` } });
    expect(findings.get("flintlockd-stalled")).toMatchObject({ status: "problem", summary: expect.stringContaining(`process ${pid} is stopped by a signal`) });
    expect(steps(planned)).toEqual(["restart-flintlockd"]);
    expect(planned.advice.map(({ message }) => message).join()).toContain(`kill -CONT ${pid}`);
  });

  test("held by a debugger is left to it", async () => {
    const { planned } = await look({ files: { [`/proc/${pid}/stat`]: `${pid} (flintlockd) t 1 ${"1 ".repeat(17)}500 0` } });
    expect([steps(planned), codes(planned)]).toEqual([[], ["TRACED"]]);
  });

  test("is none where other settings are meant since its start", async () => {
    const { findings } = await look({
      files: { [config]: "insecure: true\nbridge-name: b\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: 127.0.0.1:9999\n" },
    });
    expect(findings.get("flintlockd-stalled")).toMatchObject({ status: "healthy", advice: [expect.stringContaining("127.0.0.1:9999")] });
  });

  const withoutApi = "bridge-name: b\ndisable-api: true\ninsecure: true\ncontainerd-socket: /run/containerd-dev/containerd.sock\n";
  const failed = 'time="x" level=error msg="failed running controllers: initialising ports for controller: creating containerd client: failed to dial"';
  test.each<[string, FakeHost, string[], string[]]>([
    [
      "whose controllers failed: it listens on nothing either way",
      { commands: { journalctl: JSON.stringify({ MESSAGE: failed }) } },
      ["restart-flintlockd"],
      [],
    ],
    [
      "whose controllers failed, as its own log file says",
      { files: { [config]: `${withoutApi}log-output: /var/log/flintlockd.log\n`, "/var/log/flintlockd.log": `${failed}\n` } },
      ["restart-flintlockd"],
      [],
    ],
    [
      "whose controllers failed, and containerd still does not answer",
      { commands: { journalctl: JSON.stringify({ MESSAGE: failed }), "ctr --address": { status: 1 } } },
      [],
      ["CONTAINERD_NOT_ANSWERING"],
    ],
    ["whose process a signal has stopped", { files: { [`/proc/${pid}/stat`]: `${pid} (flintlockd) T 1 ${"1 ".repeat(17)}500 0` } }, ["restart-flintlockd"], []],
    [
      "that does not listen for HTTP",
      {
        files: { [config]: `${withoutApi}enable-http: true\nhttp-endpoint: 127.0.0.1:8090\n`, "/proc/net/tcp": "" },
        links: { [`/proc/${pid}/fd/7`]: "socket:[1]" },
      },
      ["restart-flintlockd"],
      [],
    ],
  ])("is one with disable-api %s", async (_, host, planned, refused) => {
    const seen = await look({ ...host, files: { [config]: withoutApi, ...host.files } });
    expect(seen.findings.get("flintlockd-stalled")?.status).toBe("problem");
    expect([steps(seen.planned), codes(seen.planned)]).toEqual([planned, refused]);
  });

  test("is none with disable-api, nor where it does not run", async () => {
    expect((await look({ files: { [config]: "bridge-name: b\ndisable-api: true\n" } })).findings.get("flintlockd-stalled")?.summary).toContain("disable-api");
    expect((await look({ commands: { "systemctl show": shown("flintlockd-stopped") } })).findings.get("flintlockd-stalled")?.status).toBe("healthy");
  });

  test("is none where its process did not stay", async () => {
    const young = shown("healthy", { "flintlockd.service": { ExecMainStartTimestampMonotonic: "998000000" } });
    const later = shown("healthy", { "flintlockd.service": { MainPID: "9" } }).split("\n\n")[0] ?? "";
    const links = { [`/proc/${pid}/fd/7`]: "socket:[1]" };
    const { findings } = await look({ commands: { "systemctl show": [young, later] }, links });
    expect(findings.get("flintlockd-stalled")).toMatchObject({ status: "healthy", summary: expect.stringContaining("ended while it was looked at") });
    expect((await look({ links: {} })).findings.get("flintlockd-stalled")?.status).toBe("healthy");
  });

  test("is unknown where the process cannot be looked into", async () => {
    expect((await look({ links: {}, unreadable: { [`/proc/${pid}/fd`]: "EACCES" } })).findings.get("flintlockd-stalled")?.status).toBe("unknown");
  });
});

import { describe, expect, test } from "@jest/globals";
import { parseUnits, type Unit } from "../../../src/facts/unit.ts";
import { valueOf } from "../../../src/host/inspector.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { problemText } from "../../../src/survey/config-file.ts";
import { realPath } from "../../../src/survey/paths.ts";
import { overrideOf, type Settings } from "../../../src/survey/settings.ts";
import { atOnce, compare } from "../../../src/survey/steadiness.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { devFiles, shown } from "../../support/services.ts";

const survey = (host: FakeHost, policy = {}): Survey =>
  new Survey(fakeHost({ commands: { "systemctl show": shown("healthy") }, ...host }), { ...defaultPolicy, ...policy }, []);
const healthy = (changes: Record<string, string> = {}): FakeHost => ({ files: { ...devFiles, ...changes } });
const config = "/etc/opt/flintlockd/config.yaml";

async function settingsOf(host: FakeHost): Promise<Settings> {
  const settings = await survey(host).settings();
  if (settings.kind !== "known") throw new Error(settings.why);
  return settings.value;
}

describe("settings in force", () => {
  test("come from the file, with their line", async () => {
    const settings = await settingsOf(healthy());
    expect(settings.of("bridge-name")).toEqual({ value: "br0", origin: "file", where: `${config}:9` });
    expect(settings.of("resync-period")).toEqual({ value: "10m0s", origin: "default", where: "" });
    expect(overrideOf(settings, "bridge-name")).toBeNull();
  });

  const dropIn = "/etc/systemd/system/flintlockd.service.d/a.conf";
  const overridden = (text: string, execStart: string, more: Record<string, string> = {}): FakeHost => ({
    files: { ...devFiles, [dropIn]: text },
    commands: {
      "systemctl show": shown("healthy", {
        "flintlockd.service": {
          DropInPaths: dropIn,
          ExecStart: `{ path=/usr/local/bin/flintlockd ; argv[]=${execStart} ; ignore_errors=no ; start_time=[n/a] ; status=0/0 }`,
          ...more,
        },
      }),
    },
  });

  test("are beaten by a flag in a drop-in, and it is said where", async () => {
    const settings = await settingsOf(
      overridden(
        '[Service]\nExecStart=\nExecStart=/usr/local/bin/flintlockd run \\\n --bridge-name "br 9" --insecure=false',
        "/usr/local/bin/flintlockd run --bridge-name br 9 --insecure=false",
      ),
    );
    expect(settings.of("bridge-name")).toEqual({ value: "br 9", origin: "flag", where: `${dropIn}:3` });
    expect(settings.of("insecure").value).toBe("false");
    expect(overrideOf(settings, "bridge-name")).toContain(`(${dropIn}:3) overrides ${config}`);
  });

  test("with a unit file that systemd has not read yet, are those that it runs with", async () => {
    const settings = await settingsOf(
      overridden("[Service]\nExecStart=\nExecStart=/usr/local/bin/flintlockd run --bridge-name new", "/usr/local/bin/flintlockd run --bridge-name old"),
    );
    expect(settings.of("bridge-name")).toEqual({ value: "old", origin: "flag", where: "flintlockd.service" });
  });

  test("from the environment only where the name has no hyphen; others are named", async () => {
    const text = "[Service]\nEnvironment=FLINTLOCKD_VERBOSITY=9 FLINTLOCKD_BRIDGE_NAME=br7\n";
    const settings = await settingsOf(overridden(text, "/usr/local/bin/flintlockd run", { Environment: "FLINTLOCKD_VERBOSITY=9 FLINTLOCKD_BRIDGE_NAME=br7" }));
    expect(settings.of("verbosity")).toEqual({ value: "9", origin: "environment", where: `${dropIn}:2` });
    expect(settings.of("bridge-name").origin).toBe("file");
    expect(settings.notRead).toEqual([{ name: "FLINTLOCKD_BRIDGE_NAME", where: `${dropIn}:2` }]);
    expect(overrideOf(settings, "verbosity")).toContain("FLINTLOCKD_VERBOSITY in the environment");
  });

  test("of an environment file beat those of the unit, and options may come from a variable", async () => {
    const host = overridden("[Service]\nEnvironmentFile=/etc/default/f", "/usr/local/bin/flintlockd run $OPTS", {
      EnvironmentFiles: "/etc/default/f (ignore_errors=no)",
      Environment: "OPTS=[unprintable]",
      ExecStart: "{ path=/usr/local/bin/flintlockd ; argv[]=/usr/local/bin/flintlockd run $OPTS ; ignore_errors=no ; }",
    });
    const settings = await settingsOf({ ...host, files: { ...host.files, "/etc/default/f": "OPTS='--parent-iface eth7'\n" } });
    expect(settings.of("parent-iface")).toMatchObject({ value: "eth7", origin: "flag" });
  });
});

describe("the config file", () => {
  test("that comes first in viper's order is the one", async () => {
    const settings = await settingsOf(healthy({ "/etc/opt/flintlockd/config.json": "bridge-name: from-json\n" }));
    expect(settings.config.path).toBe("/etc/opt/flintlockd/config.json");
    expect(settings.of("bridge-name").value).toBe("from-json");
  });

  test("may be that of the user", async () => {
    const { [config]: _, ...files } = devFiles;
    const settings = await settingsOf({ files: { ...files, "/root/.config/flintlockd/config.yml": "bridge-name: own\n" } });
    expect(settings.of("bridge-name")).toEqual({ value: "own", origin: "file", where: "/root/.config/flintlockd/config.yml:1" });
  });

  test("may be missing", async () => {
    const { [config]: _, ...files } = devFiles;
    const settings = await settingsOf({ files });
    expect(settings.config).toEqual({ path: config, realPath: config, file: null, problem: null });
    expect(settings.of("bridge-name").value).toBe("");
  });

  test("may be a link", async () => {
    const { [config]: text = "", ...files } = devFiles;
    const settings = await settingsOf({ files: { ...files, "/srv/real.yaml": text }, links: { [config]: "../../../srv/real.yaml" } });
    expect(settings.config).toMatchObject({ path: config, realPath: "/srv/real.yaml", problem: null });
    expect(settings.of("bridge-name").value).toBe("br0");
  });

  test.each<[string, FakeHost, object]>([
    ["leads nowhere", { links: { [config]: "/gone" } }, { code: "DANGLING_LINK", line: null }],
    ["has a tab", { files: { [config]: "a: 1\n\tb: 2\n" } }, { code: "UNPARSABLE", line: 2, column: 1 }],
    ["has a key twice", { files: { [config]: "a: 1\na: 2\n" } }, { code: "DUPLICATE_KEY", line: 2, column: 1 }],
    ["is a list", { files: { [config]: "- a\n" } }, { code: "NOT_A_MAPPING", line: 1, column: 1 }],
    ["is not UTF-8", { files: { [config]: "a: 1\nb: \uFFFD\n" } }, { code: "NOT_UTF8", line: 2, column: 4 }],
    ["cannot be read by root", { files: { [config]: "a: 1\n" }, unreadable: { [config]: "input/output error" } }, { code: "UNREADABLE" }],
  ])("that %s is a problem, and its settings are not in force", async (_, host, problem) => {
    const { [config]: __, ...files } = devFiles;
    const taken = await settingsOf({ ...host, files: { ...files, ...host.files } });
    expect(taken.config.problem).toMatchObject(problem);
    expect(problemText(taken.config)).toContain(config);
    expect(taken.of("bridge-name").origin).toBe("default");
  });

  test("that only root may read is unknown to another user, not a problem", async () => {
    const settings = await survey({
      ...healthy(),
      unreadable: { "/etc/opt/flintlockd": "cannot be read without root (EACCES)" },
      clock: { uid: 1000 },
    }).settings();
    expect(settings).toEqual({ kind: "unknown", why: "cannot be read without root (EACCES)" });
  });
});

test("a path is followed through links, and not round in circles", async () => {
  const host = fakeHost({ files: { "/a/real/file": "" }, links: { "/b": "a/link", "/a/link": "./real", "/x": "/y", "/y": "/x" } });
  expect(await realPath(host, "/b/file")).toMatchObject({ kind: "known", value: "/a/real/file" });
  expect(await realPath(host, "/b/../real/file")).toMatchObject({ kind: "known", value: "/a/real/file" });
  expect(await realPath(host, "/b/none")).toEqual({ kind: "absent", why: "/a/link leads to /a/real/none, which does not exist" });
  expect((await realPath(host, "/x")).kind).toBe("unknown");
});

describe("layout", () => {
  const { [config]: _config, ...withoutConfig } = devFiles;
  const socket = (path: string): string => `containerd-socket: ${path}\nbridge-name: br0\n`;
  const prodUnits = shown("healthy", {
    "flintlockd.service": { Requires: "containerd.service" },
    "containerd-dev.service": { LoadState: "not-found", ActiveState: "inactive" },
  });

  test.each<[string, FakeHost, object, object]>([
    ["dev", healthy(), {}, { profile: "dev", containerdUnit: "containerd-dev.service", socket: "/run/containerd-dev/containerd.sock" }],
    [
      "prod",
      { files: { ...devFiles, [config]: socket("unix:///var/run/containerd/containerd.sock") }, commands: { "systemctl show": prodUnits } },
      {},
      { profile: "prod", containerdUnit: "containerd.service", socket: "/run/containerd/containerd.sock" },
    ],
    ["prod by default", { files: { ...devFiles, [config]: "bridge-name: br0\n" }, commands: { "systemctl show": prodUnits } }, {}, { profile: "prod" }],
    ["signs that disagree", healthy({ [config]: socket("/run/containerd/containerd.sock") }), {}, { profile: "unknown", containerdUnit: "containerd.service" }],
    [
      "signs that disagree, and a word of the operator",
      healthy({ [config]: socket("/run/containerd/containerd.sock") }),
      { profile: "dev" },
      { profile: "dev", containerdUnit: "containerd-dev.service", reason: "--profile dev" },
    ],
    [
      "a file that does not parse tells nothing",
      healthy({ [config]: "a: 1\n\tb: 1\n" }),
      {},
      { profile: "dev", socket: "/run/containerd-dev/containerd.sock" },
    ],
    ["a file that is not there tells nothing", { ...healthy(), files: withoutConfig }, {}, { profile: "dev", socket: "/run/containerd-dev/containerd.sock" }],
    ["a socket of its own", healthy({ [config]: socket("/srv/c.sock") }), {}, { profile: "dev", socket: "/srv/c.sock" }],
  ])("%s", async (_, host, policy, expected) => {
    expect(valueOf(await survey(host, policy).layout())).toMatchObject(expected);
  });

  test("a machine that is no flintlock host is told so, with what was looked for", async () => {
    const none = shown("healthy", { "flintlockd.service": { LoadState: "not-found" }, "containerd-dev.service": { LoadState: "not-found" } });
    const layout = await survey({ commands: { "systemctl show": none } }).layout();
    expect(layout.kind).toBe("absent");
    expect(layout).toMatchObject({ why: expect.stringContaining("/etc/opt/flintlockd") });
  });

  test("without systemd it is unknown where there are traces, and no host where there are none", async () => {
    const commands = { "systemctl show": { status: 1, stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\n" } };
    expect(await survey({ ...healthy(), commands }).layout()).toMatchObject({ kind: "unknown", why: expect.stringContaining("systemd does not run here") });
    expect((await survey({ commands }).layout()).kind).toBe("absent");
    expect((await survey({ commands: {} }).layout()).kind).toBe("absent");
  });
});

describe("serving", () => {
  const fds = (pid: number, inodes: string[]): Record<string, string> =>
    Object.fromEntries(inodes.map((inode, fd) => [`/proc/${pid}/fd/${fd}`, `socket:[${inode}]`]));
  const pid = parseUnits(shown("healthy"))[0]?.mainPid ?? 0;

  test("is seen by the sockets of its own process", async () => {
    const seen = await survey({ ...healthy(), links: fds(pid, ["7", "1338", "853"]) }).serving();
    expect(valueOf(seen)).toEqual({
      expected: ["127.0.0.1:9090", "127.0.0.1:8090"],
      listening: ["127.0.0.1:9090", "127.0.0.1:8090"],
      sockets: ["127.0.0.1:8090", "127.0.0.1:9090"],
      failed: null,
    });
  });

  test("is seen in the network namespace of its process, where that has one of its own", async () => {
    const files = { ...healthy().files, "/proc/net/tcp": "", [`/proc/${pid}/net/tcp`]: devFiles["/proc/net/tcp"] ?? "" };
    const seen = await survey({ ...healthy(), files, links: fds(pid, ["1338", "853"]) }).serving();
    expect(valueOf(seen)?.listening).toHaveLength(2);
    const theirs = { ...healthy().files, [`/proc/${pid}/net/tcp`]: "" };
    expect(valueOf(await survey({ ...healthy(), files: theirs, links: fds(pid, ["1338", "853"]) }).serving())?.listening).toEqual([]);
  });

  test("is not what somebody else's socket proves", async () => {
    expect(valueOf(await survey({ ...healthy(), links: fds(pid, ["7"]) }).serving())?.listening).toEqual([]);
  });

  test("cannot be told where the process cannot be looked into", async () => {
    expect((await survey({ ...healthy(), unreadable: { [`/proc/${pid}/fd`]: "EACCES" } }).serving()).kind).toBe("unknown");
  });

  // internal/command/run/run.go, runServer
  test.each<[string, string, string[]]>([
    ["gRPC alone", "", ["127.0.0.1:9090"]],
    ["gRPC and HTTP", "enable-http: true\n", ["127.0.0.1:9090", "localhost:8090"]],
    ["nowhere", "disable-api: true\n", []],
    ["HTTP alone, which needs no API to listen", "disable-api: true\nenable-http: true\nhttp-endpoint: 127.0.0.1:8090\n", ["127.0.0.1:8090"]],
  ])("is expected: %s", async (_, lines, expected) => {
    const host = healthy({ [config]: `bridge-name: b\ngrpc-endpoint: 127.0.0.1:9090\n${lines}` });
    const seen = await survey({ ...host, links: fds(pid, ["7"]) }).serving();
    expect(valueOf(seen)).toMatchObject({ expected, failed: null });
  });
});

describe("what a restart would end", () => {
  const procs = {
    "/sys/fs/cgroup/system.slice/flintlockd.service/cgroup.procs": "1\n20\n21\n",
    "/proc/20/cmdline": "/usr/bin/firecracker\0--id\0U\0",
    "/proc/21/cmdline": "cat\0",
  };
  const mixed = shown("healthy", { "flintlockd.service": { KillMode: "mixed" } });

  test("nothing with KillMode=process", async () => {
    expect(valueOf(await survey({ files: { ...devFiles, ...procs } }).restart())).toMatchObject({
      flintlockdEndsMicrovms: null,
      flintlockdDoublesMicrovms: null,
      containerdDoublesMicrovms: null,
      containerdEndsMicrovms: null,
      endpoints: ["127.0.0.1:9090", "127.0.0.1:8090"],
      flintlockdActive: true,
      socket: "/run/containerd-dev/containerd.sock",
    });
  });

  test("the hypervisors of its control group with another", async () => {
    const facts = valueOf(await survey({ files: { ...devFiles, ...procs }, commands: { "systemctl show": mixed } }).restart());
    expect(facts?.flintlockdEndsMicrovms).toContain("KillMode=mixed of flintlockd.service ends every process in its control group, one MicroVM among them");
    expect(facts?.containerdEndsMicrovms).toContain("KillMode=mixed of flintlockd.service");
  });

  test("perhaps some, where the control group cannot be looked into", async () => {
    expect(valueOf(await survey({ ...healthy(), commands: { "systemctl show": mixed } }).restart())?.flintlockdEndsMicrovms).toContain("could not be told");
  });

  test("of a masked unit, whose KillMode systemd has forgotten, too", async () => {
    const facts = valueOf(await survey({ files: { ...devFiles, ...procs }, commands: { "systemctl show": shown("flintlockd-masked-running") } }).restart());
    expect(facts?.flintlockdEndsMicrovms).toContain("KillMode=control-group");
  });
});

describe("whether a unit keeps running", () => {
  const unit = (changes: Record<string, string>): Unit => {
    const [first] = parseUnits(shown("healthy", { "flintlockd.service": { ...changes } }));
    if (!first) throw new Error("no unit");
    return first;
  };
  const start = { ExecMainStartTimestampMonotonic: "100000000" };
  const looping = { ActiveState: "activating", SubState: "auto-restart", MainPID: "0" };

  test.each<[string, Record<string, string>, string | null]>([
    ["up since long", start, "steady"],
    ["restarted long ago", { ...start, NRestarts: "28" }, "steady"],
    ["restarted a moment ago", { ExecMainStartTimestampMonotonic: "195000000", NRestarts: "3" }, null],
    ["waiting for its next start", looping, null],
    ["stopped", { ActiveState: "inactive" }, "down"],
    ["given up on", { ActiveState: "failed", Result: "start-limit-hit" }, "gave-up"],
    ["failed for another reason", { ActiveState: "failed", Result: "exit-code", NRestarts: "0" }, "down"],
  ])("%s", (_, changes, expected) => {
    expect(atOnce(unit(changes), 200e6)).toBe(expected);
  });

  test.each<[string, Record<string, string>, Record<string, string>, string | null]>([
    ["waits, and waits again", { ...looping, NRestarts: "5" }, { ...looping, NRestarts: "6" }, "crash-loop"],
    ["waits with a long RestartSec", { ...looping, NRestarts: "5" }, { ...looping, NRestarts: "5" }, "crash-loop"],
    ["came up in between", { ...looping, NRestarts: "0" }, { NRestarts: "1" }, null],
    ["came up, and fell again", { NRestarts: "5", MainPID: "1" }, { ...looping, NRestarts: "5" }, "crash-loop"],
    ["two starts, two processes", { NRestarts: "5", MainPID: "1" }, { NRestarts: "6", MainPID: "2" }, "crash-loop"],
    ["the same process", { NRestarts: "5", MainPID: "1" }, { NRestarts: "5", MainPID: "1" }, "steady"],
    ["restarted by hand in between", { NRestarts: "5", MainPID: "1" }, { NRestarts: "0", MainPID: "2" }, null],
    ["stopped in between", looping, { ActiveState: "inactive", MainPID: "0" }, "down"],
    ["given up on in between", looping, { ActiveState: "failed", Result: "start-limit-hit", MainPID: "0" }, "gave-up"],
  ])("%s", (_, before, after, expected) => {
    expect(compare(unit(before), unit(after))).toBe(expected);
  });
});

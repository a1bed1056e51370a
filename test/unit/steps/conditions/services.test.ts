import { describe, expect, test } from "@jest/globals";
import { serviceCondition } from "../../../../src/steps/conditions/services.ts";
import { fakeHost, type FakeHost } from "../../../support/fake-host.ts";
import { devFiles, pluginList, shown } from "../../../support/services.ts";

const block = (recording: string, changes: Record<string, string> = {}): string => shown(recording, { "flintlockd.service": changes }).split("\n\n")[0] ?? "";
const unit = "flintlockd.service";

test.each<[string, string, boolean, boolean]>([
  ["healthy", block("healthy"), true, false],
  ["stopped", block("flintlockd-stopped"), false, true],
  ["in a crash loop", block("crash-loop-neither"), false, false],
  ["stopped, with a job that waits", block("flintlockd-stopped", { Job: "12" }), false, false],
])("%s: active, inactive", async (_, show, active, inactive) => {
  const host = fakeHost({ commands: { "systemctl show": show } });
  expect(await serviceCondition({ is: "unit-active", unit }, host)).toMatchObject({ kind: "known", value: active });
  expect(await serviceCondition({ is: "unit-inactive", unit }, host)).toMatchObject({ kind: "known", value: inactive });
});

test("a unit that does not exist is inactive", async () => {
  const host = fakeHost({ commands: { "systemctl show": block("flintlockd-not-found") } });
  expect(await serviceCondition({ is: "unit-inactive", unit }, host)).toMatchObject({ value: true });
  expect((await serviceCondition({ is: "unit-active", unit }, host)).kind).toBe("absent");
});

describe("serving", () => {
  const serving = (host: FakeHost, endpoints = ["127.0.0.1:9090"]): ReturnType<typeof serviceCondition> =>
    serviceCondition({ is: "serving", unit, endpoints, steadyMs: 3000 }, fakeHost({ files: devFiles, ...host, commands: { sleep: "", ...host.commands } }));
  const up = block("healthy", { MainPID: "50" });
  const links = { "/proc/50/fd/3": "socket:[1338]", "/proc/51/fd/3": "socket:[1338]" };

  test("holds for a process that listens and is the same a while later", async () => {
    expect(await serving({ commands: { "systemctl show": up }, links })).toMatchObject({ value: true });
  });

  test.each<[string, FakeHost, string[]]>([
    ["another process a while later", { commands: { "systemctl show": [up, block("healthy", { MainPID: "51" })] }, links }, ["127.0.0.1:9090"]],
    ["a process that is gone a while later", { commands: { "systemctl show": [up, block("crash-loop-neither")] }, links }, ["127.0.0.1:9090"]],
    ["a socket of somebody else", { commands: { "systemctl show": up }, links: { "/proc/50/fd/3": "socket:[1]" } }, ["127.0.0.1:9090"]],
    ["one endpoint of two", { commands: { "systemctl show": up }, links }, ["127.0.0.1:9090", "127.0.0.1:8090"]],
    ["a process that ended between two looks", { commands: { "systemctl show": up } }, ["127.0.0.1:9090"]],
    ["a unit that does not run", { commands: { "systemctl show": block("flintlockd-stopped") } }, ["127.0.0.1:9090"]],
  ])("does not hold for %s", async (_, host, endpoints) => {
    expect(await serving(host, endpoints)).toMatchObject({ kind: "known", value: false });
  });

  test("without an API needs only the process", async () => {
    expect(await serving({ commands: { "systemctl show": up } }, [])).toMatchObject({ value: true });
  });

  test("cannot be told without a look into the process", async () => {
    expect((await serving({ commands: { "systemctl show": up }, unreadable: { "/proc/50/fd": "EACCES" } })).kind).toBe("unknown");
  });
});

test.each([
  ["ok", pluginList, true],
  ["error", pluginList.replace("ok   ", "error"), false],
  ["no such plugin", pluginList.replace("devmapper", "overlayfs"), false],
])("the snapshotter is %s", async (_, list, value) => {
  const socket = "/run/containerd-dev/containerd.sock";
  const host = fakeHost({ files: devFiles, commands: { "ctr --address": list } });
  expect(await serviceCondition({ is: "plugin-ok", ctr: "ctr", socket }, host)).toMatchObject({ kind: "known", value });
  expect(await serviceCondition({ is: "plugin-ok", ctr: "ctr", socket: "/none" }, host)).toMatchObject({ kind: "unknown" });
});

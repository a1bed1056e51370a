import { describe, expect, test } from "@jest/globals";
import type { MacvtapSupport } from "../../../src/facts/kernel-modules.ts";
import { absent, known, unknown, type Answer } from "../../../src/host/inspector.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { hostAbility } from "../../../src/spec/host-ability.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { devFiles, shown } from "../../support/services.ts";

const survey = (host: FakeHost, policy = defaultPolicy): Survey => new Survey(fakeHost(host), policy, []);

const dev = (config: string): FakeHost => ({
  files: { ...devFiles, "/etc/opt/flintlockd/config.yaml": config },
  commands: { "systemctl show": shown("healthy") },
});

describe("what a host can give", () => {
  test("where there is no flintlock", async () => {
    const ability = await hostAbility(survey({}, { ...defaultPolicy, bridgeName: "br0" }));
    expect(ability).toMatchObject({ host: { kind: "absent" }, bridgeName: { kind: "absent" }, policy: { bridgeName: "br0", parentIface: null } });
    expect(ability.host).toHaveProperty("why", expect.stringContaining("no flintlock host"));
  });

  test("comes from its settings, each with its place", async () => {
    const ability = await hostAbility(
      survey(
        dev("---\ncontainerd-socket: /run/containerd-dev/containerd.sock\nbridge-name: br0\ncloudhypervisor-bin: ''\ndefault-provider: cloudhypervisor\n"),
      ),
      "the captured host",
    );
    expect(ability).toMatchObject({
      name: "the captured host",
      host: { kind: "known" },
      bridgeName: { value: { value: "br0", where: "/etc/opt/flintlockd/config.yaml:3" } },
      parentIface: { kind: "absent" },
      defaultProvider: { value: { value: "cloudhypervisor" } },
    });
  });

  test("is unknown where the settings are", async () => {
    const asked = survey(dev(""));
    Object.assign(asked, { settings: () => Promise.resolve(unknown("no permission")) });
    expect(await hostAbility(asked)).toMatchObject({ host: { kind: "unknown" }, bridgeName: { kind: "unknown", why: "no permission" } });
  });

  test.each<[MacvtapSupport, unknown]>([
    [{ is: "present" }, { possible: true }],
    [{ is: "loadable" }, { possible: true }],
    [
      { is: "denied", lines: [{ where: "/etc/modprobe.d/a.conf:1", text: "blacklist macvtap" }] },
      { possible: false, apply: true, why: expect.stringContaining("/etc/modprobe.d/a.conf:1: blacklist macvtap") },
    ],
    [
      { is: "blocked", lines: [{ where: "/etc/modprobe.d/a.conf:1", text: "install macvtap /bin/false" }] },
      { possible: false, apply: false, why: expect.stringContaining("blocked") },
    ],
    [
      { is: "missing", words: "", folderExists: true, otherKernels: [] },
      { possible: false, apply: false, why: expect.stringContaining("no macvtap module") },
    ],
    [
      { is: "not-permitted", code: "CONTAINER", why: "this is a container", where: "/.dockerenv", wayOut: "" },
      { possible: false, apply: false, why: "this is a container" },
    ],
  ])("macvtap: %j", async (support, expected) => {
    const asked = survey(dev("bridge-name: br0\n"));
    const modules: Answer<unknown> = known({ support });
    Object.assign(asked, { kernelModules: () => Promise.resolve(modules), links: () => Promise.resolve(absent("none")) });
    expect((await hostAbility(asked)).macvtap).toMatchObject({ value: expected });
  });
});

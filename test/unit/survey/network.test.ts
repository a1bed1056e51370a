import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { CapturedHost, parseCapture, type Capture } from "../../../src/host/capture.ts";
import { unitProperties } from "../../../src/facts/unit.ts";
import { absent, known, unknown, valueOf, type Answer, type Question } from "../../../src/host/inspector.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { networkCondition } from "../../../src/steps/conditions/network.ts";
import { maskSecrets } from "../../../src/secrets.ts";
import { Survey } from "../../../src/survey/survey.ts";

const captureOf = (name: string): Capture => parseCapture(readFileSync(new URL(`../../fixtures/network/${name}.json`, import.meta.url), "utf8"), name);
const hostOf = (name: string): CapturedHost => new CapturedHost(captureOf(name));
const surveyOf = (name: string): Survey => new Survey(hostOf(name), defaultPolicy, []);

describe("kernel modules of recorded hosts", () => {
  test.each([
    ["mod-clean", { is: "loadable" }],
    ["mod-wrapper", { is: "loadable" }],
    ["mod-loaded", { is: "present" }],
    ["mod-blacklist", { is: "denied", lines: [{ where: "/etc/modprobe.d/x.conf:1", text: "blacklist macvtap" }] }],
    ["mod-alias-off", { is: "denied", lines: [{ where: "/etc/modprobe.d/x.conf:1", text: "alias rtnl-link-macvtap off" }] }],
    ["mod-no-helper", { is: "denied", lines: [{ where: "/proc/sys/kernel/modprobe" }] }],
    ["mod-install-false", { is: "blocked", lines: [{ where: "/etc/modprobe.d/x.conf:1", text: "install macvtap /bin/false" }] }],
    ["mod-install-macvlan", { is: "blocked", lines: [{ text: "install macvlan /bin/true" }] }],
    ["mod-alias-module-off", { is: "blocked", lines: [{ text: "alias macvtap off" }] }],
    ["mod-ko-gone", { is: "missing", folderExists: true, words: "/lib/modules/6.1.176/kernel/drivers/net/macvtap.ko does not exist" }],
    ["mod-ko-gone-depmod", { is: "missing", folderExists: true, words: "modprobe: FATAL: Module macvtap not found in directory /lib/modules/6.1.176" }],
    ["mod-dir-gone", { is: "missing", folderExists: false }],
  ])("%s", async (name, support) => {
    const modules = valueOf(await surveyOf(name).kernelModules());
    expect(modules?.support).toMatchObject(support);
    expect(modules).toMatchObject({ kernel: "6.1.176", kept: false, ownFile: null });
  });

  const changed = (name: string, changes: Capture["answers"]): Survey => {
    const capture = captureOf(name);
    return new Survey(new CapturedHost({ ...capture, answers: [...capture.answers, ...changes] }), defaultPolicy, []);
  };
  const modprobe = (module: string, answer: Answer<unknown>): Capture["answers"][number] => ({
    ask: { ask: "command", argv: ["modprobe", "-n", "-v", module] },
    answer,
  });
  const without = ["macvtap", "rtnl-link-macvtap"].map((module) => modprobe(module, absent("modprobe is not installed")));
  const there = {
    kind: "known" as const,
    at: "",
    value: { type: "directory", mode: 0, uid: 0, gid: 0, size: 0, allocated: 0, mtimeMs: 0, device: "0:1", inode: 1 },
  };

  test("what macvtap depends on is kept out, and is loaded already", async () =>
    expect(
      valueOf(await changed("mod-install-macvlan", [{ ask: { ask: "status", path: "/sys/module/macvlan" }, answer: there }]).kernelModules())?.support,
    ).toEqual({
      is: "loadable",
    }));

  test("without modprobe nothing can be told of the modules' files", async () =>
    expect(await changed("mod-clean", without).kernelModules()).toEqual(unknown("modprobe could not be asked about macvtap: modprobe is not installed")));

  test("and in a container nothing has to be", async () =>
    expect(
      valueOf(await changed("mod-clean", [...without, { ask: { ask: "status", path: "/.dockerenv" }, answer: there }]).kernelModules())?.support,
    ).toMatchObject({ is: "not-permitted", code: "CONTAINER" }));

  test("the package of the running kernel is named", async () =>
    expect(valueOf(await surveyOf("mod-dir-gone").kernelModules())?.package?.name).toBe("linux-image-6.1.176"));

  test.each([
    ["mod-loaded", true],
    ["mod-clean", false],
  ])("as a condition of a step: %s", async (name, holds) =>
    expect(await networkCondition({ is: "module-present", module: "macvtap" }, hostOf(name))).toMatchObject({ kind: "known", value: holds }),
  );
});

describe("links of a recorded host", () => {
  test("kinds, ports and default routes", async () => {
    const links = valueOf(await surveyOf("links").links());
    expect(Object.fromEntries(links?.links.map(({ name, kind, master }) => [name, master === null ? kind : `${kind} of ${master}`]) ?? [])).toEqual({
      bond0: "bond",
      br0: "bridge",
      d0: "dummy",
      docker0: "bridge",
      lo: "loopback",
      mv0: "macvlan",
      t0: "tap",
      u0: "tun",
      v0: "veth",
      v1: "veth",
      vec0: "nic",
      "vec0.5": "vlan",
      vec1: "nic of br0",
      vx0: "other",
      fltap0123456: "tap of br0",
      fltap6543210: "tap",
      flvtap0abcdef: "macvtap",
    });
    expect(links?.links.filter(({ physical }) => physical).map(({ name }) => name)).toEqual(["vec0", "vec1"]);
    expect(links?.links.filter(({ up }) => up === true).map(({ name }) => name)).toEqual(["br0", "lo", "vec0", "vec0.5"]);
    expect(links?.defaultRoutes).toEqual([
      { link: "vec0", family: "ipv4", metric: 50 },
      { link: "vec0", family: "ipv6", metric: 77 },
    ]);
  });

  test("a tap that its bridge names is not asked about", () => {
    const asked = parseCapture(readFileSync(new URL("../../fixtures/network/links.json", import.meta.url), "utf8"), "links").answers.filter(
      ({ ask }) => "path" in ask && ask.path.includes("/fltap"),
    );
    expect(asked.map(({ ask }) => ask)).toEqual([{ ask: "link", path: "/sys/class/net/fltap6543210/master" }]);
  });

  test.each(["/sys/class/net/br0", "/sys/class/net/fltap6543210/master"])("without an answer to %s nothing is told", async (path) => {
    const capture = captureOf("links");
    const answers = capture.answers.filter(({ ask }) => !("path" in ask && ask.path === path));
    const found = await new Survey(new CapturedHost({ ...capture, answers }), defaultPolicy, []).links();
    expect(found).toEqual(unknown(`${path}: the capture holds no answer to this`));
  });

  test("what has gone since the folder was listed is no link", async () => {
    const capture = captureOf("links");
    const gone = { ask: { ask: "directory" as const, path: "/sys/class/net/docker0" }, answer: absent("it does not exist") };
    const found = await new Survey(new CapturedHost({ ...capture, answers: [...capture.answers, gone] }), defaultPolicy, []).links();
    expect(valueOf(found)?.links.map(({ name }) => name)).not.toContain("docker0");
  });

  test("a host that cannot be looked at is unknown", async () => expect((await surveyOf("definitions").links()).kind).toBe("unknown"));
});

test("what the network configuration of a recorded host defines", async () => {
  expect(valueOf(await surveyOf("definitions").networkDefinitions())?.map(({ device, by, where }) => `${device} ${by} ${where}`)).toEqual([
    "br8 netplan /etc/netplan/50.yaml:4",
    "br9 systemd-networkd /etc/systemd/network/10-br9.netdev:2",
    "br10 NetworkManager /etc/NetworkManager/system-connections/lab.nmconnection:4",
    "br11 ifupdown /etc/network/interfaces.d/br11:2",
  ]);
});

test("what keeps those who would act on it", async () => {
  const capture = captureOf("definitions");
  const show = (unit: string): Question => ({
    ask: "command",
    argv: ["systemctl", "show", "--no-pager", `--property=${unitProperties.join(",")}`, "--", unit],
  });
  const shown = (text: string): Answer<unknown> => known({ status: 0, signal: null, stdout: text, stderr: "", truncated: false });
  const nowhere = ["netplan", "ifup"].flatMap((program) =>
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"].map((folder) => ({
      ask: { ask: "status" as const, path: `${folder}/${program}` },
      answer: absent(""),
    })),
  );
  const hindrances = async (answers: Capture["answers"]): Promise<unknown> =>
    valueOf(await new Survey(new CapturedHost({ ...capture, answers: [...capture.answers, ...answers] }), defaultPolicy, []).networkDefinitions())?.map(
      ({ hindrance }) => hindrance,
    );
  expect(await hindrances([])).toEqual([null, null, null, null]);
  expect(
    await hindrances([
      ...nowhere,
      { ask: show("systemd-networkd.service"), answer: shown("Id=systemd-networkd.service\nLoadState=loaded\nActiveState=inactive\n") },
      { ask: show("NetworkManager.service"), answer: shown("Id=NetworkManager.service\nLoadState=not-found\nActiveState=inactive\n") },
    ]),
  ).toEqual([
    "netplan is not installed",
    "systemd-networkd.service does not run: systemctl start systemd-networkd.service",
    "there is no NetworkManager.service",
    "ifup is not installed",
  ]);
  expect(
    await hindrances([{ ask: show("systemd-networkd.service"), answer: shown("Id=systemd-networkd.service\nLoadState=masked\nActiveState=inactive\n") }]),
  ).toContain("systemd-networkd.service does not run: systemctl unmask systemd-networkd.service && systemctl start systemd-networkd.service");
});

test.each([
  [{ link: "fltap6543210", master: "br0" }, false],
  [{ link: "vec1", master: "br0" }, true],
  [{ link: "vec1", master: "br1" }, false],
])("link-master: %j is %s", async (asked, holds) => {
  const answers = [
    { ask: { ask: "link" as const, path: "/sys/class/net/vec1/master" }, answer: { kind: "known" as const, value: "../br0", at: "" } },
    { ask: { ask: "link" as const, path: "/sys/class/net/fltap6543210/master" }, answer: { kind: "absent" as const, why: "" } },
  ];
  const host = new CapturedHost({ schema: "flintlock-fix/capture/v1", madeBy: "", at: "", notes: [], answers });
  expect(await networkCondition({ is: "link-master", ...asked }, host)).toMatchObject({ kind: "known", value: holds });
});

test("secrets of network configurations are masked", () => {
  const text = "[wifi-security]\nkey-mgmt=wpa-psk\npsk=hunter22\n  wpa-psk two words\nPresharedKey=zz9\nbridge_ports none\n";
  expect(maskSecrets(text)).toBe("[wifi-security]\nkey-mgmt=wpa-psk\npsk=********\n  wpa-psk ********\nPresharedKey=********\nbridge_ports none\n");
});

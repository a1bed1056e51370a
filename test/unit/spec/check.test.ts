import { describe, expect, test } from "@jest/globals";
import { absent, unknown } from "../../../src/host/inspector.ts";
import type { HostAbility } from "../../../src/spec/host-ability.ts";
import { bare, check, cloudHypervisorHost, elsewhere, fixture, flintlockHost, link, run } from "../../support/spec.ts";

const eth1 = (fields: Record<string, unknown>): string => bare([{ device_id: "eth1", ...fields }]);

const capmvm = (interfaces: string, rest = ""): string => `apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1
kind: MicrovmMachine
metadata:
  name: m
spec:
${rest}  networkInterfaces:
${interfaces}`;

describe("what a host can serve", () => {
  test.each<[string, string, HostAbility, string, string | RegExp]>([
    ["a tap by bridge-name", eth1({ type: 1 }), flintlockHost(), "served", "bridge-name br0 (/etc/opt/flintlockd/config.yaml:2)"],
    ["a tap by its own bridge", eth1({ type: 1, overrides: { bridge_name: "br0" } }), flintlockHost({ bridge: null }), "served", "bridge br0 of the spec"],
    ["an empty override counts as none", eth1({ type: 1, overrides: { bridge_name: "" } }), flintlockHost(), "served", /bridge-name br0/],
    ["a tap for metadata alone", eth1({ type: 1, allow_metadata_requests: true }), flintlockHost({ bridge: null }), "served", /needs no bridge/],
    ["a macvtap on Cloud Hypervisor", eth1({}), cloudHypervisorHost(), "served", "parent-iface ens1 (/etc/opt/flintlockd/config.yaml:3)"],
    ["a macvtap, the spec's own provider", bare([{ device_id: "eth1" }], { provider: "cloudhypervisor" }), flintlockHost(), "served", /parent-iface/],
    [
      "a tap by the policy's bridge",
      eth1({ type: 1 }),
      flintlockHost({ bridge: null, policy: { bridgeName: "br1", parentIface: null } }),
      "policy",
      /br1 of the policy, once fix --apply/,
    ],
    [
      "a macvtap by the policy's parent",
      eth1({}),
      cloudHypervisorHost({ parent: null, policy: { bridgeName: null, parentIface: "ens2" } }),
      "policy",
      /ens2 of the policy/,
    ],
    [
      "a tap, off a flintlock host, by the policy",
      eth1({ type: 1 }),
      { ...elsewhere, policy: { bridgeName: "br1", parentIface: null } },
      "policy",
      "bridge-name br1 of the policy",
    ],
    ["a tap, off a flintlock host", eth1({ type: 1 }), elsewhere, "unknown", /not compared/],
    [
      "CAPMVM's override is read by nobody",
      capmvm("  - {guestDeviceName: eth1, type: tap, overrides: {bridgeName: br9}}\n"),
      flintlockHost(),
      "served",
      /bridge-name br0/,
    ],
    ["links that cannot be told", eth1({ type: 1 }), { ...flintlockHost(), links: unknown("no permission") }, "unknown", "no permission"],
  ])("%s", (_, text, ability, service, why) => {
    const report = check(text.startsWith("{") ? "a.json" : "a.yaml", text, ability);
    const [served] = report.microvms.flatMap(({ interfaces }) => interfaces);
    expect(served?.service).toBe(service);
    expect(served?.why).toMatch(why instanceof RegExp ? why : new RegExp(`^${why.replaceAll(/[().]/g, "\\$&")}$`));
    expect(report.findings.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("findings", () => {
  const only = (text: string, ability: HostAbility, name = "a.json"): { rule: string; level: string; at: string; text: string; fixable: boolean }[] =>
    check(name, text, ability).findings.map(({ rule, level, line, column, endColumn, message, fixable }) => ({
      rule,
      level,
      at: text.split("\n")[line - 1]?.slice(column - 1, endColumn - 1) ?? "",
      text: message,
      fixable,
    }));

  test.each<[string, string, string, HostAbility, boolean]>([
    ["macvtap-on-firecracker", eth1({ type: 0 }), "0", flintlockHost(), true],
    ["macvtap-on-firecracker", eth1({ type: "MACVTAP" }), '"MACVTAP"', elsewhere, true],
    ["macvtap-on-firecracker", eth1({}), '"eth1"', elsewhere, true],
    ["tap-without-bridge", eth1({ type: 1 }), "1", flintlockHost({ bridge: null, links: [] }), false],
    ["tap-without-bridge", eth1({ type: 1 }), "1", flintlockHost({ bridge: null }), true],
    ["macvtap-without-parent", eth1({ type: 0 }), "0", cloudHypervisorHost({ parent: null }), true],
    ["macvtap-unavailable", eth1({ type: 0 }), "0", cloudHypervisorHost({ macvtap: { possible: false, why: "blocked", apply: false } }), true],
    ["bridge-not-found", eth1({ type: 1, overrides: { bridge_name: "br9" } }), '"br9"', flintlockHost(), false],
    ["bridge-not-found", eth1({ type: 1 }), "1", flintlockHost({ bridge: "br9" }), false],
    ["not-a-bridge", eth1({ type: 1, overrides: { bridge_name: "ens1" } }), '"ens1"', flintlockHost(), false],
    ["parent-not-found", eth1({ type: 0 }), "0", cloudHypervisorHost({ parent: "ens9" }), true],
    ["parent-unfit", eth1({ type: 0 }), "0", cloudHypervisorHost({ links: [link("br0", "bridge"), link("ens1", "nic", "br0")] }), true],
    ["bridge-on-macvtap", eth1({ type: 0, overrides: { bridge_name: "br0" } }), '"br0"', cloudHypervisorHost(), false],
    ["invalid-bridge-name", eth1({ type: 1, overrides: { bridge_name: "a name that is too long" } }), '"a name that is too long"', flintlockHost(), false],
    ["overrides-without-bridge", eth1({ type: 1, overrides: {} }), '"overrides"', flintlockHost(), false],
    ["unknown-type", eth1({ type: 7 }), "7", flintlockHost(), true],
    ["unknown-type", eth1({ type: "tap" }), '"tap"', flintlockHost(), true],
    ["unknown-type", eth1({ type: "1" }), '"1"', elsewhere, true],
    ["unknown-provider", bare([{ device_id: "eth1", type: 1 }], { provider: "qemu" }), '"qemu"', flintlockHost(), false],
    [
      "provider-off",
      bare([{ device_id: "eth1", type: 1 }], { provider: "cloudhypervisor" }),
      '"cloudhypervisor"',
      flintlockHost({ providersOff: ["cloudhypervisor"] }),
      false,
    ],
    ["invalid-device", bare([{ device_id: "ETH-1", type: 1 }]), '"ETH-1"', flintlockHost(), false],
    ["missing-device", bare([{ device_id: "", type: 1 }]), '""', flintlockHost(), false],
    [
      "duplicate-device",
      bare([
        { device_id: "eth1", type: 1 },
        { device_id: "eth1", type: 1 },
      ]),
      '"eth1"',
      flintlockHost(),
      false,
    ],
    ["eth0-redefined", bare([{ device_id: "eth0", type: 1 }]), '"eth0"', flintlockHost(), false],
    ["invalid-mac", eth1({ type: 1, guest_mac: "02:00" }), '"02:00"', flintlockHost(), false],
    ["invalid-address", eth1({ type: 1, address: { address: "192.0.2.1" } }), '"192.0.2.1"', flintlockHost(), false],
    ["invalid-address", eth1({ type: 1, address: { address: "192.0.2.1/24", gateway: "192.0.2.254" } }), '"192.0.2.254"', flintlockHost(), false],
    ["invalid-address", eth1({ type: 1, address: { address: "192.0.2.1/24", nameservers: ["dns"] } }), '"dns"', flintlockHost(), false],
    ["no-interfaces", bare([]), "{", flintlockHost(), false],
    ["no-interfaces", '{"id":"x","namespace":"n","interfaces":[]}', "{", flintlockHost(), false],
    ["no-interfaces", '{"id":"x","namespace":"n","interfaces":{"device_id":"eth1","type":1}}', "{", flintlockHost(), false],
    ["duplicate-key", bare([{ device_id: "eth1", type: 1, deviceId: "eth2" }]), '"deviceId"', flintlockHost(), false],
  ])("%s: %.0s%.0s", (rule, text, at, ability, fixable) => {
    expect(only(text, ability)).toEqual([expect.objectContaining({ rule, at, fixable })]);
  });

  test.each<[string, string, string]>([
    ["unknown-type", capmvm("  - guestDeviceName: eth1\n    type: TAP\n"), "TAP"],
    ["unknown-type", capmvm("  - guestDeviceName: eth1\n"), "eth1"],
    ["unknown-type", capmvm("  - guestDeviceName: eth1\n    type: 1\n"), "1"],
    ["overrides-pruned", capmvm("  - guestDeviceName: eth1\n    type: tap\n    overrides: {bridgeName: br0}\n"), "overrides"],
    ["invalid-address", capmvm("  - guestDeviceName: eth1\n    type: tap\n    address: 192.0.2.1\n"), "192.0.2.1"],
    ["invalid-mac", capmvm("  - guestDeviceName: eth1\n    type: tap\n    guestMac: '01:00:00:00:00:01'\n"), "'01:00:00:00:00:01'"],
    ["macvtap-on-firecracker", capmvm("  - guestDeviceName: eth1\n    type: macvtap\n"), "macvtap"],
    ["duplicate-key", capmvm("  - guestDeviceName: eth1\n    type: tap\n    type: tap\n"), "type"],
    ["template-value", capmvm("  - guestDeviceName: eth1\n    type: ${TYPE}\n"), "${TYPE}"],
    ["template-value", capmvm("  - guestDeviceName: eth1\n    type: tap\n", "  provider: ${PROVIDER}\n"), "${PROVIDER}"],
    ["template-value", capmvm("  {{- toYaml .Values.nics | nindent 2 }}\n"), "{{- toYaml .Values.nics | nindent 2 }}"],
  ])("%s in a Kubernetes object", (rule, text, at) => {
    expect(only(text, flintlockHost(), "a.yaml")).toEqual([expect.objectContaining({ rule, at })]);
  });

  test("a template that decides between two types leaves it untold", () => {
    const report = check("chart.yaml", fixture("chart.yaml"), flintlockHost());
    expect(report.microvms.flatMap(({ interfaces }) => interfaces.map(({ type }) => type))).toEqual(["templated", "templated", "macvtap"]);
    expect(report.findings.map(({ rule, line }) => [rule, line])).toEqual([
      ["template-value", 14],
      ["template-value", 17],
      ["macvtap-on-firecracker", 19],
    ]);
  });
});

describe("documents", () => {
  test.each<[string, string, [string, string][]]>([
    ["request.json", fixture("request.json"), [["CreateMicroVM request", "shop/web"]]],
    ["bare-camel.json", fixture("bare-camel.json"), [["MicroVM spec", "shop/db"]]],
    [
      "cluster.yaml",
      fixture("cluster.yaml"),
      [
        ["MicrovmMachineTemplate", "${CLUSTER_NAME}-control-plane"],
        ["MicrovmMachineTemplate", "${CLUSTER_NAME}-md-0"],
      ],
    ],
    [
      "list.yaml",
      fixture("list.yaml"),
      [
        ["MicrovmMachine", "prod/one"],
        ["MicrovmMachine", "prod/two"],
      ],
    ],
    ["runbook.json", fixture("runbook.json"), [["fragment", ""]]],
    [
      "a list of specs",
      `[${bare([{ device_id: "eth1" }])}, ${bare([{ device_id: "eth1" }], { id: "b" })}]`,
      [
        ["MicroVM spec", "ns1/a"],
        ["MicroVM spec", "ns1/b"],
      ],
    ],
    [
      "one after the other",
      `${bare([{ device_id: "eth1" }])}${bare([{ device_id: "eth1" }], { id: "b" })}`,
      [
        ["MicroVM spec", "ns1/a"],
        ["MicroVM spec", "ns1/b"],
      ],
    ],
    ["what the server answers", `{"microvm":[{"version":1,"spec":${bare([{ device_id: "eth1" }])},"status":{}}]}`, [["CreateMicroVM request", "ns1/a"]]],
    [
      "an object as JSON",
      JSON.stringify({
        apiVersion: "infrastructure.cluster.x-k8s.io/v1alpha1",
        kind: "MicrovmMachine",
        metadata: { name: "m" },
        spec: { networkInterfaces: [{ guestDeviceName: "eth1", type: "tap" }] },
      }),
      [["MicrovmMachine", "m"]],
    ],
    ["another group", capmvm("  - {guestDeviceName: eth1, type: macvtap}\n").replace("infrastructure.cluster.x-k8s.io", "example.org"), []],
    ["another kind", "apiVersion: v1\nkind: Pod\nspec: {interfaces: [{device_id: eth1}]}\n", []],
    ["another language", '{"name": "web", "interfaces": ["a", "b"], "scripts": {}}', []],
    [
      "flintlock's in YAML",
      "id: a\nnamespace: ns1\nkernel: {image: k}\nroot_volume: {id: root}\ninterfaces:\n- device_id: eth1\n  type: 1\n",
      [["MicroVM spec", "ns1/a"]],
    ],
  ])("%s", (name, text, expected) => {
    const { microvms } = check(name, text);
    expect(microvms.map(({ kind, name: id }) => [kind, id])).toEqual(expected);
  });

  test("an anchor's interface is one for each that uses it", () => {
    const { microvms, findings } = check("list.yaml", fixture("list.yaml"), flintlockHost());
    expect(microvms.map(({ provider, interfaces }) => [provider, interfaces[0]?.service])).toEqual([
      ["cloudhypervisor", "served"],
      ["firecracker", "refused"],
    ]);
    expect(findings).toEqual([expect.objectContaining({ rule: "macvtap-on-firecracker", microvm: "prod/two", fixable: false })]);
  });

  test("merged keys count where there are no own ones", () => {
    const text = capmvm(
      "  - &base {guestDeviceName: eth1, type: macvtap}\n  - <<: *base\n    guestDeviceName: eth2\n  - <<: [*base]\n    guestDeviceName: eth3\n    type: tap\n",
    );
    expect(check("a.yaml", text, cloudHypervisorHost()).microvms[0]?.interfaces.map(({ name, type }) => [name, type])).toEqual([
      ["eth1", "macvtap"],
      ["eth2", "macvtap"],
      ["eth3", "tap"],
    ]);
  });

  test.each([
    ["after a byte order mark", "\uFEFF", "\n"],
    ["with CRLF", "", "\r\n"],
  ])("places %s", (_, mark, eol) => {
    const json = `${mark}${eth1({ type: 0 }).replaceAll("\n", eol)}`;
    const yaml = `${mark}${capmvm("  - guestDeviceName: eth1\n    type: macvtap\n").replaceAll("\n", eol)}`;
    expect(check("a.json", json).findings).toEqual([expect.objectContaining({ line: 13, column: 15 })]);
    expect(check("a.yaml", yaml).findings).toEqual([expect.objectContaining({ line: 8, column: 11 })]);
  });
});

describe("exit status of a check", () => {
  test.each<[string, string, HostAbility, number]>([
    ["nothing wrong", eth1({ type: 1 }), flintlockHost(), 0],
    ["nothing wrong, off a flintlock host", eth1({ type: 1 }), elsewhere, 0],
    ["a note alone", `// c\n${eth1({ type: 1 })}`, flintlockHost(), 0],
    ["no spec at all", "{}", flintlockHost(), 0],
    ["what patch mends", eth1({ type: 0 }), flintlockHost(), 2],
    ["what patch mends beside what it cannot", eth1({ type: 0, guest_mac: "x" }), flintlockHost(), 4],
    ["two ways", eth1({ type: 9 }), cloudHypervisorHost(), 4],
    ["no way", eth1({ type: 1 }), flintlockHost({ bridge: null, links: [] }), 4],
    ["a warning", bare([{ device_id: "eth0", type: 1 }]), flintlockHost(), 4],
    ["what could not be looked at", eth1({ type: 1 }), { ...flintlockHost(), bridgeName: unknown("no permission") }, 6],
    ["what could not be looked at and does not matter", eth1({ type: 1 }), { ...flintlockHost(), macvtap: unknown("no permission") }, 0],
    ["a host without links looked at", eth1({ type: 1 }), { ...flintlockHost(), links: absent("none") }, 6],
    ["does not parse", '{"interfaces": [', flintlockHost(), 1],
  ])("%s: %.0s%.0s%i", (_, text, ability, status) => {
    expect(check("a.json", text, ability).exitCode).toBe(status);
  });

  test("a file of another kind that does not parse is none of our business", () => {
    const report = run(
      "a.yaml",
      "kind: MicrovmMachine\nspec:\n  networkInterfaces:\n  - {guestDeviceName: eth1, type: tap}\n---\na: [\n",
      {},
      flintlockHost(),
    ).report;
    expect(report.exitCode).toBe(0);
    expect(report.microvms).toHaveLength(1);
  });
});

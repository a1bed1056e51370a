import { describe, expect, test } from "@jest/globals";
import type { HostAbility } from "../../../src/spec/host-ability.ts";
import type { Ask } from "../../../src/spec/patch.ts";
import { bare, check, cloudHypervisorHost, elsewhere, fixture, flintlockHost, link, patch, run, nothingAsked } from "../../support/spec.ts";

const eth1 = (fields: Record<string, unknown>): string => bare([{ device_id: "eth1", ...fields }]);

const machine = (interfaces: string): string => `apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1
kind: MicrovmMachine
metadata: {name: m}
spec:
  networkInterfaces:
${interfaces}`;

describe("a value that is there is replaced where it stands", () => {
  test.each<[string, string, Partial<Ask>, string, string]>([
    ["a number", '{"microvm":{"interfaces":[{"device_id":"eth1","type":0}]}}', { type: "tap" }, '"type":0', '"type":1'],
    ["an odd number", '{"microvm":{"interfaces":[{"device_id":"eth1","type":0.0e1}]}}', { type: "tap" }, "0.0e1", "1"],
    ["a name", '{"microvm":{"interfaces":[{"deviceId":"eth1","type": "TAP" }]}}', { type: "macvtap" }, '"TAP"', '"MACVTAP"'],
    ["null", '{"microvm":{"interfaces":[{"device_id":"eth1","type":null}]}}', { type: "tap" }, "null", "1"],
    ["what is no type", '{"microvm":{"interfaces":[{"device_id":"eth1","type":"tap"}]}}', { type: "tap" }, '"tap"', '"TAP"'],
    ["a bridge", '{"microvm":{"interfaces":[{"deviceId":"eth1","type":1,"overrides":{"bridgeName":"a"}}]}}', { bridge: "b" }, '"a"', '"b"'],
    ["an empty bridge", '{"microvm":{"interfaces":[{"device_id":"eth1","type":1,"overrides":{"bridge_name":""}}]}}', { bridge: "b" }, '""', '"b"'],
    ["plain YAML", machine("  - guestDeviceName: eth1\n    type:   macvtap  # c\n"), { type: "tap" }, "macvtap  #", "tap  #"],
    ["YAML in single quotes", machine("  - guestDeviceName: eth1\n    type: 'macvtap'\n"), { type: "tap" }, "'macvtap'", "'tap'"],
    ["YAML in double quotes", machine('  - guestDeviceName: eth1\n    "type": "macvtap"\n'), { type: "tap" }, '"macvtap"', '"tap"'],
    ["YAML in braces", machine("  - { guestDeviceName: eth1, type: macvtap }\n"), { type: "tap" }, "macvtap }", "tap }"],
    ["YAML where nothing stands", machine("  - guestDeviceName: eth1\n    type: # c\n"), { type: "tap" }, "type: #", "type: tap #"],
    ["a value with an anchor of its own", machine("  - guestDeviceName: eth1\n    type: &t macvtap\n"), { type: "tap" }, "macvtap", "tap"],
    [
      "an alias",
      machine("  - guestDeviceName: eth1\n    type: &t macvtap\n  - guestDeviceName: eth2\n    type: *t\n"),
      { type: "tap", interfaces: ["eth2"] },
      "*t",
      "tap",
    ],
    ["in the runbook's JSON", fixture("runbook.json"), { type: "macvtap" }, '"type": 1', '"type": 0'],
    ["the runbook's bridge", fixture("runbook.json"), { bridge: "bar" }, '"foo"', '"bar"'],
    ["only the one that is named", fixture("request.json"), { type: "macvtap", interfaces: ["eth2"] }, '"type": 1', '"type": 0'],
    ["after a byte order mark", `\uFEFF${eth1({ type: 0 })}`, { type: "tap" }, '"type": 0', '"type": 1'],
    ["with CRLF", machine("  - guestDeviceName: eth1\n    type: macvtap\n").replaceAll("\n", "\r\n"), { type: "tap" }, "macvtap\r", "tap\r"],
  ])("%s", (_, text, ask, from, to) => {
    const patched = patch("-", text, ask);
    expect(patched.text).toBe(text.replace(from, () => to));
    expect(patched.report.refusals).toEqual([]);
    expect(patch("-", patched.text, ask).edits).toEqual([]);
  });
});

describe("a value that is not there is added as its neighbours are written", () => {
  test.each<[string, string, Partial<Ask>, string]>([
    ["on one line", '{"microvm":{"interfaces":[{"device_id":"eth1"}]}}', { type: "tap" }, '{"microvm":{"interfaces":[{"device_id":"eth1","type":1}]}}'],
    [
      "on one line, with spaces",
      '{"microvm": {"interfaces": [{ "device_id": "eth1", "guest_mac": "" }]}}',
      { type: "tap" },
      '{"microvm": {"interfaces": [{ "device_id": "eth1", "type": 1, "guest_mac": "" }]}}',
    ],
    [
      "as a name, where others are names",
      '{"microvm":{"interfaces":[{"device_id":"eth1"},{"device_id":"eth2","type":"TAP"}]}}',
      { type: "tap" },
      '{"microvm":{"interfaces":[{"device_id":"eth1","type":"TAP"},{"device_id":"eth2","type":"TAP"}]}}',
    ],
    [
      "a bridge on one line",
      '{"microvm":{"interfaces":[{"deviceId":"eth1","type":1}]}}',
      { bridge: "br0" },
      '{"microvm":{"interfaces":[{"deviceId":"eth1","type":1,"overrides":{"bridgeName":"br0"}}]}}',
    ],
    [
      "a bridge in braces with spaces",
      '{ "microvm": { "interfaces": [{ "device_id": "eth1", "type": 1 }] } }',
      { bridge: "br0" },
      '{ "microvm": { "interfaces": [{ "device_id": "eth1", "type": 1, "overrides": { "bridge_name": "br0" } }] } }',
    ],
    [
      "a bridge in empty braces",
      '{"microvm":{"interfaces":[{"device_id":"eth1","type":1,"overrides":{}}]}}',
      { bridge: "br0" },
      '{"microvm":{"interfaces":[{"device_id":"eth1","type":1,"overrides":{"bridge_name":"br0"}}]}}',
    ],
    [
      "a bridge for null",
      '{"microvm":{"interfaces":[{"device_id":"eth1","type":1,"overrides":null}]}}',
      { bridge: "br0" },
      '{"microvm":{"interfaces":[{"device_id":"eth1","type":1,"overrides":{"bridge_name":"br0"}}]}}',
    ],
    [
      "on lines, last",
      '{"microvm":{"interfaces":[\n\t{\n\t\t"device_id": "eth1"\n\t}\n]}}',
      { type: "tap" },
      '{"microvm":{"interfaces":[\n\t{\n\t\t"device_id": "eth1",\n\t\t"type": 1\n\t}\n]}}',
    ],
    [
      "on lines, before others",
      '{"microvm":{"interfaces":[\n {\n  "device_id": "eth1",\n  "guest_mac": ""\n }\n]}}',
      { type: "tap" },
      '{"microvm":{"interfaces":[\n {\n  "device_id": "eth1",\n  "type": 1,\n  "guest_mac": ""\n }\n]}}',
    ],
    [
      "a bridge on lines",
      '{"microvm":{"interfaces":[\n    {\n        "device_id": "eth1",\n        "type": 1\n    }\n]}}\n',
      { bridge: "br0" },
      '{"microvm":{"interfaces":[\n    {\n        "device_id": "eth1",\n        "type": 1,\n        "overrides": {\n            "bridge_name": "br0"\n        }\n    }\n]}}\n',
    ],
    [
      "before a comment's end of line",
      '{"microvm":{"interfaces":[{\n  "device_id": "eth1" // one\n}]}}',
      { type: "tap" },
      '{"microvm":{"interfaces":[{\n  "device_id": "eth1", // one\n  "type": 1\n}]}}',
    ],
    [
      "after a trailing comma",
      '{"microvm":{"interfaces":[{\n  "device_id": "eth1", // one\n}]}}',
      { type: "tap" },
      '{"microvm":{"interfaces":[{\n  "device_id": "eth1", // one\n  "type": 1,\n}]}}',
    ],
    [
      "with CRLF",
      '{"microvm":{"interfaces":[{\r\n  "device_id": "eth1"\r\n}]}}',
      { type: "tap" },
      '{"microvm":{"interfaces":[{\r\n  "device_id": "eth1",\r\n  "type": 1\r\n}]}}',
    ],
    [
      "YAML in lines",
      machine("  - guestDeviceName: eth1 # c\n    guestMac: ''\n"),
      { type: "tap" },
      machine("  - guestDeviceName: eth1 # c\n    type: tap\n    guestMac: ''\n"),
    ],
    ["YAML in lines, the very end", machine("  - guestDeviceName: eth1"), { type: "tap" }, machine("  - guestDeviceName: eth1\n    type: tap")],
    ["YAML in braces", machine("  - {guestDeviceName: eth1}\n"), { type: "tap" }, machine("  - {guestDeviceName: eth1, type: tap}\n")],
    ["YAML in braces, with quotes", machine('  - {"guestDeviceName":"eth1"}\n'), { type: "tap" }, machine('  - {"guestDeviceName":"eth1","type":"tap"}\n')],
    [
      "a bridge in YAML",
      machine("  - guestDeviceName: eth1\n    type: tap\n    # below\n"),
      { bridge: "br0" },
      machine("  - guestDeviceName: eth1\n    type: tap\n    overrides:\n      bridgeName: br0\n    # below\n"),
    ],
    [
      "a bridge in YAML beside other overrides",
      machine("  - guestDeviceName: eth1\n    type: tap\n    overrides:\n      mtu: 9000\n"),
      { bridge: "br0" },
      machine("  - guestDeviceName: eth1\n    type: tap\n    overrides:\n      mtu: 9000\n      bridgeName: br0\n"),
    ],
    [
      "a bridge in YAML with CRLF",
      machine("  - guestDeviceName: eth1\n    type: tap\n").replaceAll("\n", "\r\n"),
      { bridge: "br0" },
      machine("  - guestDeviceName: eth1\n    type: tap\n    overrides:\n      bridgeName: br0\n").replaceAll("\n", "\r\n"),
    ],
    [
      "beside a merge",
      machine("  - &a {guestDeviceName: eth1, type: macvtap}\n  - <<: *a\n    guestDeviceName: eth2\n"),
      { type: "tap", interfaces: ["eth2"] },
      machine("  - &a {guestDeviceName: eth1, type: macvtap}\n  - <<: *a\n    guestDeviceName: eth2\n    type: tap\n"),
    ],
    [
      "a name that YAML would read as something else",
      machine("  - guestDeviceName: eth1\n    type: tap\n    overrides: {bridgeName: a}\n"),
      { bridge: "null" },
      machine('  - guestDeviceName: eth1\n    type: tap\n    overrides: {bridgeName: "null"}\n'),
    ],
  ])("%s", (_, text, ask, expected) => {
    const patched = patch("-", text, ask);
    expect(patched.text).toBe(expected);
    expect(patch("-", patched.text, ask).edits).toEqual([]);
  });
});

describe("which interfaces", () => {
  const three = bare([
    { device_id: "eth0", type: 0 },
    { device_id: "eth1", type: 0 },
    { device_id: "eth2", type: 1 },
  ]);

  test("all but eth0", () => {
    expect(patch("a.json", three, { type: "tap" }).report.changes.map(({ interface: name }) => name)).toEqual(["eth1"]);
  });

  test("eth0 where it is named", () => {
    expect(patch("a.json", three, { type: "tap", interfaces: ["eth0"] }).report.changes.map(({ interface: name }) => name)).toEqual(["eth0"]);
  });

  test("a bridge goes to taps where there are some", () => {
    expect(patch("a.json", three, { bridge: "br0" }).report.changes.map(({ interface: name }) => name)).toEqual(["eth2"]);
  });

  test("a bridge goes to a macvtap where nothing else is there, and that is reported", () => {
    const { report } = patch("a.json", bare([{ device_id: "eth1", type: 0 }]), { bridge: "br0" }, cloudHypervisorHost());
    expect(report.changes.map(({ what, to }) => [what, to])).toEqual([["bridge", "br0"]]);
    expect(report.findings.map(({ rule }) => rule)).toEqual(["bridge-on-macvtap"]);
    expect(report.exitCode).toBe(2);
  });

  test("a name that is in no spec is told", () => {
    expect(patch("a.json", three, { type: "tap", interfaces: ["eth2", "eth9"] }).missing).toEqual(["eth9"]);
  });
});

describe("without being told what", () => {
  test.each<[string, string, HostAbility, [string, string][], RegExp]>([
    [
      "macvtap on Firecracker becomes a tap",
      eth1({ type: 0 }),
      flintlockHost(),
      [["type", "tap"]],
      /Firecracker takes no macvtap; tap can be served: bridge-name br0/,
    ],
    ["and off a flintlock host, too", eth1({ type: 0 }), elsewhere, [["type", "tap"]], /no flintlock host here/],
    [
      "a tap without a bridge becomes a macvtap where that can be",
      eth1({ type: 1 }),
      cloudHypervisorHost({ bridge: null, links: [link("ens1", "nic")] }),
      [["type", "macvtap"]],
      /parent-iface ens1/,
    ],
    ["a tap without a bridge gets the host's one", eth1({ type: 1 }), flintlockHost({ bridge: null }), [["bridge", "br0"]], /no other program made/],
    [
      "a macvtap on Firecracker gets both",
      eth1({ type: 0 }),
      flintlockHost({ bridge: null }),
      [
        ["type", "tap"],
        ["bridge", "br0"],
      ],
      /br0/,
    ],
    ["a macvtap without a parent becomes a tap", eth1({ type: 0 }), cloudHypervisorHost({ parent: null }), [["type", "tap"]], /tap can be served/],
    ["a type in small letters is what it means", eth1({ type: "macvtap" }), cloudHypervisorHost(), [["type", "macvtap"]], /"macvtap" means/],
    ["what is served stays", eth1({ type: 1 }), flintlockHost(), [], /^$/],
  ])("%s", (_, text, ability, changes, because) => {
    const patched = patch("a.json", text, {}, ability);
    expect(patched.report.changes.map(({ what, to }) => [what, to])).toEqual(changes);
    expect(patched.report.changes[0]?.because ?? "").toMatch(because);
    expect(patched.report.exitCode).toBe(changes.length > 0 ? 2 : 0);
    expect(check("a.json", patched.text, ability)).toMatchObject({ exitCode: 0, findings: [] });
    expect(patch("a.json", patched.text, {}, ability).edits).toEqual([]);
  });

  test.each<[string, string, HostAbility, string]>([
    ["two types would do", eth1({ type: 9 }), cloudHypervisorHost(), "AMBIGUOUS"],
    ["type or bridge would do", eth1({ type: 1 }), cloudHypervisorHost({ bridge: null }), "AMBIGUOUS"],
    ["nothing would do", eth1({ type: 1 }), flintlockHost({ bridge: null, links: [] }), "NO_WAY"],
    ["a CAPMVM spec cannot name the bridge", machine("  - {guestDeviceName: eth1, type: tap}\n"), flintlockHost({ bridge: null }), "NO_WAY"],
  ])("a decision is needed where %s", (_, text, ability, code) => {
    const patched = patch("-", text, {}, ability);
    expect(patched.edits).toEqual([]);
    expect(patched.report).toMatchObject({ exitCode: 4, refusals: [{ code }] });
  });
});

test("eth0 is left alone unless it is named", () => {
  const text = bare([{ device_id: "eth0", type: 0 }]);
  expect(patch("a.json", text, {}, flintlockHost()).report).toMatchObject({ exitCode: 4, changes: [], refusals: [] });
  expect(patch("a.json", text, { interfaces: ["eth0"] }, flintlockHost()).report.changes.map(({ to }) => to)).toEqual(["tap"]);
});

describe("what cannot be changed alone is refused", () => {
  test.each<[string, string, Partial<Ask>, string]>([
    ["an interface that another MicroVM shares", fixture("list.yaml"), {}, "SHARED"],
    ["an anchor that something else uses", `${machine("  - guestDeviceName: eth1\n    type: &t macvtap\n")}  label: *t\n`, { type: "tap" }, "SHARED"],
    [
      "a merge that another interface counts on",
      machine("  - &a {guestDeviceName: eth1, type: macvtap}\n  - <<: *a\n    guestDeviceName: eth2\n"),
      { type: "tap", interfaces: ["eth1"] },
      "SHARED",
    ],
    ["a block of text", machine("  - guestDeviceName: eth1\n    type: |\n      macvtap\n"), { type: "tap" }, "SHARED"],
    ["a template's value", machine("  - guestDeviceName: eth1\n    type: ${TYPE}\n"), { type: "tap" }, "TEMPLATE"],
    ["a template's bridge", machine("  - guestDeviceName: eth1\n    type: tap\n    overrides: {bridgeName: '{{ .b }}'}\n"), { bridge: "br0" }, "TEMPLATE"],
  ])("%s", (_, text, ask, code) => {
    const patched = patch("a.yaml", text, ask, flintlockHost());
    expect(patched.edits).toEqual([]);
    expect(patched.report.refusals.map((refusal) => refusal.code)).toContain(code);
    expect(patched.report.exitCode).toBe(4);
  });

  test("an anchor whose every use is asked for is changed once", () => {
    const { report, text } = patch("list.yaml", fixture("list.yaml"), { type: "tap" }, flintlockHost());
    expect(text).toBe(fixture("list.yaml").replace("macvtap", "tap"));
    expect(report).toMatchObject({ exitCode: 2, refusals: [], findings: [] });
  });

  test("templates elsewhere stay as they are", () => {
    const { text, report } = patch("cluster.yaml", fixture("cluster.yaml"), {}, flintlockHost());
    expect(text).toBe(fixture("cluster.yaml").replace('"macvtap"', '"tap"').replace("type: macvtap}", "type: tap}"));
    expect(report.exitCode).toBe(2);
    expect(report.findings.map(({ rule }) => rule)).toEqual(["template-value"]);
  });
});

describe("what is asked for is done, and reported where the host will not take it", () => {
  test.each<[string, string, Partial<Ask>, HostAbility, string]>([
    ["macvtap on Firecracker", eth1({ type: 1 }), { type: "macvtap" }, flintlockHost(), "macvtap-on-firecracker"],
    ["a tap without a bridge", eth1({ type: 0 }), { type: "tap" }, cloudHypervisorHost({ bridge: null }), "tap-without-bridge"],
    ["a bridge that is not there", eth1({ type: 1 }), { bridge: "br9" }, flintlockHost(), "bridge-not-found"],
    ["an override that is pruned", machine("  - {guestDeviceName: eth1, type: tap}\n"), { bridge: "br0" }, flintlockHost(), "overrides-pruned"],
  ])("%s", (_, text, ask, ability, rule) => {
    const { report } = patch("-", text, ask, ability);
    expect(report.changes).toHaveLength(1);
    expect(report.findings.map((finding) => finding.rule)).toEqual([rule]);
    expect(report.exitCode).toBe(2);
  });
});

describe("a template of machines", () => {
  const template = `kind: MicrovmMachineTemplate
apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1
metadata: {name: "md-0", namespace: prod}
spec: {template: {spec: {networkInterfaces: [{guestDeviceName: eth1, type: macvtap}]}}}
---
kind: MachineDeployment
apiVersion: cluster.x-k8s.io/v1beta1
spec:
  template:
    spec:
      infrastructureRef: {kind: MicrovmMachineTemplate, name: md-0}
`;

  test("is immutable, and that is said", () => {
    const { report } = patch("a.yaml", template, { type: "tap" });
    expect(report.notes).toEqual([expect.objectContaining({ line: 1, message: expect.stringContaining("immutable") as unknown })]);
  });

  test("gets the name that is asked for, and its owners are named", () => {
    const { report, text } = patch("a.yaml", template, { type: "tap", rename: "md-0-tap" });
    expect(text).toBe(template.replace('"md-0"', '"md-0-tap"').replace("macvtap", "tap"));
    expect(report.notes.map(({ line }) => line)).toEqual([11, 3]);
    expect(patch("a.yaml", text, { type: "tap", rename: "md-0-tap" }).edits).toEqual([]);
  });

  test("keeps its name where nothing else changes", () => {
    expect(patch("a.yaml", template, { type: "macvtap", rename: "other" }).edits).toEqual([]);
  });

  test("several cannot all get one name", () => {
    expect(patch("cluster.yaml", fixture("cluster.yaml"), { type: "tap", rename: "new" }).report.refusals.map(({ code }) => code)).toContain(
      "SEVERAL_TEMPLATES",
    );
    const { text } = patch("cluster.yaml", fixture("cluster.yaml"), { rename: "*-tap" });
    expect(text).toContain('  name: "${CLUSTER_NAME}-control-plane-tap"\nspec:\n  template:');
    expect(text).toContain('  name: "${CLUSTER_NAME}-md-0-tap"\n');
    expect(text).toContain('  name: "${CLUSTER_NAME}-control-plane"\nspec:\n  replicas');
  });

  test("without a name cannot be renamed", () => {
    expect(
      patch("a.yaml", template.replace('name: "md-0"', "generateName: md-"), { type: "tap", rename: "new" }).report.refusals.map(({ code }) => code),
    ).toEqual(["NO_NAME"]);
  });
});

describe("tabs", () => {
  const asked = { mode: "patch", fixTabs: true, ask: nothingAsked } as const;

  test("are all that is changed where nothing else is asked for", () => {
    const { edits, report } = run("capmvm.yaml", fixture("runbook.yaml"), asked);
    expect(edits.map(({ after }) => after)).toEqual([fixture("runbook.yaml").replace("\toverrides", "  overrides").replace("\t\tbridge", "    bridge")]);
    expect(report.exitCode).toBe(2);
    expect(report.changes.map(({ what, line }) => [what, line])).toEqual([["indentation", 6]]);
    expect(report.findings.map(({ rule }) => rule)).toEqual(["macvtap-on-firecracker", "overrides-pruned", "bridge-on-macvtap"]);
  });

  test("and the rest, where it is", () => {
    const { edits } = run("capmvm.yaml", fixture("runbook.yaml"), { ...asked, ask: { ...nothingAsked, type: "tap", bridge: "br0" } });
    expect(edits.map(({ after }) => after)).toEqual([
      fixture("runbook.yaml").replace("\toverrides", "  overrides").replace("\t\tbridgeName: foobar", "    bridgeName: br0").replace("macvtap", "tap"),
    ]);
  });

  test("are an error without it", () => {
    const { edits, report } = run("capmvm.yaml", fixture("runbook.yaml"), { ...asked, fixTabs: false });
    expect(edits).toEqual([]);
    expect(report).toMatchObject({ exitCode: 1, findings: [{ rule: "tab-indentation", line: 6, column: 1 }] });
  });

  test("that could mean two things stay", () => {
    const { edits, report } = run("a.yaml", "networkInterfaces:\n- guestDeviceName: eth1\n  a:\n    c: 1\n\td: 2\n", asked);
    expect(edits).toEqual([]);
    expect(report.refusals.map(({ code }) => code)).toEqual(["TABS"]);
    expect(report.exitCode).toBe(1);
  });
});

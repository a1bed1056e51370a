import { describe, expect, test } from "@jest/globals";
import { github } from "../../../src/spec/github.ts";
import { ruleIds } from "../../../src/spec/rules.ts";
import { sarif } from "../../../src/spec/sarif.ts";
import { specText } from "../../../src/spec/text.ts";
import { bare, check, elsewhere, fixture, flintlockHost, patch } from "../../support/spec.ts";

const hostile = bare([{ device_id: "eth1\u001b[31m\n::error::x", type: 0, guest_mac: "%,:\r\n" }]);

describe("text", () => {
  test("of a check has a line for each interface and each finding", () => {
    expect(specText(check("a/request.json", fixture("request.json"), flintlockHost()), false))
      .toBe(`a/request.json:2: CreateMicroVM request shop/web on firecracker
a/request.json:12:17: ✗ eth1 macvtap needs provider cloudhypervisor, parent-iface, macvtap
a/request.json:16:38: ✗ eth2 tap needs bridge br7
a/request.json:12:17: error macvtap-on-firecracker eth1: macvtap on Firecracker (flintlock's default provider; the spec names none, nor does this host): flintlock refuses it since 0.7
    way out: type tap, or provider cloudhypervisor (default-provider in flintlockd's configuration)
    fix spec patch mends it
a/request.json:16:71: error bridge-not-found eth2: bridge br7 of the spec does not exist
    way out: make it (ip link add br7 type bridge), or name another (there: br0, docker0)

1 spec, 2 interfaces: 2 faults (fix spec patch can mend 1)  [exit 4]
`);
  });

  test("of a patch has the reasons, the diff, and what is left", () => {
    expect(specText(patch("a.yaml", "networkInterfaces:\n- guestDeviceName: eth1\n  type: macvtap\n", {}, flintlockHost()).report, false))
      .toBe(`a.yaml:3:9: change eth1: type macvtap → tap (Firecracker takes no macvtap; tap can be served: bridge-name br0 (/etc/opt/flintlockd/config.yaml:2))

--- a.yaml
+++ a.yaml
@@ -1,3 +1,3 @@
 networkInterfaces:
 - guestDeviceName: eth1
-  type: macvtap
+  type: tap

1 spec, 1 interface: 1 change (--write makes it)  [exit 2]
`);
  });

  test("says what could not be compared with", () => {
    expect(specText(check("a.json", bare([{ device_id: "eth1", type: 1 }])), false)).toContain(
      "not compared: bridge-name, parent-iface, default-provider, links and macvtap of a host: there is no flintlock here",
    );
    expect(specText(check("a.json", "{}"), false)).toBe("no MicroVM spec in 1 file  [exit 0]\n");
  });

  test("gives no name lines of its own", () => {
    const report = check("b.json\na.json:1:1: error", hostile, flintlockHost());
    expect(
      specText(report, false)
        .split("\n")
        .filter((line) => line.startsWith("a.json") || line.startsWith("::")),
    ).toEqual([]);
    const patched = patch("b.json\n+++ c", hostile, { type: "tap" }).report;
    expect(
      specText(patched, false)
        .split("\n")
        .filter((line) => line.startsWith("+++ ")),
    ).toEqual(["+++ b.json\\n+++ c"]);
  });

  test("is safe on a terminal, with colour too", () => {
    const report = check("a\u001b]0;x\u0007.json", hostile);
    expect(specText(report, false)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(specText(report, true).replaceAll(/\u001b\[\d{1,2}m/g, "")).toBe(specText(report, false));
  });
});

describe("SARIF", () => {
  const report = check("./specs/a b#1.yaml", fixture("cluster.yaml"), elsewhere);
  const log = JSON.parse(sarif(report, "1.2.3")) as {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; level: string; locations: unknown[] }[];
      invocations: unknown[];
    }[];
  };

  test("has each finding with its rule and its place", () => {
    const [run] = log.runs;
    expect(log.version).toBe("2.1.0");
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(ruleIds);
    expect(run?.results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIds[ruleIndex], level])).toEqual([
      ["macvtap-on-firecracker", "macvtap-on-firecracker", "error"],
      ["macvtap-on-firecracker", "macvtap-on-firecracker", "error"],
      ["template-value", "template-value", "note"],
    ]);
    expect(run?.results[0]?.locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: "specs/a%20b%231.yaml" }, region: { startLine: 47, startColumn: 15, endLine: 47, endColumn: 24 } } },
    ]);
    expect(run?.invocations).toEqual([{ executionSuccessful: true, exitCode: 2, toolExecutionNotifications: [expect.objectContaining({ level: "note" })] }]);
  });

  test("names files by URI", () => {
    const uri = (name: string): unknown =>
      (
        JSON.parse(sarif(check(name, bare([{ device_id: "eth1" }])), "1")) as typeof log & {
          runs: { results: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[] }[];
        }
      ).runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri;
    expect(uri("/srv/a.json")).toBe("file:///srv/a.json");
    expect(uri("-")).toBe("stdin");
    expect(uri("../a.json")).toBe("../a.json");
  });
});

describe("annotations of GitHub", () => {
  test("are one line each", () => {
    expect(github(check("specs/a.json", bare([{ device_id: "eth1", type: 0 }]), flintlockHost()))).toBe(
      "::error file=specs/a.json,line=13,endLine=13,col=15,endColumn=16,title=macvtap-on-firecracker::eth1: macvtap on Firecracker (flintlock's default provider; the spec names none, nor does this host): flintlock refuses it since 0.7. Way out: type tap, or provider cloudhypervisor (default-provider in flintlockd's configuration)\n",
    );
  });

  test("cannot be ended or begun by what a spec says", () => {
    const lines = github(check("a,b:c%.json", hostile)).split("\n");
    expect(lines.filter((line) => line !== "" && !/^::(?:error|warning|notice) /.test(line))).toEqual([]);
    expect(lines[0]).toMatch(/^::\w+ file=a%2Cb%3Ac%25\.json,/);
  });
});

import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { FileText } from "../../../src/host/inspector.ts";
import type { Step } from "../../../src/steps/action.ts";
import { rethread, setConfigKey } from "../../../src/steps/config.ts";
import type { ConfigFile } from "../../../src/survey/settings.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const file = (text: string): FileText => ({ text, utf8: true, sha256: sha256(text), mode: 0o600, uid: 0, gid: 0, size: text.length, mtimeMs: 0 });
const path = "/etc/opt/flintlockd/config.yaml";
const config = (text: string, changes: Partial<ConfigFile> = {}): ConfigFile => ({ path, realPath: path, file: file(text), problem: null, ...changes });
const before = "---\n# mine\nbasic-auth-token: s3cret\ninsecure: true\n";

function stepOf(result: ReturnType<typeof setConfigKey>): Step {
  if ("refusal" in result) throw new Error(result.refusal.message);
  return result.step;
}

describe("the edit of one key", () => {
  const step = stepOf(setConfigKey(config(before), "set-bridge-name", "bridge-name", "br0", ["bridge-name-missing"]));

  test("is data that says what the file was and will be", () => {
    expect(step).toMatchObject({ id: "set-bridge-name", risk: "safe", provides: ["config"], because: ["bridge-name-missing"] });
    expect(step.actions).toEqual([
      expect.objectContaining({ do: "set-key", path, key: "bridge-name", value: "br0", before: sha256(before), after: sha256(`${before}bridge-name: br0\n`) }),
    ]);
  });

  test("shows no secret, and in a plan holds none", () => {
    const planned = rethread([step]);
    expect(JSON.stringify(planned)).not.toContain("s3cret");
    expect(planned[0]?.actions[0]).toMatchObject({
      diff: `--- ${path}\n+++ ${path}\n@@ -3,2 +3,3 @@\n basic-auth-token: <********>\n insecure: true\n+bridge-name: br0\n`,
    });
  });

  test("goes to where a link leads, and says both", () => {
    const linked = stepOf(setConfigKey(config(before, { realPath: "/srv/c.yaml" }), "set-parent-iface", "parent-iface", "eth0", []));
    expect(linked.actions[0]).toMatchObject({ path: "/srv/c.yaml" });
    expect(linked.title).toBe(`set parent-iface to eth0 in ${path} (a link to /srv/c.yaml)`);
  });
});

test("two keys of one file follow one another, in either order, without being asked twice", () => {
  const bridge = stepOf(setConfigKey(config(before), "set-bridge-name", "bridge-name", "br0", []));
  const parent = stepOf(setConfigKey(config(before), "set-parent-iface", "parent-iface", "eth0", []));
  for (const [steps, after] of [
    [[bridge, parent], `${before}bridge-name: br0\nparent-iface: eth0\n`],
    [[parent, bridge], `${before}parent-iface: eth0\nbridge-name: br0\n`],
  ] as const) {
    const [first, second] = rethread(steps).map(({ actions: [action] }) => (action?.do === "set-key" ? action : undefined));
    expect(first?.before).toBe(sha256(before));
    expect(second?.before).toBe(first?.after);
    expect(second?.after).toBe(sha256(after));
    expect([first?.text, second?.text]).toEqual([undefined, undefined]);
  }
});

test("other steps are left as they are", () => {
  const other: Step = {
    key: "x",
    id: "load-macvlan",
    title: "",
    because: [],
    risk: "safe",
    impact: "",
    actions: [{ do: "run", argv: ["true"] }],
    provides: [],
    after: [],
    needs: [],
  };
  expect(rethread([other])).toEqual([other]);
});

test.each<[string, ConfigFile, string, string]>([
  ["there is none", config("", { file: null }), "CONFIG_MISSING", path],
  [
    "it does not parse",
    config("a: 1\n\tb: 2\n", { problem: { code: "UNPARSABLE", message: "a tab", line: 2, column: 1 } }),
    "CONFIG_UNPARSABLE",
    `${path}:2, column 1: a tab`,
  ],
  [
    "it leads nowhere",
    config("", { file: null, problem: { code: "DANGLING_LINK", message: "/gone does not exist", line: null, column: null } }),
    "CONFIG_DANGLING_LINK",
    `${path}: /gone does not exist`,
  ],
  ["it holds two documents", config("a: 1\n---\nb: 1\n"), "CONFIG_MULTIPLE_DOCUMENTS", `${path}:2, column 1`],
  ["its value is shared", config("bridge-name: &x old\na: *x\n"), "CONFIG_UNPATCHABLE", `${path}:1, column 1`],
])("a file is not written where %s", (_, file_, code, message) => {
  const result = setConfigKey(file_, "set-bridge-name", "bridge-name", "br0", []);
  expect(result).toEqual({ refusal: expect.objectContaining({ code, message: expect.stringContaining(message) }) });
});

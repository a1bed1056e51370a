import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, lstatSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FixError } from "../../../src/errors.ts";
import { spec, type SpecArguments } from "../../../src/cli/spec.ts";
import { bare, fixture } from "../../support/spec.ts";

let folder = "";
let policy = "";
const printed = { stdout: "", stderr: "" };
const write = process.stderr.write.bind(process.stderr);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fix-spec-"));
  policy = join(folder, "policy.yaml");
  writeFileSync(policy, "bridge-name: br0\n");
  Object.assign(printed, { stdout: "", stderr: "" });
  process.stderr.write = (text: string | Uint8Array): boolean => {
    printed.stderr += String(text);
    return true;
  };
});

afterEach(() => {
  process.stderr.write = write;
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};

/** Against a captured machine without flintlock, so that it is the same wherever the test runs. */
function run(action: "check" | "patch", files: string[], more: Partial<SpecArguments> = {}): Promise<number> {
  const capture = file("capture.json", JSON.stringify(nowhere));
  const args: SpecArguments = {
    action,
    files,
    type: null,
    bridge: null,
    interfaces: [],
    write: false,
    fixTabs: false,
    rename: null,
    format: "text",
    from: capture,
    config: null,
    ...more,
  };
  return spec(args, (text) => {
    printed.stdout += text;
  });
}

const nowhere = {
  schema: "flintlock-fix/capture/v1",
  madeBy: "a test",
  at: "2026-11-24T21:00:00.000Z",
  answers: ["/etc/opt/flintlockd", "/usr/local/bin/flintlockd", "/etc/systemd/system/flintlockd.service"].map((path) => ({
    ask: { ask: "status", path },
    answer: { kind: "absent", why: "no such file" },
  })),
};

const refusal = async (promise: Promise<number>): Promise<FixError> => {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof FixError)) throw new Error("no FixError");
  return error;
};

describe("files", () => {
  test("folders, globs and names; each once", async () => {
    const a = file("specs/a.json", bare([{ device_id: "eth1", type: 1 }]));
    file("specs/deep/b.yaml", fixture("list.yaml"));
    file("specs/package.json", '{"name": "x"}');
    file("specs/node_modules/c.json", bare([{ device_id: "eth1" }]));
    file("specs/notes.txt", bare([{ device_id: "eth1" }]));
    await run("check", [join(folder, "specs"), a, join(folder, "specs/**/*.yaml")], { format: "json" });
    const report = JSON.parse(printed.stdout) as { files: { file: string; specs: number }[] };
    expect(report.files.map(({ file: name, specs }) => [name.slice(folder.length), specs])).toEqual([
      ["/specs/a.json", 1],
      ["/specs/deep/b.yaml", 2],
    ]);
  });

  test.each([
    ["nothing of that name", () => join(folder, "none.json"), /none\.json: ENOENT/],
    ["a glob that matches nothing", () => join(folder, "*.toml"), /no file matches/],
    ["what is longer than any spec", () => (truncateSync(file("long.json", "{"), 2 ** 30), join(folder, "long.json")), /64 MiB/],
    ["what is no text", () => (writeFileSync(join(folder, "a.json"), Buffer.from([0x7b, 0xff, 0x7d])), join(folder, "a.json")), /no UTF-8/],
  ])("%s is said so", async (_, name, message) => {
    const error = await refusal(run("check", [name()]));
    expect(error.message).toMatch(message);
    expect(error.exitCode).toBe(1);
    expect(printed.stdout).toBe("");
  });
});

describe("a file that does not parse", () => {
  test("is an error with its place and the way out, and nothing is printed or written", async () => {
    const bad = file("capmvm.yaml", fixture("runbook.yaml"));
    const good = file("a.json", bare([{ device_id: "eth1", type: 0 }]));
    expect(await run("patch", [good, bad], { write: true, type: "tap" })).toBe(1);
    expect(printed.stdout).toBe("");
    expect(printed.stderr).toBe(
      `fix: ${bad}:6:1: a tab in the indentation, where YAML allows only spaces\n     fix spec patch --write --fix-tabs ${bad} puts spaces there\n`,
    );
    expect(readFileSync(good, "utf8")).toBe(bare([{ device_id: "eth1", type: 0 }]));
  });

  test("is not sent round in circles where the tabs can mean two things, or nothing", async () => {
    const bad = file("a.yaml", "kind: MicrovmMachine\nspec:\n  networkInterfaces:\n  - guestDeviceName: eth1\n    address: 192.0.2.1/24\n\ttype: tap\n");
    expect(await run("check", [bad])).toBe(1);
    const told = printed.stderr;
    expect(told).toBe(
      `fix: ${bad}:6:1: a tab in the indentation, where YAML allows only spaces\n     indent the lines with tabs by spaces by hand, as deep as the lines that they belong with: with 2, 4 spaces for a tab it says different things\n`,
    );
    printed.stderr = "";
    expect(await run("patch", [bad], { write: true, fixTabs: true })).toBe(1);
    expect(printed.stderr).toBe(told);
    const none = file("b.yaml", "kind: MicrovmMachineTemplate\nspec:\n  template:\n    spec:\n      networkInterfaces:\n      - type: tap\n\t - a: 1\n");
    printed.stderr = "";
    expect(await run("check", [none])).toBe(1);
    expect(printed.stderr).toContain("by hand, as deep as the lines that they belong with: it does not parse with any number of spaces for a tab\n");
  });

  test("is a finding in what programs read", async () => {
    const bad = file("a.json", '{"interfaces": [{"device_id": "eth1",, }]}');
    expect(await run("check", [bad], { format: "json" })).toBe(1);
    expect(JSON.parse(printed.stdout)).toMatchObject({ exitCode: 1, findings: [{ rule: "unparsable", line: 1, column: 38 }] });
  });
});

describe("--write", () => {
  test("edits the file behind a link, with its mode", async () => {
    const target = file("real/a.json", bare([{ device_id: "eth1", type: 0 }]));
    chmodSync(target, 0o640);
    const name = join(folder, "a.json");
    symlinkSync("real/a.json", name);
    expect(await run("patch", [name], { write: true })).toBe(0);
    expect(lstatSync(name).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, "utf8")).toBe(bare([{ device_id: "eth1", type: 1 }]));
    expect(statSync(target).mode & 0o7777).toBe(0o640);
    expect(printed.stdout).toContain("1 change in 1 file written  [exit 0]");
  });

  test("edits once what has two names in a folder", async () => {
    const target = file("specs/v2.json", bare([{ device_id: "eth1", type: 0 }]));
    symlinkSync("v2.json", join(folder, "specs/current.json"));
    expect(await run("patch", [join(folder, "specs"), target], { write: true })).toBe(0);
    expect(readFileSync(target, "utf8")).toBe(bare([{ device_id: "eth1", type: 1 }]));
    expect(printed.stdout).toContain("1 spec, 1 interface: 1 change in 1 file written  [exit 0]");
  });

  test("without it nothing is written", async () => {
    const name = file("a.json", bare([{ device_id: "eth1", type: 0 }]));
    expect(await run("patch", [name])).toBe(2);
    expect(readFileSync(name, "utf8")).toBe(bare([{ device_id: "eth1", type: 0 }]));
    expect(printed.stdout).toContain('-      "type": 0\n+      "type": 1\n');
  });

  test("is status 3 where a fault is left", async () => {
    const name = file("a.json", bare([{ device_id: "eth1", type: 0, guest_mac: "x" }]));
    expect(await run("patch", [name], { write: true })).toBe(3);
    expect(readFileSync(name, "utf8")).toContain('"type": 1');
  });

  test("repairs the runbook's tabs", async () => {
    const name = file("capmvm.yaml", fixture("runbook.yaml"));
    expect(await run("patch", [name], { write: true, fixTabs: true })).toBe(3);
    expect(readFileSync(name, "utf8")).toBe(fixture("runbook.yaml").replace("\toverrides", "  overrides").replace("\t\tbridge", "    bridge"));
    expect(await run("check", [name])).not.toBe(1);
  });
});

describe("the policy", () => {
  test("says which bridge a host will have", async () => {
    const name = file("a.json", bare([{ device_id: "eth1", type: 1 }]));
    expect(await run("check", [name], { config: policy, format: "json" })).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject({ microvms: [{ interfaces: [{ service: "policy", why: "bridge-name br0 of the policy" }] }] });
  });
});

test("how a file is written matters only where specs are in it", async () => {
  const names = [file("empty.json", ""), file("tsconfig.json", '{"interfaces": 1, // c\n}'), file("none.yaml", "# nothing\n")];
  expect(await run("check", names)).toBe(0);
  expect(printed.stdout).toBe("no MicroVM spec in 3 files  [exit 0]\n");
});

describe("calls that contradict themselves", () => {
  test.each<[string, "check" | "patch", Partial<SpecArguments>, RegExp]>([
    ["no file", "check", { files: [] }, /needs files/],
    ["a change by check", "check", { type: "tap" }, /--type belongs to patch/],
    ["a bridge for macvtap", "patch", { type: "macvtap", bridge: "br0" }, /contradict/],
    ["a bridge that cannot be", "patch", { bridge: "a/b" }, /--bridge/],
    ["a name that cannot be", "patch", { rename: "A_b" }, /--rename/],
    ["two outputs on one stream", "patch", { write: true, format: "json", files: ["-"] }, /prints the patched text/],
    ["an interface that is nowhere", "patch", { type: "tap", interfaces: ["eth7"] }, /eth7: no spec/],
  ])("%s", async (_, action, more, message) => {
    const name = file("a.json", bare([{ device_id: "eth1", type: 0 }]));
    const error = await refusal(run(action, [name], more));
    expect(error).toMatchObject({ code: "USAGE", exitCode: 1 });
    expect(error.message).toMatch(message);
    expect(printed.stdout).toBe("");
  });
});

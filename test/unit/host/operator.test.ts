import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../../src/errors.ts";
import { setKey } from "../../../src/facts/mapping.ts";
import { LinuxOperator } from "../../../src/host/operator.ts";

const before = "---\n# ours\nparent-iface: eth0 # wired\nbasic-auth-token: s3cret\n";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const patched = (text: string): string => {
  const result = setKey(text, "bridge-name", "br0");
  if ("problem" in result) throw new Error(result.problem.message);
  return result.text;
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fix-operator-"));
  path = join(folder, "config.yaml");
  writeFileSync(path, before);
  chmodSync(path, 0o640);
});
afterEach(() => rmSync(folder, { recursive: true }));

const edit = (changes = {}) => ({
  do: "set-key" as const,
  path,
  key: "bridge-name",
  value: "br0",
  before: sha256(before),
  after: sha256(patched(before)),
  diff: "",
  ...changes,
});
const code = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    return codeOf(error);
  }
  return "none";
};

describe("an edit", () => {
  test("sets the key, keeps owner and mode, and keeps the old file beside it", () => {
    new LinuxOperator().setKey(edit());
    expect(readFileSync(path, "utf8")).toBe(patched(before));
    expect(statSync(path).mode & 0o777).toBe(0o640);
    const [backup = ""] = readdirSync(folder).filter((name) => name !== "config.yaml");
    expect(backup).toMatch(/^config\.yaml\.fix-\d{8}T\d{6}Z$/);
    expect(readFileSync(join(folder, backup), "utf8")).toBe(before);
    expect(statSync(join(folder, backup)).mode & 0o777).toBe(0o640);
  });

  test("takes away what a killed run left half written, and nothing else", () => {
    const dead = spawnSync("true").pid;
    const kept = [".config.yaml.fix-1", ".config.yaml.fix-", `.config.yaml.fix-0${dead}`, `.config.yaml.fix-${dead}.old`, `.other.yaml.fix-${dead}`];
    for (const name of [...kept, `.config.yaml.fix-${dead}`]) writeFileSync(join(folder, name), "half");
    new LinuxOperator().setKey(edit());
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith("."))
        .sort(),
    ).toEqual([...kept].sort());
  });

  test("leaves a folder of such a name alone", () => {
    const dead = spawnSync("true").pid;
    mkdirSync(join(folder, `.config.yaml.fix-${dead}`));
    new LinuxOperator().setKey(edit());
    expect(readdirSync(folder)).toContain(`.config.yaml.fix-${dead}`);
  });

  test("goes back byte for byte", () => {
    const operator = new LinuxOperator();
    operator.setKey(edit());
    operator.restoreKey(edit());
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("does not go back over somebody else's change", () => {
    const operator = new LinuxOperator();
    operator.setKey(edit());
    writeFileSync(path, "bridge-name: mine\n");
    expect(code(() => operator.restoreKey(edit()))).toBe("CHANGED_SINCE_PLAN");
    expect(readFileSync(path, "utf8")).toBe("bridge-name: mine\n");
  });

  test("of a file that is not what the plan saw is refused", () => {
    writeFileSync(path, `${before}verbosity: 9\n`);
    expect(code(() => new LinuxOperator().setKey(edit()))).toBe("CHANGED_SINCE_PLAN");
    expect(readdirSync(folder)).toEqual(["config.yaml"]);
  });

  test("of what has become a link is refused", () => {
    const link = join(folder, "link.yaml");
    symlinkSync(path, link);
    expect(code(() => new LinuxOperator().setKey(edit({ path: link })))).toBe("CHANGED_SINCE_PLAN");
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("that would give another result than the plan showed is refused", () => {
    expect(code(() => new LinuxOperator().setKey(edit({ after: sha256("other") })))).toBe("CHANGED_SINCE_PLAN");
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("survives what a killed run left half written", () => {
    writeFileSync(join(folder, `.config.yaml.fix-${String(process.pid)}`), "half");
    new LinuxOperator().setKey(edit());
    expect(readFileSync(path, "utf8")).toBe(patched(before));
  });

  test("that is made twice keeps one backup of the same bytes", () => {
    new LinuxOperator().setKey(edit());
    writeFileSync(path, before);
    new LinuxOperator().setKey(edit());
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

describe("a file of our own", () => {
  test("is written whole, and never over one that the plan did not see", () => {
    const own = join(folder, "modules.conf");
    const action = { do: "write-file" as const, path: own, text: "macvtap\n", mode: 0o644, before: null, diff: "" };
    new LinuxOperator().writeFile(action);
    expect(readFileSync(own, "utf8")).toBe("macvtap\n");
    expect(code(() => new LinuxOperator().writeFile(action))).toBe("CHANGED_SINCE_PLAN");
  });
});

describe("a command", () => {
  test("a command that does not end is said by its own name", async () => {
    expect((await new LinuxOperator().run(["sleep", "60"], { timeoutMs: 300 })).why).toBe("sleep did not end within 0.3 s");
  });

  test("that fails says so in its own words", async () => {
    expect(await new LinuxOperator().run(["sh", "-c", "echo no pool >&2; exit 5"], { timeoutMs: 10_000 })).toEqual({
      status: 5,
      stdout: "",
      why: "sh exited 5: no pool",
    });
  });
});

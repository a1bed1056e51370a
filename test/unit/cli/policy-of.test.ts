import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseArguments, type FixOptions } from "../../../src/cli/arguments.ts";
import { policyInForce } from "../../../src/cli/policy-of.ts";
import { FixError } from "../../../src/errors.ts";
import type { Policy } from "../../../src/policy.ts";
import type { FindingId } from "../../../src/report.ts";

const ids: FindingId[] = ["thinpool-missing", "thinpool-unhealthy", "macvtap-unavailable", "service-down", "tap-detached"];

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-"));
  config = join(folder, "policy.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

function optionsOf(words: readonly string[]): FixOptions {
  const parsed = parseArguments(["--config", config, ...words]);
  if (parsed.command !== "fix") throw new Error("not the main command");
  return parsed.options;
}

function inForce(file: string, words: readonly string[]): Policy {
  writeFileSync(config, file);
  return policyInForce(optionsOf(words), ids).policy;
}

/** As the detector chooses them. */
function checked(file: string, words: readonly string[]): FindingId[] {
  const { only, skip } = inForce(file, words);
  return ids.filter((id) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}

function refusal(file: string, words: readonly string[]): string {
  try {
    inForce(file, words);
  } catch (error) {
    if (error instanceof FixError) return `${error.code} ${error.exitCode}: ${error.message.replaceAll(config, "POLICY")} (${error.hint})`;
    throw error;
  }
  return "none";
}

const boot = ["--apply", "--unattended=boot"];

describe("checks that are made", () => {
  test.each<[file: string, words: string[], expected: FindingId[]]>([
    ["", [], ids],
    ["only: []\nskip: []\n", [], ids],
    ["only: [thinpool-missing, service-down]\nskip: [service-down]\n", [], ["thinpool-missing"]],
    // A flag beats the file.
    ["skip: [thinpool-missing]\n", ["--only", "thinpool-missing"], ["thinpool-missing"]],
    ["skip: [thinpool-missing, service-down]\n", ["--only", "service-down,tap-detached"], ["service-down", "tap-detached"]],
    ["only: [tap-detached]\nskip: [thinpool-missing]\n", ["--only", "thinpool-missing"], ["thinpool-missing"]],
    ["only: [thinpool-missing, service-down]\n", ["--skip", "thinpool-missing"], ["service-down"]],
    ["only: [thinpool-missing, service-down]\nskip: [thinpool-missing]\n", ["--skip", "tap-detached"], ["thinpool-missing", "service-down"]],
    ["only: [thinpool-missing]\nskip: [thinpool-missing]\n", ["--only", "service-down"], ["service-down"]],
    // The boot unit sees to what comes before the daemons, as far as the file wants that at all.
    ["", boot, ["thinpool-missing", "thinpool-unhealthy", "macvtap-unavailable"]],
    ["skip: [thinpool-missing]\n", boot, ["thinpool-unhealthy", "macvtap-unavailable"]],
    ["only: [thinpool-missing, service-down]\n", boot, ["thinpool-missing"]],
    ["only: [service-down]\n", boot, []],
    ["", [...boot, "--skip", "thinpool-missing"], ["thinpool-unhealthy", "macvtap-unavailable"]],
    ["skip: [tap-detached]\n", [...boot, "--only", "tap-detached"], ["tap-detached"]],
  ])("by the file %j and the words %j", (file, words, expected) => {
    expect(checked(file, words)).toEqual(expected);
  });

  test.each<[file: string, words: string[], expected: RegExp]>([
    ["only: [thinpool-missing]\n", ["--skip", "thinpool-missing"], /^USAGE 1: --skip leaves out all that only \(POLICY:1:1\) names/],
    ["timeout: 9s\nonly: [thinpool-missing]\n", ["--skip", "thinpool-missing,service-down"], /^USAGE 1: --skip .*POLICY:2/],
    ["", ["--skip", ids.join(",")], /^USAGE 1: --skip names every check/],
    ["timeout: 5s\n---\nfoo: 1\n", [], /^BAD_POLICY 1: policy POLICY:2:1: a second YAML document/],
    ["only: [service-down]\nskip: [service-down]\n", [], /^BAD_POLICY 1: policy POLICY:2:1: skip: .*only.*nothing is left/],
    [`skip: [${ids.join(", ")}]\n`, [], /^BAD_POLICY 1: policy POLICY:1:1: skip: names every check/],
    [`skip: [${ids.join(", ")}]\n`, ["--profile", "dev"], /^BAD_POLICY 1: policy POLICY:1:1/],
    ["", ["--only", "service-down", "--skip", "service-down"], /^USAGE 1: service-down is both in --only and in --skip/],
    ["", ["--only", ""], /^USAGE 1: --only names nothing/],
    ["", ["--only", ","], /^USAGE 1: --only names nothing/],
    ["", ["--only="], /^USAGE 1: --only names nothing/],
    ["", ["--skip", "", ","], /^USAGE 1: --skip names nothing/],
    ["", ["--allow", ","], /^USAGE 1: --allow names nothing/],
  ])("none, or none that is named, by the file %j and the words %j", (file, words, expected) => {
    expect(refusal(file, words)).toMatch(expected);
  });
});

describe("the provisioner", () => {
  test.each<[file: string, words: string[], expected: string | null]>([
    ["provisioner: script\nprovision-script: /p.sh\n", [], "/p.sh"],
    ["provision-script: /p.sh\n", ["--provisioner", "script"], "/p.sh"],
    ["provisioner: script\n", ["--provision-script", "/q.sh"], "/q.sh"],
    ["", ["--provisioner", "script", "--provision-script", "/q.sh"], "/q.sh"],
    ["provisioner: script\n", ["--provisioner", "native"], null],
  ])("has its script by the file %j and the words %j", (file, words, expected) => {
    const policy = inForce(file, words);
    expect(policy).toMatchObject({ provisioner: expected === null ? "native" : "script", provisionScript: expected });
  });

  test.each<[file: string, words: string[], expected: RegExp]>([
    ["timeout: 9s\nprovisioner: script\n", [], /^BAD_POLICY 1: policy POLICY:2:1: provisioner: script needs provision-script/],
    ["provisioner: native\n", ["--provisioner", "script"], /^USAGE 1: --provisioner script needs the script/],
    ["", ["--provision-script", "/q.sh"], /^USAGE 1: --provision-script is used only with --provisioner script/],
    ["provisioner: script\n", ["--provisioner", "native", "--provision-script", "/q.sh"], /^USAGE 1: --provision-script is used only/],
    ["", ["--provisioner", "script", "--provision-script", "q.sh"], /^USAGE 1: --provision-script q.sh is not an absolute path/],
  ])("is refused by the file %j and the words %j", (file, words, expected) => {
    expect(refusal(file, words)).toMatch(expected);
  });
});

describe("words of the main command before another one", () => {
  test.each([
    [["--dry-run", "install"], /^--dry-run stands before install/, "say it after: fix install --dry-run"],
    [["--json", "status"], /^--json stands before status/, "say it after: fix status --json"],
    [["--from", "x", "status"], /^--from stands before status/, "leave it out: fix status takes no --from"],
    [["--apply", "watch"], /^--apply stands before watch/, "say it after: fix watch --apply"],
    [["--dry-run", "spec", "patch", "--write", "x"], /^--dry-run stands before spec/, "leave it out: fix spec takes no --dry-run"],
  ])("%j: said there they would count for nothing", (argv, message, hint) => {
    const refused = (): unknown => parseArguments(argv);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code: "USAGE", hint }));
  });
});

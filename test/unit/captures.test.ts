/** Captured hosts, recorded in the lab by ./scripts/record: one that raises its finding, and the same host after its cure, which does not. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../src/catalogue.generated.ts";
import { CapturedHost, parseCapture } from "../../src/host/capture.ts";
import { defaultPolicy } from "../../src/policy.ts";
import type { Report } from "../../src/report.ts";
import { dryRun } from "../../src/run.ts";

const root = new URL("../captures/", import.meta.url);
const captures = readdirSync(root).flatMap((finding) => readdirSync(new URL(`${finding}/`, root)).map((file) => ({ finding, file })));

async function reportOf(url: URL): Promise<Report> {
  const capture = parseCapture(readFileSync(url, "utf8"), url.pathname);
  const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => new CapturedHost(capture) });
  return report;
}

const isCured = ({ file }: { file: string }): boolean => /\.(?:cured|created-again)\.json$/.test(file);
const problems = ({ findings }: Report): string[] => findings.flatMap(({ id, status }) => (status === "problem" ? [id] : []));
const unknowns = ({ findings }: Report): string[] => findings.flatMap(({ id, status }) => (status === "unknown" ? [id] : []));

describe("captured hosts", () => {
  test.each(captures.filter((each) => !isCured(each)))("$finding: $file raises it", async ({ finding, file }) => {
    const report = await reportOf(new URL(`${finding}/${file}`, root));
    expect(problems(report)).toContain(finding);
    expect(unknowns(report)).toEqual([]);
    expect([2, 4]).toContain(report.exitCode);
  });

  test.each(captures.filter(isCured))("$finding: $file does not", async ({ finding, file }) => {
    const report = await reportOf(new URL(`${finding}/${file}`, root));
    expect(problems(report)).toEqual([]);
    expect(unknowns(report)).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, plan: [] });
  });

  test("every finding has one that raises it and one that does not", async () => {
    const ids = catalogue.map(({ id }) => id);
    const healthy = await reportOf(new URL("../../samples/healthy-dev-host", root));
    expect(healthy).toMatchObject({ verdict: "healthy", exitCode: 0 });
    expect(healthy.findings.map(({ id, status }) => [id, status])).toEqual(ids.map((id) => [id, "healthy"]));
    const raised = new Set(captures.filter((each) => !isCured(each)).map(({ finding }) => finding));
    expect(ids.filter((id) => !raised.has(id))).toEqual([]);
  });

  test("the sample of a host after its reboot has a plan", async () => {
    const report = await reportOf(new URL("../../samples/rebooted-dev-host", root));
    expect(report).toMatchObject({ verdict: "planned", exitCode: 2 });
    expect(problems(report)).toEqual(expect.arrayContaining(["thinpool-missing", "bridge-name-missing", "macvtap-unavailable"]));
  });
});

describe("a capture of another machine", () => {
  const released = {
    fedora: { lines: ['NAME="Fedora Linux"', "ID=fedora", "VERSION_ID=41"], package: "kernel-modules-extra-6.11.4-301.fc41.aarch64" },
    ubuntu: { lines: ['NAME="Ubuntu"', "ID=ubuntu", "ID_LIKE=debian", 'VERSION_ID="24.04"'], package: "linux-modules-extra-6.11.4-301.fc41.aarch64" },
  };

  test.each(Object.entries(released))("%s on another architecture: its own package, its own kernel", async (_name, { lines, package: name }) => {
    const text = readFileSync(new URL("macvtap-unavailable/macvtap-blocked.file-missing.json", root), "utf8");
    const [, kernel = ""] = /"kernel": "([^"]+)"/.exec(text) ?? [];
    const capture = parseCapture(text.replaceAll(kernel, "6.11.4-301.fc41.aarch64"), "other");
    const { answer } = capture.answers.find(({ ask }) => ask.ask === "file" && ask.path === "/etc/os-release") ?? {};
    if (answer?.kind !== "known") throw new Error("the capture has no os-release");
    Object.assign(answer.value as object, { text: `${lines.join("\n")}\n` });
    const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => new CapturedHost(capture) });
    expect(problems(report)).toContain("macvtap-unavailable");
    expect(JSON.stringify([report.plan, report.refusals])).toContain(name);
  });
});

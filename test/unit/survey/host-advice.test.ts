import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../../src/catalogue.generated.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { dryRun } from "../../../src/run.ts";
import { text } from "../../../src/views/text.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { a, blobs, c, clock, rebooted } from "../../support/rebooted.ts";

describe("a not_before far in the future", () => {
  const withNotBefore = (seconds: number): Record<string, string> =>
    Object.fromEntries(Object.entries(blobs).map(([path, blob]) => [path, blob.replace(/"not_before":\d+/, `"not_before":${String(seconds)}`)]));
  const report = async (files: Record<string, string>) =>
    (await dryRun({ catalogue, policy: defaultPolicy, host: () => fakeHost(rebooted({ files })) })).report;

  test("is said, in the advice and in the text, with the clock as what to look at", async () => {
    const told = await report(withNotBefore(Math.floor(clock.nowMs / 1000) + 86_400));
    const message = told.advice.map((each) => each.message).find((each) => each.includes("not_before")) ?? "";
    expect(message).toMatch(/until 2026-11-25T21:19:1\d\.000Z.*further ahead than failures can set it.*timedatectl/);
    for (const id of [a, c]) expect(message).toContain(id);
    const shown = text(told, { color: false, width: 0, verbose: false, from: null, unobservable: null, log: null });
    expect(shown).toContain("further ahead than failures can set it");
  });

  test("one that no date can hold, too", async () =>
    expect(JSON.stringify((await report(withNotBefore(9e15))).advice)).toContain("further ahead than failures can set it"));

  test("one that a failure did set is nothing to speak of", async () => expect(JSON.stringify((await report(blobs)).advice)).not.toContain("not_before"));
});

describe("a journal that cannot be read", () => {
  const lookAt = async (commands: NonNullable<FakeHost["commands"]>) =>
    (await dryRun({ catalogue, policy: defaultPolicy, host: () => fakeHost(rebooted({ commands })) })).report;

  test("is said, and faults are told all the same", async () => {
    const report = await lookAt({ journalctl: { status: 1, stderr: "Failed to open the journal: Permission denied" } });
    expect(report.advice.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^what flintlockd and containerd said could not be read.*Permission denied/),
    );
    expect(report.findings.find(({ id }) => id === "thinpool-missing")?.status).toBe("problem");
  });

  test("and one that can is nothing to speak of", async () => expect(JSON.stringify((await lookAt({})).advice)).not.toContain("could not be read"));
});

test("a host whose signs disagree is told so, with the signs", async () => {
  const files = { "/etc/opt/flintlockd/config.yaml": "insecure: true\nbridge-name: br0\ncontainerd-socket: /run/containerd/containerd.sock\n" };
  const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => fakeHost(rebooted({ files })) });
  expect(report.host.profile).toBe("unknown");
  expect(report.advice.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(
      /^it cannot be told whether this is a dev or a prod host.*containerd-socket is \/run\/containerd\/containerd\.sock.*requires containerd-dev\.service/,
    ),
  );
});

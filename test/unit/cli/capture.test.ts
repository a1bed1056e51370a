/** What a capture of a whole host keeps, and what of a sick one. */

import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../../src/catalogue.generated.ts";
import { look } from "../../../src/detector.ts";
import { bounded, captureText, CapturedHost, emptyCapture, parseCapture, recording } from "../../../src/host/capture.ts";
import { LinuxHost } from "../../../src/host/linux.ts";
import { unknown, type Inspector } from "../../../src/host/inspector.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import { dryRun, signaturesOf } from "../../../src/run.ts";
import { maskSecrets } from "../../../src/secrets.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost } from "../../support/fake-host.ts";
import { bootId, blobs, evidenceFixture, rebooted } from "../../support/rebooted.ts";
import { shown } from "../../support/services.ts";

const planted = "hunter2-S3cr3t";

async function captured(host: Inspector): Promise<string> {
  const recorder = recording(host, maskSecrets);
  await look(new Survey(recorder, defaultPolicy, signaturesOf(catalogue), "ignore"), catalogue);
  return captureText({ ...emptyCapture("1", "2026-11-24T21:19:20.000Z"), answers: recorder.capture() });
}

const said = (message: string): string =>
  JSON.stringify({
    __CURSOR: "c",
    __REALTIME_TIMESTAMP: "1795555150000000",
    __MONOTONIC_TIMESTAMP: "31000000",
    _BOOT_ID: bootId,
    _SYSTEMD_UNIT: "flintlockd.service",
    _SYSTEMD_INVOCATION_ID: "656c116f18394eb2aa707559fbdd9d6b",
    _UID: "0",
    _TRANSPORT: "stdout",
    MESSAGE: message,
  });

describe("no planted secret is in a capture", () => {
  const cases: [string, Parameters<typeof rebooted>[0]][] = [
    ...[
      planted,
      `"${planted}"`,
      `'${planted}'`,
      `|\n  ${planted}`,
      `>-\n  ${planted}`,
      `!!str ${planted}`,
      `&a "${planted}"`,
      `"${planted}\n  ${planted}"`,
    ].map((value): [string, Parameters<typeof rebooted>[0]] => [
      `the configuration: ${JSON.stringify(value)}`,
      { files: { "/etc/opt/flintlockd/config.yaml": `bridge-name: br0\nbasic-auth-token: ${value}\nparent-iface: eth0\n` } },
    ]),
    ...[
      `Environment=BASIC_AUTH_TOKEN=${planted} http_proxy=http://user:${planted}@proxy:3128 A=b`,
      `Environment="MY_PASSWORD=${planted} ${planted}" A=b`,
      `ExecStart={ path=/usr/local/bin/flintlockd ; argv[]=/usr/local/bin/flintlockd run --basic-auth-token ${planted} ; ignore_errors=no }`,
      `ExecStart={ path=/usr/local/bin/flintlockd ; argv[]=/usr/local/bin/flintlockd run --basic-auth-token=${planted} ; ignore_errors=no }`,
    ].map((line): [string, Parameters<typeof rebooted>[0]] => [
      `the unit: ${line.slice(0, 40)}`,
      { commands: { "systemctl show": shown("rebooted").replace("Id=flintlockd.service\n", `Id=flintlockd.service\n${line}\n`) } },
    ]),
    [
      "containerd's registries",
      {
        files: {
          "/etc/containerd/config-dev.toml": `version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.configs."r".auth]\nusername = "u"\npassword = "${planted}"\nauth = "${planted}"\nidentitytoken = "${planted}"\n`,
        },
      },
    ],
    [
      "the log",
      {
        commands: {
          journalctl: [
            said(`level=error msg="pulling https://user:${planted}@registry/x: denied"`),
            said(`level=error msg="request" header="Authorization: Bearer ${planted}"`),
            said(`level=error msg="bad \\"password\\": \\"${planted}\\""`),
            said(`-----BEGIN OPENSSH PRIVATE KEY-----\n${planted}\n-----END OPENSSH PRIVATE KEY-----`),
          ].join("\n"),
        },
      },
    ],
    [
      "the records: what cloud-init is told",
      {
        files: Object.fromEntries(
          Object.entries(blobs).map(([path, text]) => [
            path,
            text.replace(/"metadata":(?:\{[^}]*\}|null)/, `"metadata":{"user-data":"${planted}","meta-data":"${planted}"}`),
          ]),
        ),
      },
    ],
  ];

  test.each(cases)("%s", async (_name, changes) => {
    const host = fakeHost(rebooted(changes));
    expect(JSON.stringify(rebooted(changes))).toContain(planted);
    const text = await captured(host);
    expect(text).not.toContain(planted);
    // It was looked at, and only masked.
    expect(text).toContain("********");
  });
});

describe("a sick host", () => {
  test("that answers every other question is captured, and the capture can be looked at", async () => {
    const whole = fakeHost(rebooted());
    let asked = 0;
    const half: Inspector = {
      ask: (question) => (question.ask !== "clock" && (asked += 1) % 2 === 0 ? Promise.resolve(unknown("no answer within 10 s")) : whole.ask(question)),
    };
    const capture = parseCapture(await captured(half), "x");
    const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => new CapturedHost(capture) });
    expect(report.findings).toHaveLength(catalogue.length);
    expect(report.findings.some(({ status }) => status === "unknown")).toBe(true);
  });

  test("whose commands never end is captured when the time is up, and the capture names them", async () => {
    const hanging = new LinuxHost(AbortSignal.timeout(200));
    const whole = fakeHost(rebooted());
    // A minute for each of them, one after the other, would end this test.
    const sick = {
      ask: (question) => (question.ask === "command" ? hanging.ask({ ask: "command", argv: ["sleep", "60"] }) : whole.ask(question)),
    } as Inspector;
    const recorder = recording(sick, maskSecrets);
    await look(new Survey(recorder, defaultPolicy, signaturesOf(catalogue), "ignore"), catalogue);
    const { notes } = bounded(emptyCapture("1", "2026-11-24T21:19:20.000Z"), recorder.capture(), 1e6);
    expect(notes.filter((note) => note.startsWith('no answer: {"ask":"command"')).length).toBeGreaterThan(0);
  });

  test.each([0, 1_000, 20_000, 1e9])("that says too much: at most %d bytes, what is left out is named, and the rest can be looked at", async (most) => {
    const recorder = recording(fakeHost(rebooted()), maskSecrets);
    await look(new Survey(recorder, defaultPolicy, signaturesOf(catalogue), "ignore"), catalogue);
    const all = recorder.capture();
    const made = bounded(emptyCapture("1", "2026-11-24T21:19:20.000Z"), all, most);
    expect(JSON.stringify(made.answers).length).toBeLessThanOrEqual(most + made.answers.length + 2);
    const left = made.notes.filter((note) => note.startsWith("left out, the capture would be larger than"));
    expect(made.answers.length + left.length).toBe(all.length);
    expect(left.length > 0).toBe(most < 1e9);
    const capture = parseCapture(captureText(made), "x");
    const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => new CapturedHost(capture) });
    expect(report.findings).toHaveLength(catalogue.length);
  });

  test("what it says is there for a person to read", async () => expect(await captured(fakeHost(rebooted()))).toContain('"bridge-name: '));
});

test("the fixtures hold what is replaced above", () => {
  expect(Object.values(blobs).join("")).toMatch(/"metadata":(?:\{[^}]*\}|null)/);
  expect(shown("rebooted")).toContain("Id=flintlockd.service\n");
  expect(evidenceFixture("rebooted.journal")).toContain("__CURSOR");
});

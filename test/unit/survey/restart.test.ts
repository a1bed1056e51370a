import { describe, expect, test } from "@jest/globals";
import { defaultPolicy } from "../../../src/policy.ts";
import { restartFacts } from "../../../src/survey/restart.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { devFiles, shown } from "../../support/services.ts";

const lists = "TYPE ID PLATFORMS STATUS\nio.containerd.snapshotter.v1 devmapper linux/amd64 ok\n";
const failed = { status: 1, stderr: "ctr: failed to dial" };

describe("whether a cure asks ctr for the snapshotter", () => {
  test.each<[string, FakeHost["commands"], files: string[], asked: string | null]>([
    ["ctr answers", { "ctr --address": lists }, ["/usr/bin/ctr"], "ctr"],
    ["containerd does not answer, and ctr works", { "ctr --address": failed, "ctr --version": "ctr v1.6.20" }, ["/usr/bin/ctr"], "ctr"],
    ["neither answers: ctr hangs", { "ctr --address": failed }, ["/usr/bin/ctr"], null],
    ["ctr is broken", { "ctr --address": failed, "ctr --version": { status: 127 } }, ["/usr/bin/ctr"], null],
    ["ctr is not there", { "ctr --address": lists }, [], null],
  ])("%s", async (_name, commands, files, asked) => {
    const there = Object.fromEntries([...files, "/run/containerd-dev/containerd.sock"].map((path) => [path, ""]));
    const host = fakeHost({ files: { ...devFiles, ...there }, commands: { "systemctl show": shown("healthy"), ...commands } });
    const survey = new Survey(host, defaultPolicy, []);
    expect((await restartFacts(survey)).ctr).toBe(asked);
  });
});

import { expect, test } from "@jest/globals";
import { isInstalled } from "../../../src/survey/programs.ts";
import { unknown } from "../../../src/host/inspector.ts";
import { fakeHost } from "../../support/fake-host.ts";

test("a program is there by its file in any folder of the PATH, and where that cannot be told", async () => {
  expect(await isInstalled(fakeHost({ files: { "/usr/local/bin/ctr": "" } }), "ctr")).toBe(true);
  expect(await isInstalled(fakeHost({ files: { "/opt/ctr": "" } }), "ctr")).toBe(false);
  expect(await isInstalled({ ...fakeHost({}), ask: () => Promise.resolve(unknown("denied")) }, "ctr")).toBe(true);
});

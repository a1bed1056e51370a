import { describe, expect, test } from "@jest/globals";
import { parsePolicy } from "../../../src/policy-file.ts";

const read = (text: string): ReturnType<typeof parsePolicy> => parsePolicy(text, "/p.yaml", ["thinpool-missing"]);

describe("the policy of automation", () => {
  test("groups are mappings, each value with its origin", () => {
    const { values, origins } = read(
      "brakes:\n  attempts: 5\n  cool-down-dev: 0s\nunattended:\n  prod: [load-macvlan]\nnotify:\n  command: [/bin/tell, -v]\nmetrics:\n",
    );
    expect(values).toEqual({ attempts: 5, coolDownDevMs: 0, unattendedProd: ["load-macvlan"], notifyCommand: ["/bin/tell", "-v"] });
    expect(origins).toMatchObject({ attempts: "/p.yaml:2", coolDownDevMs: "/p.yaml:3", unattendedProd: "/p.yaml:5" });
  });

  test.each([
    ["brakes: 3\n", "/p.yaml:1:1: brakes: expected a mapping"],
    ["brakes:\n  attemps: 3\n", '/p.yaml:2:3: unknown key "brakes.attemps"'],
    ["brakes:\n  attempts: -1\n", "/p.yaml:2:3: brakes.attempts: expected a whole number"],
    ["unattended:\n  dev: [provision-direct-lvm]\n", "/p.yaml:2:3: unattended.dev: expected a list of"],
    ["notify:\n  command: [tell]\n", "absolute path"],
    ["notify:\n  on: [everything]\n", "expected a list of: cured, failed"],
  ])("%j is refused with line and column", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { accepted, configFolders, configNames, durationMs, fileSetting, flagsOf } from "../../../src/facts/flintlockd-config.ts";
import { parseMapping } from "../../../src/facts/mapping.ts";

const inFile = (text: string, flag: string): string | null => {
  const parsed = parseMapping(text);
  return "entries" in parsed ? (fileSetting(parsed.entries, flag)?.value ?? null) : null;
};

// Each seen with a real flintlockd.
test.each([
  ["bridge-name: br0\n", "bridge-name", "br0"],
  ["Bridge-Name: br0\n", "bridge-name", "br0"],
  ["bridge-name:\n", "bridge-name", null],
  ["bridge-name: ''\n", "bridge-name", ""],
  ["bridge-name: [a, b]\n", "bridge-name", "[a b]"],
  ["x: &b br0\nbridge-name: *b\n", "bridge-name", "br0"],
  ["x: &n false\nfirecracker-detach: *n\n", "firecracker-detach", "false"],
  ["x: &n [a, b]\nbridge-name: *n\n", "bridge-name", "[a b]"],
  ["x: &n\nbridge-name: *n\n", "bridge-name", null],
  ["enable-http: yes\n", "enable-http", null],
  ["enable-http: 'true'\n", "enable-http", "true"],
  ["enable-http: True\n", "enable-http", "true"],
  ["enable-http: 1\n", "enable-http", "true"],
  ["resync-period: 600\n", "resync-period", null],
  ["resync-period: 5m\n", "resync-period", "5m"],
  ["maximum-retry: 0x10\n", "maximum-retry", "16"],
  ["maximum-retry: many\n", "maximum-retry", null],
])("%j: %s is %j", (text, flag, value) => {
  expect(inFile(text, flag)).toBe(value);
});

describe("flags", () => {
  test("as pflag takes them: the last counts, a bool needs no value", () => {
    const flags = flagsOf([
      "/usr/local/bin/flintlockd",
      "run",
      "--bridge-name",
      "br0",
      "--bridge-name=br1",
      "--enable-http",
      "--parent-iface=",
      "-v",
      "9",
      "-v2",
      "--",
      "--insecure",
    ]);
    expect(Object.fromEntries(flags)).toEqual({ "bridge-name": "br1", "enable-http": "true", "parent-iface": "", verbosity: "2" });
  });

  test("no words make it throw", () => {
    fc.assert(fc.property(fc.array(fc.string()), (argv) => expect(flagsOf(argv).size).toBeGreaterThanOrEqual(0)));
  });
});

test.each([
  ["10m0s", 600_000],
  ["1h30m", 5_400_000],
  ["1.5s", 1_500],
  ["0", 0],
  ["-1m", -60_000],
  ["600", null],
  ["", null],
  ["5 m", null],
  ["1.2.3s", null],
])("duration %j", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test("a value that the flag refuses leaves it as it was", () => {
  expect([accepted("insecure", "maybe"), accepted("insecure", "T"), accepted("verbosity", "x"), accepted("bridge-name", "anything")]).toEqual([
    null,
    "true",
    null,
    "anything",
  ]);
});

test("viper looks where it looks", () => {
  expect(configNames[0]).toBe("config.json");
  expect(configNames.at(-1)).toBe("config");
  expect(configFolders(new Map(), "/root")).toEqual(["/etc/opt/flintlockd", "/root/.config/flintlockd"]);
  expect(configFolders(new Map([["XDG_CONFIG_HOME", "/x/"]]), "/root")).toEqual(["/etc/opt/flintlockd", "/x/flintlockd"]);
  expect(configFolders(new Map(), null)).toEqual(["/etc/opt/flintlockd", "/.config/flintlockd"]);
});

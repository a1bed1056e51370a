import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { clean, flagsOf, generationOf, importsOf, matches, readContainerdConfig, type ConfigDocument } from "../../../src/facts/containerd-config.ts";
import { parseToml } from "../../../src/facts/toml.ts";

const none = { config: null, root: null, state: null, address: null };
function document(text: string, path = "/etc/containerd/config.toml"): ConfigDocument {
  const parsed = parseToml(text);
  if ("problem" in parsed) throw new Error(parsed.problem.message);
  return { path, text, table: parsed.table };
}
const dev = readFileSync(new URL("../../fixtures/storage/config-dev.toml", import.meta.url), "utf8");
const section = (lines: string): string => `version = 2\n[plugins."io.containerd.snapshotter.v1.devmapper"]\n${lines}\n`;

describe("flags of the command line", () => {
  test.each([
    ["containerd --config /a.toml", { config: "/a.toml" }],
    ["containerd -c /a.toml --root=/r --state /s", { config: "/a.toml", root: "/r", state: "/s" }],
    ["containerd -config=/a.toml -a /x.sock", { config: "/a.toml", address: "/x.sock" }],
    ["containerd --address /x.sock --log-level debug", { address: "/x.sock" }],
    ["containerd", {}],
    ["containerd --config", {}],
  ])("%s", (line, expected) => {
    expect(flagsOf(line.split(" "))).toEqual({ ...none, ...expected });
  });
});

describe("what the files say", () => {
  test("what provision.sh writes", () => {
    expect(readContainerdConfig([document(dev, "/etc/containerd/config-dev.toml")], none, 1)).toEqual({
      poolName: "flintlock-dev-thinpool",
      poolFile: "/etc/containerd/config-dev.toml",
      poolLine: 14,
      rootPath: "/var/lib/containerd-dev/snapshotter/devmapper",
      root: "/var/lib/containerd-dev",
      state: "/run/containerd-dev",
      address: "/run/containerd-dev/containerd.sock",
      disabled: false,
      replaced: null,
    });
  });

  test("containerd's defaults", () => {
    expect(readContainerdConfig([], none, 2)).toMatchObject({
      poolName: null,
      rootPath: null,
      root: "/var/lib/containerd",
      address: "/run/containerd/containerd.sock",
    });
    expect(readContainerdConfig([document(section('pool_name = "p"'))], { ...none, root: "/r" }, 1).rootPath).toBe("/r/io.containerd.snapshotter.v1.devmapper");
  });

  const imported = (lines: string): ConfigDocument => document(section(lines), "/etc/containerd/conf.d/a.toml");
  const base = document(section('pool_name = "p"\nroot_path = "/a"'));

  test("a flag beats the file, an import beats what imports it", () => {
    expect(readContainerdConfig([base, imported('pool_name = "q"')], { ...none, address: "/x.sock" }, 2)).toMatchObject({
      poolName: "q",
      poolFile: "/etc/containerd/conf.d/a.toml",
      poolLine: 3,
      rootPath: "/a",
      address: "/x.sock",
    });
  });

  test.each([
    ["another key", "async_remove = true", 1, null, null],
    ["another key", "async_remove = true", 2, "p", "/a"],
    ["the pool alone", 'pool_name = "q"', 1, "q", "/var/lib/containerd/io.containerd.snapshotter.v1.devmapper"],
    ["the pool alone", 'pool_name = "q"', 2, "q", "/a"],
    ["an empty name", 'pool_name = ""', 1, null, null],
    ["an empty name", 'pool_name = ""', 2, null, null],
  ] as const)("an import with %s in the section (%s), under containerd %i", (_, lines, generation, poolName, rootPath) => {
    const replaced = poolName === null ? { path: "/etc/containerd/config.toml", by: "/etc/containerd/conf.d/a.toml" } : null;
    expect(readContainerdConfig([base, imported(lines)], none, generation)).toMatchObject({ poolName, rootPath, replaced });
  });

  test("an import with the section of another plugin, or an empty text elsewhere, takes nothing away", () => {
    const top = document('root = "/r"\n[grpc]\naddress = "/g.sock"\n');
    const more = document('version = 2\nroot = ""\n[grpc]\naddress = ""\n[plugins."io.containerd.gc.v1.scheduler"]\npause_threshold = 0.5\n', "/b.toml");
    for (const generation of [1, 2] as const)
      expect(readContainerdConfig([top, base, more], none, generation)).toMatchObject({ poolName: "p", rootPath: "/a", root: "/r", address: "/g.sock" });
  });

  test.each([
    ["containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1\n", 1],
    ["containerd github.com/containerd/containerd v1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182\n", 1],
    ["containerd github.com/containerd/containerd/v2 2.2.7+unknown \n", 2],
    ["containerd containerd.io 1.7.27 05044ec0a9a75232cad458027ca83437aae3f4da\n", 1],
    ["no such option\n", null],
    ["", null],
  ])("%j is containerd %s", (text, generation) => {
    expect(generationOf(text)).toBe(generation);
  });

  test.each([
    ["version 3", 'version = 3\n[plugins."io.containerd.snapshotter.v1.devmapper"]\npool_name = "p"\n', "p"],
    ["version 1", '[plugins.devmapper]\npool_name = "p"\n', "p"],
    ["a dotted key", 'version = 2\nplugins."io.containerd.snapshotter.v1.devmapper".pool_name = "p"\n', "p"],
    ["a short name in version 2", 'version = 2\n[plugins.devmapper]\npool_name = "p"\n', null],
    ["an empty name", section('pool_name = ""'), null],
  ])("%s", (_, text, poolName) => {
    expect(readContainerdConfig([document(text)], none, 2).poolName).toBe(poolName);
  });

  test("the line of pool_name is the one of the snapshotter", () => {
    const text = `version = 2\n[plugins.other]\n# pool_name = "no"\npool_name = "no"\n${section('root_path = "/a"\npool_name = "p"').slice(12)}`;
    expect(readContainerdConfig([document(text)], none, 2).poolLine).toBe(7);
  });

  test("disabled, and the socket of the newest containerd", () => {
    expect(readContainerdConfig([document('disabled_plugins = ["io.containerd.snapshotter.v1.devmapper"]\n')], none, 1).disabled).toBe(true);
    expect(readContainerdConfig([document('[plugins."io.containerd.server.v1.grpc"]\naddress = "/y.sock"\n')], none, 2).address).toBe("/y.sock");
  });

  test("a syntax error has its place", () => {
    expect(parseToml("a = 1\nb = \n")).toEqual({ problem: expect.objectContaining({ line: 2 }) });
  });
});

describe("imports", () => {
  test("relative to the file, cleaned", () => {
    expect(importsOf("/etc/containerd/config.toml", { imports: ["conf.d/*.toml", "../x.toml", "/a/./b.toml", 3] })).toEqual([
      "/etc/containerd/conf.d/*.toml",
      "/etc/x.toml",
      "/a/b.toml",
    ]);
    expect(clean("/a//b/../c/")).toBe("/a/c");
  });

  test.each([
    ["*.toml", "a.toml", true],
    ["*.toml", "a.toml.bak", false],
    ["a*b*c", "axxbyyc", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["*", "", true],
    ["", "a", false],
  ])("%s against %s", (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  test("a name matches itself, and a star everything", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(matches(name.replaceAll(/[*?]/g, "x"), name.replaceAll(/[*?]/g, "x"))).toBe(true);
        expect(matches("*", name)).toBe(true);
      }),
    );
  });

  test("no text makes the parser throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseToml(text)));
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { isDevmapper, parsePlugins, pluginErrors } from "../../../src/facts/plugins.ts";
import { faultyDevices, whyNotLoaded, type PluginLook } from "../../../src/facts/snapshotter.ts";

const text = (name: string): string => readFileSync(new URL(`../../fixtures/storage/${name}`, import.meta.url), "utf8");
const snapshotter = "io.containerd.snapshotter.v1.devmapper";

describe("ctr plugins ls", () => {
  test.each([
    ["plugins-healthy", "ok", 0],
    ["plugins-rebooted", "error", 1],
    ["plugins-rebooted-c2", "error", 36],
  ])("%s", (name, status, errors) => {
    const plugins = parsePlugins(text(name)) ?? [];
    expect(plugins.find(isDevmapper)?.status).toBe(status);
    expect(plugins.filter((plugin) => plugin.status === "error")).toHaveLength(errors);
  });

  test("anything else is no list", () => {
    expect(parsePlugins("ctr: failed to dial")).toBeNull();
    expect(parsePlugins("")).toBeNull();
    expect(parsePlugins("TYPE ID PLATFORMS STATUS\n\nx\n")).toEqual([]);
  });

  test("the plugin's own words", () => {
    expect(pluginErrors(text("plugins-detailed-rebooted")).get(snapshotter)).toBe(
      'failed to query pool "/dev/mapper/flintlock-dev-thinpool": no such device or address',
    );
    expect(pluginErrors(text("plugins-detailed-recreated-empty")).get(snapshotter)).toContain(
      'failed to activate new thin device "flintlock-dev-thinpool-snap-3" (dev: 3): no data available',
    );
    expect(pluginErrors("")).toEqual(new Map());
  });

  test("no text makes a parser throw", () => {
    fc.assert(
      fc.property(fc.string(), (any) => {
        parsePlugins(any);
        pluginErrors(any);
      }),
    );
  });
});

describe("whether a restart would load it", () => {
  const look = (changes: Partial<PluginLook>): PluginLook => ({
    message: 'failed to query pool "/dev/mapper/p": no such device or address',
    poolName: "p",
    poolEmpty: false,
    remembered: 3,
    root: "/var/lib/containerd-dev",
    rootPath: "/var/lib/containerd-dev/snapshotter/devmapper",
    units: { containerd: "containerd-dev.service", flintlockd: "flintlockd.service" },
    ...changes,
  });

  test("it came before the pool, or says nothing: yes", () => {
    expect(whyNotLoaded(look({}))).toBeNull();
    expect(whyNotLoaded(look({ message: "" }))).toBeNull();
    expect(whyNotLoaded(look({ poolEmpty: true, remembered: 0 }))).toBeNull();
    expect(whyNotLoaded(look({ poolEmpty: true, remembered: null }))).toBeNull();
  });

  test.each<[string, Partial<PluginLook>]>([
    ["POOL_IS_EMPTY", { poolEmpty: true }],
    [
      "VOLUMES_NOT_IN_POOL",
      { message: 'failed to check devices state: 1 error occurred: * devmapper: failed to activate new thin device "p-snap-2" (dev: 2): no data available' },
    ],
    ["TOOL_MISSING", { message: 'exec: "dmsetup": executable file not found in $PATH' }],
    ["TOOL_MISSING", { message: 'exec: "blkdiscard": executable file not found in $PATH' }],
    ["PLUGIN_MISCONFIGURED", { message: "base_image_size is required" }],
  ])("%s", (code, changes) => {
    expect(whyNotLoaded(look(changes))).toMatchObject({ code });
  });

  test("the way out names this host's own paths", () => {
    expect(whyNotLoaded(look({ poolEmpty: true }))?.hint).toContain(
      "mv /var/lib/containerd-dev.old/snapshotter/devmapper/data /var/lib/containerd-dev.old/snapshotter/devmapper/metadata /var/lib/containerd-dev/snapshotter/devmapper/",
    );
  });

  test("faulty volumes", () => {
    expect(
      faultyDevices([
        { name: "a", state: 4, error: "" },
        { name: "b", state: 13, error: "x" },
      ]),
    ).toEqual(["b"]);
  });
});

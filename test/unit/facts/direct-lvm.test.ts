import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { chooseLvm, thinPools, volumeCommands, type LvmLook } from "../../../src/facts/direct-lvm.ts";
import { deviceNameOf, listed, namesOf, parseActivation, parseReport, parseSystemId, type Row } from "../../../src/facts/lvm.ts";
import type { Lvm } from "../../../src/survey/lvm.ts";

const rows = (name: string, kind: "vg" | "pv" | "lv"): Row[] =>
  parseReport(readFileSync(new URL(`../../fixtures/storage/${name}`, import.meta.url), "utf8"), kind) ?? [];
const groups = rows("vgs.json", "vg");
const physical = rows("pvs.json", "pv");
const logical = rows("lvs.json", "lv");

function look(changes: Partial<Lvm> = {}, more: Partial<LvmLook> = {}): LvmLook {
  const lvm = {
    volumeGroups: groups,
    physicalVolumes: physical,
    logicalVolumes: logical,
    activation: { volumeList: null, autoActivationVolumeList: null },
    systemId: "",
    warnings: [],
    ...changes,
  };
  return { pool: "flintlock-thinpool", poolWhere: "/etc/containerd/config.toml:8", containerdUnit: "containerd.service", lvm, remembered: 0, ...more };
}
const group = (changes: Row): Partial<Lvm> => ({ volumeGroups: groups.map((row) => ({ ...row, ...changes })) });
const pool = (changes: Row): Partial<Lvm> => ({ logicalVolumes: logical.map((row) => (row["lv_name"] === "thinpool" ? { ...row, ...changes } : row)) });
const linear = (name: string): Row => ({ vg_name: "flintlock", lv_name: name, segtype: "linear" });
const renamed = (name: string): Partial<Lvm> => ({
  volumeGroups: groups.map((row) => ({ ...row, vg_name: name })),
  logicalVolumes: logical.map((row) => ({ ...row, vg_name: name })),
  physicalVolumes: physical.map((row) => ({ ...row, vg_name: name })),
});

describe("names", () => {
  test.each([
    ["flintlock-thinpool", "flintlock", "thinpool"],
    ["flint--prod-thinpool", "flint-prod", "thinpool"],
    ["a-b--c", "a", "b-c"],
  ])("%s", (name, volumeGroup, logicalVolume) => {
    expect(namesOf(name)).toEqual({ volumeGroup, logicalVolume });
    expect(deviceNameOf(volumeGroup, logicalVolume)).toBe(name);
  });

  test.each(["flintlock-dev-thinpool", "thinpool", "", "-x", "a-"])("%s is none", (name) => {
    expect(namesOf(name)).toBeNull();
  });

  test("doubling is undone, whatever the names", () => {
    const name = fc.stringMatching(/^[a-z0-9_.+][a-z0-9_.+-]{0,20}[a-z0-9_]$/);
    fc.assert(
      fc.property(name, name, (volumeGroup, logicalVolume) => {
        expect(namesOf(deviceNameOf(volumeGroup, logicalVolume))).toEqual({ volumeGroup, logicalVolume });
      }),
    );
  });
});

describe("what is done", () => {
  test("the group is there: activate", () => {
    expect(chooseLvm(look())).toEqual({ is: "activate", volume: { pool: "flintlock-thinpool", volumeGroup: "flintlock", logicalVolume: "thinpool" } });
  });

  test("there is none, and nothing is remembered: make it", () => {
    expect(chooseLvm(look({ volumeGroups: [], physicalVolumes: [], logicalVolumes: [] }))).toMatchObject({ is: "provision", from: "nothing" });
  });

  test.each([
    ["group", []],
    ["data", ["thinpool"]],
    ["metadata", ["thinpool", "thinpoolmeta"]],
  ])("begun by this tool: go on from %s", (from, names) => {
    expect(chooseLvm(look({ ...group({ vg_tags: "a,flintlock-fix" }), logicalVolumes: names.map(linear) }))).toMatchObject({ is: "provision", from });
  });

  test("each stage has the commands that are left", () => {
    const volume = { pool: "flintlock-thinpool", volumeGroup: "flintlock", logicalVolume: "thinpool" };
    expect(volumeCommands(volume, "nothing").map(([program]) => program)).toEqual(["lvcreate", "lvcreate", "lvconvert"]);
    expect(volumeCommands(volume, "group")).toEqual(volumeCommands(volume, "nothing"));
    expect(volumeCommands(volume, "data")).toHaveLength(2);
    expect(volumeCommands(volume, "metadata")).toHaveLength(1);
  });

  test("a list that names the group lets it be activated", () => {
    expect(chooseLvm(look({ activation: { volumeList: ["flintlock"], autoActivationVolumeList: ["flintlock/thinpool"] } }))).toMatchObject({ is: "activate" });
  });
});

describe("what is refused", () => {
  test.each<[string, Partial<Lvm>, Partial<LvmLook>]>([
    ["FOREIGN_SYSTEM_ID", group({ vg_systemid: "other" }), {}],
    ["FOREIGN_SYSTEM_ID", { ...group({ vg_systemid: "other" }), systemId: "this" }, {}],
    ["SHARED_LOCK_TYPE", group({ vg_lock_type: "sanlock" }), {}],
    ["VOLUME_GROUP_EXPORTED", group({ vg_exported: "exported" }), {}],
    ["MISSING_PHYSICAL_VOLUME", group({ vg_missing_pv_count: "1" }), {}],
    ["MISSING_PHYSICAL_VOLUME", group({ vg_partial: "partial" }), {}],
    ["MISSING_PHYSICAL_VOLUME", { physicalVolumes: [{ pv_name: "[unknown]", vg_name: "flintlock", pv_missing: "missing" }] }, {}],
    ["DUPLICATE_PHYSICAL_VOLUME", { physicalVolumes: physical.map((row) => ({ ...row, vg_name: "flintlock", pv_duplicate: "duplicate" })) }, {}],
    ["DUPLICATE_PHYSICAL_VOLUME", { warnings: ["WARNING: PV lEnTI9 on /dev/sdb was already found on /dev/sdc."] }, {}],
    ["DUPLICATE_PHYSICAL_VOLUME", { warnings: ["WARNING: Not using device /dev/ubdd for PV HaCtZt-pIIX-fNJd-QLAH-tVhx-WsHY-0TbmcX."] }, {}],
    [
      "DUPLICATE_PHYSICAL_VOLUME",
      { warnings: ["WARNING: PV HaCtZt-pIIX-fNJd-QLAH-tVhx-WsHY-0TbmcX prefers device /dev/ubdb because device name matches previous."] },
      {},
    ],
    ["VOLUME_GROUP_TWICE", { volumeGroups: [...groups, ...groups] }, {}],
    ["ACTIVATION_SWITCHED_OFF", { activation: { volumeList: ["other"], autoActivationVolumeList: null } }, {}],
    ["ACTIVATION_SWITCHED_OFF", { activation: { volumeList: null, autoActivationVolumeList: ["@tag"] } }, {}],
    ["ACTIVATION_SWITCHED_OFF", group({ vg_autoactivation: "" }), {}],
    ["ACTIVATION_SWITCHED_OFF", pool({ lv_autoactivation: "" }), {}],
    ["ACTIVATION_SWITCHED_OFF", pool({ lv_skip_activation: "skip activation" }), {}],
    ["POOL_NEEDS_REPAIR", pool({ lv_health_status: "metadata read only" }), {}],
    ["HALF_MADE_VOLUME_GROUP", { logicalVolumes: [] }, {}],
    ["HALF_MADE_VOLUME_GROUP", { logicalVolumes: [linear("home")] }, {}],
    ["HALF_MADE_VOLUME_GROUP", { ...group({ vg_tags: "flintlock-fix" }), logicalVolumes: [linear("thinpool"), linear("home")] }, {}],
    ["POOL_NAME_WRONG", {}, { pool: "flintlock-pool" }],
    ["POOL_NAME_MISMATCH", renamed("flint-prod"), { pool: "flint-prod-thinpool" }],
    ["POOL_NAME_NOT_LVM", {}, { pool: "thinpool" }],
    ["VOLUME_GROUP_GONE", { volumeGroups: [] }, { remembered: 3 }],
    ["VOLUME_GROUP_GONE", { volumeGroups: [] }, { remembered: null }],
  ])("%s", (code, changes, more) => {
    expect(chooseLvm(look(changes, more))).toMatchObject({ is: "refused", reason: { code } });
  });

  test("the right name is said where provision.sh advised the wrong one", () => {
    const choice = chooseLvm(look(renamed("flint-prod"), { pool: "flint-prod-thinpool" }));
    expect(choice.is === "refused" && choice.reason.hint).toBe(
      'set pool_name = "flint--prod-thinpool" in /etc/containerd/config.toml:8, then: systemctl restart containerd.service',
    );
    expect(thinPools(logical)).toEqual(["flintlock-thinpool"]);
  });
});

describe("LVM's own words", () => {
  test("lvmconfig", () => {
    expect(parseActivation('auto_activation_volume_list=["vg0","vg1/lv"]\nvolume_list="@*"\nother=1\n')).toEqual({
      volumeList: ["@*"],
      autoActivationVolumeList: ["vg0", "vg1/lv"],
    });
    expect(parseActivation("")).toEqual({ volumeList: null, autoActivationVolumeList: null });
    expect(parseActivation("volume_list=[]")).toEqual({ volumeList: [], autoActivationVolumeList: null });
    expect(listed([], "vg", "lv")).toBe("no");
    expect(listed(["@*"], "vg", "lv")).toBe("by-tag");
  });

  test("systemid, reports", () => {
    expect(parseSystemId("  system ID: flhost\n")).toBe("flhost");
    expect(parseSystemId("  system ID: \n")).toBe("");
    expect(parseReport("{}", "vg")).toBeNull();
    expect(parseReport("nonsense", "vg")).toBeNull();
  });
});

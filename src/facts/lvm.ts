/** LVM's names, reports and settings (lvm(8), lvmreport(7), lvmsystemid(7), lvmlockd(8), lvm.conf(5)). */

export type Row = Record<string, string>;

/** Device-mapper doubles each hyphen of a name and joins the names with one (lvm2: lib/device-mapper dm_build_dm_name). */
export function deviceNameOf(volumeGroup: string, logicalVolume: string): string {
  return `${volumeGroup.replaceAll("-", "--")}-${logicalVolume.replaceAll("-", "--")}`;
}

/** The volume group and logical volume of a device-mapper name; null where it does not have exactly these two parts. */
export function namesOf(deviceName: string): { volumeGroup: string; logicalVolume: string } | null {
  const [volumeGroup, logicalVolume, ...more] = deviceName
    .replaceAll("--", "\u0000")
    .split("-")
    .map((part) => part.replaceAll("\u0000", "-"));
  if (volumeGroup === undefined || logicalVolume === undefined || more.length > 0) return null;
  return isLvmName(volumeGroup) && isLvmName(logicalVolume) ? { volumeGroup, logicalVolume } : null;
}

/** lvm(8), "VALID NAMES". */
const isLvmName = (name: string): boolean => /^[A-Za-z0-9_.+][A-Za-z0-9_.+-]{0,126}$/.test(name) && name !== "." && name !== "..";

/** Rows of a `--reportformat json` report: `kind` is vg, pv or lv. Null where the text is no such report. */
export function parseReport(text: string, kind: "vg" | "pv" | "lv"): Row[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const reports = isFields(value) ? value["report"] : undefined;
  if (!Array.isArray(reports)) return null;
  return reports.flatMap((report: unknown) => {
    const rows = isFields(report) ? report[kind] : undefined;
    return Array.isArray(rows) ? rows.filter(isFields).map(stringsOf) : [];
  });
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const stringsOf = (fields: Fields): Row => Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? value : ""]));

export interface ActivationSettings {
  /** Null where the list is not set: nothing is switched off by it. */
  volumeList: string[] | null;
  autoActivationVolumeList: string[] | null;
}

/** Of `lvmconfig --type full activation/…`: `name=["a","b"]` or `name="a"`; a setting without a value is left out. */
export function parseActivation(text: string): ActivationSettings {
  const settings: ActivationSettings = { volumeList: null, autoActivationVolumeList: null };
  for (const line of text.split("\n")) {
    const name = /^\s*(volume_list|auto_activation_volume_list)\s*=(.*)$/.exec(line);
    if (!name) continue;
    const list = (name[2] ?? "").match(/"[^"]*"/g)?.map((word) => word.slice(1, -1)) ?? [];
    if (name[1] === "volume_list") settings.volumeList = list;
    else settings.autoActivationVolumeList = list;
  }
  return settings;
}

/** Whether a list lets that volume be activated. A tag (`@…`) is not followed: it may or may not match. */
export function listed(list: readonly string[], volumeGroup: string, logicalVolume: string): "yes" | "no" | "by-tag" {
  if (list.some((item) => item === volumeGroup || item === `${volumeGroup}/${logicalVolume}`)) return "yes";
  return list.some((item) => item.startsWith("@")) ? "by-tag" : "no";
}

/** Of `lvm systemid`: `  system ID: NAME`, empty where this host has none. */
export function parseSystemId(text: string): string {
  return /system ID:[ \t]*(\S*)/.exec(text)?.[1] ?? "";
}

/** What provision.sh writes (apply_lvm_profile). */
export const autoextendProfile = "activation {\nthin_pool_autoextend_threshold=80\nthin_pool_autoextend_percent=20\n}\n";
export const profileName = (volumeGroup: string): string => `${volumeGroup}-thinpool`;
export const profilePath = (volumeGroup: string): string => `/etc/lvm/profile/${profileName(volumeGroup)}.profile`;

/** Marks what this tool has begun to make and not finished: it goes with the last command, and a power cut leaves it. */
export const unfinishedTag = "flintlock-fix";

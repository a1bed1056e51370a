/**
 * Volume groups as they are on disk. `--readonly` takes no lock and asks the kernel's device-mapper for nothing; the settings
 * keep LVM from writing its hints file and metadata backups (lvm(8), lvm.conf(5)).
 */

import { parseActivation, parseReport, parseSystemId, type ActivationSettings, type Row } from "../facts/lvm.ts";
import { known, unknown, type Answer, type Inspector } from "../host/inspector.ts";
import { suspendedDevices } from "./device-mapper.ts";
import type { Survey } from "./survey.ts";

export interface Lvm {
  volumeGroups: Row[];
  logicalVolumes: Row[];
  physicalVolumes: Row[];
  activation: ActivationSettings;
  systemId: string;
  /** What LVM warned of: duplicate or missing devices, unreadable labels. */
  warnings: string[];
}

const readOnly = [
  "--readonly",
  "--nolocking",
  "--config",
  'devices{hints="none"}backup{backup=0 archive=0}global{use_lvmlockd=0 use_lvmpolld=0 notify_dbus=0}activation{monitoring=0}',
];

export const reportCommand = (program: "vgs" | "pvs" | "lvs"): string[] => [
  program,
  ...readOnly,
  "--foreign",
  "--shared",
  "--reportformat",
  "json",
  "--units",
  "b",
  ...(program === "lvs" ? ["--all", "--options", "lv_all,vg_name,segtype"] : program === "pvs" ? ["--options", "pv_all,vg_name"] : ["--options", "vg_all"]),
];

/** `absent`: LVM is not installed. */
export async function lvm(survey: Survey): Promise<Answer<Lvm>> {
  return lvmOf(survey.host);
}

async function lvmOf(host: Inspector): Promise<Answer<Lvm>> {
  const suspended = await suspendedDevices(host);
  if (suspended.kind !== "known") return suspended;
  // LVM reads every device, and a read of a suspended one, or of what lies on it, waits for its resume and cannot be killed.
  if (suspended.value.length > 0) return unknown(`device-mapper device ${suspended.value.join(", ")} is suspended, and LVM would wait for it`);
  const [groups, physical, logical, settings, system] = await Promise.all([
    report(host, "vgs", "vg"),
    report(host, "pvs", "pv"),
    report(host, "lvs", "lv"),
    host.ask({ ask: "command", argv: ["lvmconfig", "--type", "full", "activation/auto_activation_volume_list", "activation/volume_list"], timeoutMs: 30_000 }),
    host.ask({ ask: "command", argv: ["lvm", "systemid"], timeoutMs: 30_000 }),
  ]);
  if (groups.kind !== "known") return groups;
  if (physical.kind !== "known") return physical;
  if (logical.kind !== "known") return logical;
  if (settings.kind !== "known") return unknown(settings.why);
  if (system.kind !== "known") return unknown(system.why);
  // 5: a setting that was asked for is not set (lvmconfig(8)).
  if (settings.value.status !== 0 && settings.value.status !== 5)
    return unknown(`lvmconfig does not tell what may be activated: ${settings.value.stderr.trim()}`);
  return known(
    {
      volumeGroups: groups.value.rows,
      physicalVolumes: physical.value.rows,
      logicalVolumes: logical.value.rows,
      activation: parseActivation(settings.value.stdout),
      systemId: parseSystemId(system.value.stdout),
      warnings: [...new Set([...groups.value.warnings, ...physical.value.warnings])],
    },
    groups.at,
  );
}

/** Of the volume group's tags and the pool's profile, in one command: what a look at a healthy host needs. */
export async function volumeOf(host: Inspector, volumeGroup: string, logicalVolume: string): Promise<Answer<Row>> {
  const suspended = await suspendedDevices(host);
  if (suspended.kind !== "known" || suspended.value.length > 0) return unknown("a device-mapper device is suspended, and LVM would wait for it");
  const argv = ["lvs", ...readOnly, "--reportformat", "json", "--options", "lv_profile,vg_tags,segtype", `${volumeGroup}/${logicalVolume}`];
  const answer = await host.ask({ ask: "command", argv, timeoutMs: 30_000 });
  if (answer.kind !== "known") return answer;
  const [row] = parseReport(answer.value.stdout, "lv") ?? [];
  return row && answer.value.status === 0 ? known(row, answer.at) : unknown(`lvs does not tell of ${volumeGroup}/${logicalVolume}`);
}

async function report(host: Inspector, program: "vgs" | "pvs" | "lvs", kind: "vg" | "pv" | "lv"): Promise<Answer<{ rows: Row[]; warnings: string[] }>> {
  const answer = await host.ask({ ask: "command", argv: reportCommand(program), timeoutMs: 30_000 });
  if (answer.kind !== "known") return answer;
  const { status, stdout, stderr } = answer.value;
  const rows = parseReport(stdout, kind);
  // LVM exits 5 where one device or group among many could not be read; what it read is still told.
  if (rows === null || (status !== 0 && status !== 5)) return unknown(`${program} exited ${status ?? "by a signal"}: ${stderr.trim().split("\n")[0] ?? ""}`);
  return known(
    {
      rows,
      warnings: stderr
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== ""),
    },
    answer.at,
  );
}

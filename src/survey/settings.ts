/** flintlockd's settings in force: flag of the unit, else environment, else file, else default (viper, pkg/flags/flags.go). */

import { accepted, environmentName, fileSetting, flagsOf, flintlockdDefaults } from "../facts/flintlockd-config.ts";
import { isThere, type Unit } from "../facts/unit.ts";
import { known, type Answer } from "../host/inspector.ts";
import { configFile, type ConfigFile, type ConfigRead } from "./config-file.ts";
import type { Survey } from "./survey.ts";
import { unitCommand, type UnitCommand } from "./unit-command.ts";

export type { ConfigFile } from "./config-file.ts";

export interface Setting {
  value: string;
  origin: "flag" | "environment" | "file" | "default";
  /** `PATH:LINE` for a file or a unit file, else the unit's name; empty for a default. */
  where: string;
}

export interface Settings {
  config: ConfigFile;
  /** The setting of that flag name (`bridge-name`, `grpc-endpoint`, …); value is "" where it is set nowhere and has no default. */
  of(flag: string): Setting;
  /** What the file alone says; null where it does not say it. */
  inFile(flag: string): { value: string; line: number } | null;
  /** Variables that look like settings and that flintlockd never reads: it wants the hyphens, which systemd does not pass on. */
  notRead: { name: string; where: string }[];
  /** What the unit runs, and with which environment. */
  command: UnitCommand;
}

export async function settings(survey: Survey): Promise<Answer<Settings>> {
  const units = await survey.units();
  if (units.kind !== "known") return units;
  const { flintlockd } = units.value;
  const command = await unitCommand(survey, flintlockd);
  const read = await configFile(survey, command.environment, await homeOf(survey, flintlockd));
  if (read.kind !== "known") return read;
  return known(settingsFrom(command, read.value), read.at);
}

export function settingsFrom(command: UnitCommand, { config, entries }: ConfigRead): Settings {
  const flags = flagsOf(command.argv);
  const inFile = (flag: string): { value: string; line: number } | null => fileSetting(entries, flag);
  return {
    config,
    command,
    inFile,
    notRead: [...command.environment.keys()]
      .filter((name) => name.startsWith("FLINTLOCKD_") && isMisspelt(name))
      .map((name) => ({ name, where: command.environmentWhere.get(name) ?? command.where })),
    of(flag) {
      const given = flags.get(flag);
      const value = given === undefined ? null : accepted(flag, given);
      if (value !== null) return { value, origin: "flag", where: command.where };
      const variable = environmentName(flag);
      const set = command.environment.get(variable) ?? "";
      const taken = set === "" ? null : accepted(flag, set);
      if (taken !== null) return { value: taken, origin: "environment", where: command.environmentWhere.get(variable) ?? command.where };
      const written = inFile(flag);
      if (written) return { value: written.value, origin: "file", where: `${config.path}:${written.line}` };
      return { value: flintlockdDefaults[flag] ?? "", origin: "default", where: "" };
    },
  };
}

const isMisspelt = (name: string): boolean =>
  Object.keys(flintlockdDefaults).some((flag) => environmentName(flag) !== name && environmentName(flag).replaceAll("-", "_") === name);

/** Said where a value in the file would have no effect; null where the file is what counts. */
export function overrideOf(settings: Settings, flag: string): string | null {
  const { origin, where, value } = settings.of(flag);
  if (origin === "flag")
    return `--${flag}${value === "" ? " (empty)" : ` ${value}`} on the command line of the unit (${where}) overrides ${settings.config.path}`;
  if (origin === "environment") return `${environmentName(flag)} in the environment of the unit (${where}) overrides ${settings.config.path}`;
  return null;
}

/** systemd sets $HOME for a unit with `User=` (systemd.exec(5), "Environment variables"); without it there is none. */
async function homeOf(survey: Survey, unit: Unit): Promise<string | null> {
  if (!isThere(unit) || unit.user === "") return null;
  if (unit.user === "root" || unit.user === "0") return "/root";
  const passwd = await survey.host.ask({ ask: "file", path: "/etc/passwd" });
  const line = passwd.kind === "known" ? passwd.value.text.split("\n").find((entry) => entry.startsWith(`${unit.user}:`)) : undefined;
  return line?.split(":")[5] ?? null;
}

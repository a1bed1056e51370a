/** flintlockd's settings in force: flag of the unit, else environment, else file, else default (viper, pkg/flags/flags.go). */

import type { Answer, FileText } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface Setting {
  value: string;
  origin: "flag" | "environment" | "file" | "default";
  /** `PATH:LINE` for a file or a unit file, else the unit's name; empty for a default. */
  where: string;
}

export interface ConfigProblem {
  /** UNPARSABLE, DUPLICATE_KEY, NOT_A_MAPPING, DANGLING_LINK, UNREADABLE, NOT_UTF8 */
  code: string;
  message: string;
  line: number | null;
  column: number | null;
}

export interface ConfigFile {
  /** As flintlockd names it, and where a symlink leads. */
  path: string;
  realPath: string;
  /** Null where there is no file. */
  file: FileText | null;
  problem: ConfigProblem | null;
}

export interface Settings {
  config: ConfigFile;
  /** The setting of that flag name (`bridge-name`, `grpc-endpoint`, …); value is "" where it is set nowhere and has no default. */
  of(flag: string): Setting;
}

export async function settings(survey: Survey): Promise<Answer<Settings>> {
  void survey;
  return unknown("TODO");
}

/** Each recorded MicroVM and what there is of it: state folder, pid file, process. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { MicrovmRecord } from "./records.ts";
import type { Survey } from "./survey.ts";

export type MicrovmProcess =
  /** Its own hypervisor lives. */
  | { is: "running"; pid: number; startTicks: number }
  /** The pid file names a living process that is not its hypervisor. */
  | { is: "foreign"; pid: number; startTicks: number; argv: string[] }
  /** A pid file, and no such process. */
  | { is: "dead"; pid: number }
  | { is: "none" }
  | { is: "unknown"; why: string };

export interface Microvm {
  record: MicrovmRecord;
  /** STATE-DIR/vm/NAMESPACE/NAME/UID */
  folder: string;
  folderExists: boolean;
  /** Where a pid file is, its path. */
  pidFile: string | null;
  process: MicrovmProcess;
  /** Milliseconds since the epoch when flintlockd looks at it again by itself; null where it will not, or nothing is due. */
  nextTryMs: number | null;
  state: "running" | "waiting" | "gave-up" | "unknown";
  /** Why it is in that state, one line. */
  reason: string;
}

export async function microvms(survey: Survey): Promise<Answer<Microvm[]>> {
  void survey;
  return unknown("TODO");
}

/** systemd units of a flintlock host, all asked for in one `systemctl show`. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Unit } from "../facts/unit.ts";
import type { Survey } from "./survey.ts";

export interface Units {
  flintlockd: Unit;
  /** containerd-dev.service */
  containerdDev: Unit;
  /** containerd.service */
  containerd: Unit;
}

export async function units(survey: Survey): Promise<Answer<Units>> {
  void survey;
  return unknown("TODO");
}

/** Whether the kernel has, or would load, the modules that macvtap needs. Nothing here loads one. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface KernelModules {
  /** Present in /sys/module or built in. */
  present: boolean;
}

export async function kernelModules(survey: Survey): Promise<Answer<KernelModules>> {
  void survey;
  return unknown("TODO");
}

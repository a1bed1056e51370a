/** containerd's plugins and whether each loaded (`ctr plugins ls`). */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface Plugin {
  type: string;
  id: string;
  /** ok, error, skip, or whatever ctr says */
  status: string;
}

/** `unknown` where containerd does not answer. */
export async function plugins(survey: Survey): Promise<Answer<Plugin[]>> {
  void survey;
  return unknown("TODO");
}

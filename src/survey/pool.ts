/** The thin pool that containerd's configuration names, as the kernel has it. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface PoolFacts {
  /** Device-mapper name. */
  name: string;
  /** False: no dm device of that name. */
  exists: boolean;
}

export async function pool(survey: Survey): Promise<Answer<PoolFacts>> {
  void survey;
  return unknown("TODO");
}

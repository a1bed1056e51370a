/** Whether flintlockd serves: its main process listens on its endpoints. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface Serving {
  /** Endpoints that its settings say it should listen on; empty with `disable-api`. */
  expected: string[];
  /** Of these, the ones that its main process listens on. */
  listening: string[];
}

export async function serving(survey: Survey): Promise<Answer<Serving>> {
  void survey;
  return unknown("TODO");
}

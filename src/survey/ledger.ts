/** What this tool did here before, as far as a look needs it. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface LedgerFacts {
  /** Units that this tool stopped in this boot and did not come to start again. */
  stoppedByUs: string[];
}

export async function ledgerFacts(survey: Survey): Promise<Answer<LedgerFacts>> {
  void survey;
  return unknown("TODO");
}

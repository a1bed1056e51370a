/** What thin_check(8) says of the metadata file of a pool that is not there. It only reads. */

import { soundness } from "../facts/thin-check.ts";
import { known, unknown, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface ThinCheck {
  argv: string[];
  sound: boolean;
  /** Its own words. */
  words: string;
}

/** `absent`: thin_check is not installed. */
export async function thinCheck(survey: Survey): Promise<Answer<ThinCheck>> {
  const files = await survey.poolFiles();
  if (files.kind !== "known") return unknown(files.why);
  const argv = ["thin_check", files.value.metadata.real];
  const checked = await survey.host.ask({ ask: "command", argv, timeoutMs: 80_000 });
  if (checked.kind !== "known") return checked;
  const { status, stdout, stderr } = checked.value;
  const words = `${stdout}\n${stderr}`.trim();
  const sound = soundness(checked.value);
  if (sound === null) return unknown(`thin_check ended with ${status ?? "a signal"}: ${words}`);
  return known({ argv, sound, words }, checked.at);
}

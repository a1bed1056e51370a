/** What kept flintlockd's present process from serving or reconciling, as it said itself: in the journal, or where `log-output` sends it. */

import { maskSecrets, printable } from "../evidence.ts";
import { stallWords, type StallWords } from "../facts/stall-words.ts";
import type { Unit } from "../facts/unit.ts";
import { wordsSinceStart } from "./last-words.ts";
import type { Settings } from "./settings.ts";
import type { Survey } from "./survey.ts";

/** Null where its log does not tell. */
export async function stallWordsOf(survey: Survey, settings: Settings, { invocationId, mainPid }: Unit): Promise<StallWords | null> {
  const words = stallWords(await linesOf(survey, settings.of("log-output").value.toLowerCase(), invocationId, mainPid));
  return words && { ...words, text: shown(words.text, 400) };
}

async function linesOf(survey: Survey, output: string, invocationId: string, pid: number): Promise<string[]> {
  if (output.startsWith("/")) {
    const file = await survey.host.ask({ ask: "file", path: output, tailBytes: 256 * 1024 });
    return file.kind === "known" ? file.value.text.split("\n") : [];
  }
  const lines = await wordsSinceStart(survey, invocationId, pid);
  return lines.kind === "known" ? lines.value.map(({ message }) => message) : [];
}

export const shown = (text: string, max: number): string => printable(maskSecrets(text.replaceAll("\n", " ")), max);

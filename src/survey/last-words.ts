/** The newest lines of a unit's journal, and those of one start of it. */

import { wordsIn, type Words } from "../facts/last-words.ts";
import { known, unknown, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

const common = ["journalctl", "--no-pager", "--quiet", "--output=json", "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT", "--boot"];

/** Usage text is 50 lines long, and comes with each crash. */
const lineCount = 200;

/** What the unit said, and systemd about it, in this boot. */
export function newestWords(survey: Survey, unit: string): Promise<Answer<Words[]>> {
  return ask(survey, [...common, `--lines=${lineCount}`, `--unit=${unit}`]);
}

/**
 * What the unit's main process said since that start, from the beginning: after it may come an endless loop of
 * `error from event service`, so it is cut at the end. Asked for by its PID too: journald gives late lines of the process
 * before it, thousands of them, the invocation of the new one.
 */
export function wordsSinceStart(survey: Survey, invocationId: string, pid: number): Promise<Answer<Words[]>> {
  if (!/^[0-9a-f]{32}$/.test(invocationId)) return Promise.resolve(unknown("it never started in this boot"));
  return ask(survey, [...common, `_SYSTEMD_INVOCATION_ID=${invocationId}`, `_PID=${pid}`], 2 * 1024 * 1024);
}

async function ask(survey: Survey, argv: string[], maxBytes?: number): Promise<Answer<Words[]>> {
  const answer = await survey.host.ask({ ask: "command", argv, ...(maxBytes === undefined ? {} : { maxBytes }) });
  if (answer.kind === "absent") return unknown(answer.why);
  if (answer.kind === "unknown") return answer;
  // journalctl exits 1 where no entry matches.
  if (answer.value.status !== 0 && !answer.value.truncated && answer.value.stdout === "" && answer.value.stderr.trim() !== "")
    return unknown(`journalctl: ${answer.value.stderr.trim().split("\n")[0]?.slice(0, 200) ?? ""}`);
  return known(wordsIn(answer.value.stdout), answer.at);
}

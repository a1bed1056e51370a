/**
 * A host whose time is shared out: no program gets more than a quarter of what the look has, and one that did not answer in that time is
 * not asked again in other words. Else one program that hangs would take the time of all the others with it.
 */

import { unknown, usualTimeoutMs, type Answer, type AnswerOf, type Inspector, type Question } from "./inspector.ts";

export function sparing(host: Inspector, lookMs: number, now: () => number = () => performance.now()): Inspector {
  const late = new Set<string>();
  const ask = async <Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>> => {
    if (question.ask !== "command") return host.ask(question);
    const [program = "", ...words] = question.argv;
    // A program that only tells its version waits for nobody else.
    if (late.has(program) && words[0] !== "--version") return unknown(`${program} did not answer in time before`);
    const timeoutMs = Math.min(question.timeoutMs ?? usualTimeoutMs, lookMs / 4);
    const begun = now();
    const answer = await host.ask({ ...question, timeoutMs });
    if (answer.kind === "unknown" && now() - begun >= timeoutMs) late.add(program);
    return answer;
  };
  return { ask };
}

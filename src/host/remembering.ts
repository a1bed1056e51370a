/**
 * A host that starts each program once: the same words again get what it answered then. Files are read anew, for they cost little and
 * what was told first must not be the younger: a process is looked for after the record that says it should be there.
 */

import { keyOf, type Answer, type AnswerOf, type Inspector, type Question } from "./inspector.ts";

export function remembering(host: Inspector): Inspector {
  const answers = new Map<string, Promise<Answer<unknown>>>();
  return {
    ask<Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>> {
      if (question.ask !== "command") return host.ask(question);
      const key = keyOf(question);
      let answer = answers.get(key);
      if (answer === undefined) answers.set(key, (answer = host.ask(question)));
      return answer as Promise<Answer<AnswerOf[Q["ask"]]>>;
    },
  };
}

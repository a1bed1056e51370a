/** A host that is asked each question once: the same one again gets the answer that it got, as a captured host gives it. */

import { keyOf, type Answer, type AnswerOf, type Inspector, type Question } from "./inspector.ts";

export function remembering(host: Inspector): Inspector {
  const answers = new Map<string, Promise<Answer<unknown>>>();
  return {
    ask<Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>> {
      const key = keyOf(question);
      let answer = answers.get(key);
      if (answer === undefined) answers.set(key, (answer = host.ask(question)));
      return answer as Promise<Answer<AnswerOf[Q["ask"]]>>;
    },
  };
}

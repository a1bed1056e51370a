/** What the executor acts and asks with on a live host: the operator, and conditions that are looked at afresh each time. */

import type { Hands, Witness } from "./executor.ts";
import type { Operator } from "./host/operator.ts";
import { tryUntil } from "./host/retry.ts";
import type { Condition } from "./steps/action.ts";
import { evaluate } from "./steps/conditions.ts";
import type { Survey } from "./survey/survey.ts";

export function handsFor(fresh: () => Survey, operator: Operator, witness: Witness, stop: AbortSignal): Hands {
  const ask = async (condition: Condition): Promise<{ holds: boolean | undefined; why: string }> => {
    const answer = await evaluate(condition, fresh().host, fresh);
    if (answer.kind === "known") return { holds: answer.value, why: answer.value ? "" : `${inWords(condition)} does not hold` };
    return { holds: undefined, why: `${inWords(condition)} cannot be told: ${answer.why}` };
  };
  return {
    operator,
    witness,
    stop,
    holds: ask,
    until: async (condition, withinMs, signal) => {
      const tries = await tryUntil(
        async () => {
          const { holds, why } = await ask(condition);
          if (holds !== true) throw new Error(why);
          return true;
        },
        { withinMs, ...(signal ? { signal } : {}) },
      );
      return { holds: tries.value === true, why: tries.reason, attempts: tries.attempts };
    },
  };
}

/** The condition as a line of a report: its name and what it is about. */
function inWords({ is, ...about }: Condition): string {
  const subject = Object.values(about)
    .filter((value) => typeof value === "string" && value !== "")
    .join(" ");
  return `"${is.replaceAll("-", " ")}"${subject === "" ? "" : ` (${subject})`}`;
}

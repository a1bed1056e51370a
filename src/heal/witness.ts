/** What a run does, step by step, as entries of the journal. */

import type { EventLog } from "../events.ts";
import type { Witness } from "../executor.ts";
import type { Trigger } from "../policy.ts";

export function eventsOf(log: EventLog, run: string, trigger: Trigger): Witness {
  let begun = false;
  return {
    stepBegins: (step) => {
      if (!begun) log.record({ kind: "run-began", message: `acting, beginning with: ${step.title}`, finding: step.because.join(" "), run, trigger });
      begun = true;
    },
    commandBegins: () => undefined,
    commandEnds: () => undefined,
    stepEnds: ({ id, title, because }, _index, { outcome, error }) => {
      const message = `${title}: ${outcome}${error ? ` (${error.code}: ${error.message})` : ""}`;
      log.record({ kind: "step-ended", message, finding: because.join(" "), step: id, outcome, run, trigger });
    },
  };
}

/** How automation stands: pause, breaker, budgets, last runs. Read for `fix status` and the metrics; nothing here decides. */

import type { Brakes } from "../policy.ts";
import type { FindingId } from "../report.ts";
import { allowance, counted, type Allowance } from "./budget.ts";
import { readLastRuns, type LastRun } from "./last-run.ts";
import type { Moment } from "./moment.ts";
import type { PauseFound } from "./pause.ts";
import type { Breaker } from "./state.ts";
import { Store } from "./store.ts";

export interface Standing {
  pause: PauseFound;
  breaker: Breaker | null;
  /** Why the state cannot be relied on; null where it can. Then nothing is done alone. */
  problem: string | null;
  budgets: { finding: FindingId; used: number; of: number; allowance: Allowance }[];
  lastRuns: LastRun[];
}

export function standingOf(stateDir: string, now: Moment, brakes: Brakes): Standing {
  const store = new Store(stateDir);
  const read = store.state();
  const { attempts, breaker } = "state" in read ? read.state : { attempts: [], breaker: null };
  const findings = [...new Set(attempts.map(({ finding }) => finding))].sort();
  const budgets = findings.map((finding) => ({
    finding,
    used: counted(attempts, finding, now, brakes).length,
    of: brakes.attempts,
    allowance: allowance(attempts, finding, now, brakes),
  }));
  return {
    pause: store.pause(Date.parse(now.at)),
    breaker,
    problem: "problem" in read ? read.problem : null,
    budgets: budgets.filter(({ used }) => used > 0),
    lastRuns: readLastRuns(stateDir),
  };
}

/** Whether the pool serves at all: known of every look, also of one that leaves out the findings about it. */

import { judgePool } from "../facts/pool-health.ts";
import { valueOf, type Answer } from "../host/inspector.ts";
import type { BrokenPool } from "../remediation.ts";
import type { PoolFacts } from "./pool.ts";

/** Null: it serves, or that cannot be told. */
export function brokenPool(pool: Answer<PoolFacts>): BrokenPool | null {
  const facts = valueOf(pool);
  if (!facts) return null;
  const { name, device } = facts;
  if (!device || device.target === "") return { finding: "thinpool-missing", summary: `device-mapper pool ${name} is not there` };
  const judged = judgePool(name, device, null);
  const fault = "faults" in judged ? judged.faults.find(({ breaks }) => breaks) : undefined;
  return fault ? { finding: "thinpool-unhealthy", summary: fault.summary } : null;
}

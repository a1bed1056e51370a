/** What a narrower look (--only, --skip) leaves out, and a remedy needs all the same. */

import type { PlanContext } from "./remediation.ts";
import type { FindingId, Refusal } from "./report.ts";

/** containerd cannot be brought up with its snapshotter while the pool does not serve, and the finding that sees to the pool was not asked for. */
export function poolLeftOut({ brokenPool, findings }: PlanContext, finding: FindingId): Refusal | null {
  if (!brokenPool || findings.has(brokenPool.finding)) return null;
  const { finding: other, summary } = brokenPool;
  return {
    finding,
    code: "POOL_LEFT_OUT",
    message: `${summary}, so no start of containerd can load its snapshotter; ${other}, which sees to that, is left out of this look`,
    hint: `look at both (--only or --skip, or the policy file, leaves it out): fix --dry-run --only ${other} ${finding}`,
  };
}

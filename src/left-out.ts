/** What a narrower look (--only, --skip) leaves out, and a remedy needs all the same. */

import type { PlanContext } from "./remediation.ts";
import type { FindingId, Refusal } from "./report.ts";

/** The pool does not serve, so that a cure comes to nothing (`consequence`), and the finding that sees to the pool was not asked for. */
export function poolLeftOut(
  { brokenPool, findings }: PlanContext,
  finding: FindingId,
  consequence = "no start of containerd can load its snapshotter",
): Refusal | null {
  if (!brokenPool || findings.has(brokenPool.finding)) return null;
  const { finding: other, summary } = brokenPool;
  return {
    finding,
    code: "POOL_LEFT_OUT",
    message: `${summary}, so ${consequence}; ${other}, which sees to that, is left out of this look`,
    hint: `look at both (--only or --skip, or the policy file, leaves it out): fix --dry-run --only ${other} ${finding}`,
  };
}

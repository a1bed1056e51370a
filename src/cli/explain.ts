/** `fix explain`: the runbook, and which lines of a log mean what. */

import { catalogue } from "../catalogue.generated.ts";
import type { ExitStatus } from "../report.ts";
import type { ExplainOptions } from "./arguments.ts";
import { findingIds, policyInForce } from "./policy-of.ts";
import { print } from "./print.ts";

export async function explain(options: ExplainOptions): Promise<ExitStatus> {
  if (options.test !== null) return (await import("./explain-test.ts")).explainTest(options.test, options.json);
  const ids = catalogue.map(({ id }) => id);
  if (options.policy) {
    const { policy, origins } = policyInForce(options, ids);
    const { policyJson, policyText } = await import("../views/policy.ts");
    print(options.json ? policyJson(policy, origins) : policyText(policy, origins));
    return 0;
  }
  const { page, index, pageData } = await import("../views/explain.ts");
  const [id] = options.id === null ? [] : findingIds([options.id], ids, "explain");
  const chosen = catalogue.filter((remediation) => id === undefined || remediation.id === id);
  if (options.json) print(`${JSON.stringify(chosen.map(pageData), null, 2)}\n`);
  else print(id === undefined ? index(chosen) : chosen.map(page).join("\n"));
  return 0;
}

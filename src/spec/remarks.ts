/** What is to be said of a file as such, before what its specs want. */

import type { Remark, RuleId } from "./rules.ts";
import type { Source } from "./source.ts";

const problemRules = { tab: "tab-indentation", template: "template-unreadable", syntax: "unparsable" } as const satisfies Record<string, RuleId>;

const problemHints = {
  tab: "fix spec patch --write --fix-tabs FILE puts spaces there",
  template: "fill the template in (clusterctl generate, helm template) and check what comes out",
  syntax: "mend it there; nothing of the file was read",
};

export function remarksOn({ problem, extras, fragment, form, documents }: Source): Remark[] {
  if (problem) {
    const message =
      problem.kind === "template"
        ? `this is a template that cannot be read as ${form.toUpperCase()} before it is filled in: ${problem.message}`
        : problem.message;
    return [{ rule: problemRules[problem.kind], start: problem.start, end: problem.end, message, hint: problemHints[problem.kind], interface: null }];
  }
  const remarks: Remark[] = [];
  if (!fragment && !extras) return remarks;
  if (fragment)
    remarks.push({
      rule: "fragment",
      start: documents[0]?.root?.start ?? 0,
      end: documents[0]?.root?.start ?? 0,
      message: "a piece of a spec, not a whole one: it is read as one",
      hint: "",
      interface: null,
    });
  if (extras)
    remarks.push({
      rule: "json-extras",
      start: extras.start,
      end: extras.start + 1,
      message: `a ${extras.what}: flintlock's API takes JSON without any, so that it has to go before the spec is sent`,
      hint: "",
      interface: null,
    });
  return remarks.map((remark) => ({ ...remark, start: Math.max(remark.start, 0), end: Math.max(remark.end, 0) }));
}

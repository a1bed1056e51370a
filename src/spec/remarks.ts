/** What is to be said of a file as such, before what its specs want. */

import type { Remark, RuleId } from "./rules.ts";
import type { Source } from "./source.ts";
import { repairTabs, whyTabsStay } from "./tabs.ts";

const problemRules = { tab: "tab-indentation", template: "template-unreadable", syntax: "unparsable" } as const satisfies Record<string, RuleId>;

const problemHints = {
  template: "fill the template in (clusterctl generate, helm template) and check what comes out",
  syntax: "mend it there; nothing of the file was read",
};

/** `specs`: whether there are any in it; where there are none, how the file is written is none of our business. */
export function remarksOn({ text, problem, extras, fragment, form, documents }: Source, specs: boolean): Remark[] {
  if (problem) {
    const message =
      problem.kind === "template"
        ? `this is a template that cannot be read as ${form.toUpperCase()} before it is filled in: ${problem.message}`
        : problem.message;
    const hint = problem.kind === "tab" ? tabHint(text) : problemHints[problem.kind];
    return [{ rule: problemRules[problem.kind], start: problem.start, end: problem.end, message, hint, interface: null }];
  }
  const remarks: Remark[] = [];
  if (!specs || (!fragment && !extras)) return remarks;
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

/** The command that repairs the tabs is named only where it does. */
function tabHint(text: string): string {
  const why = whyTabsStay(repairTabs(text));
  return why === null
    ? "fix spec patch --write --fix-tabs FILE puts spaces there"
    : `indent the lines with tabs by spaces by hand, as deep as the lines that they belong with: ${why}`;
}

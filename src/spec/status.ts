/**
 * Exit status of `fix spec`, by the contract's table; where several hold, the first of 1, 3, 4, 6, 2, 0.
 *
 *   0  nothing is wrong, or everything was mended (notes do not count)
 *   1  a file cannot be read or does not parse, or the call was wrong; nothing is written then
 *   2  something is wrong and `patch` can mend it (check), or there is something to write (patch without --write)
 *   3  something was written, and at least one fault is still there, or a write failed
 *   4  something is wrong that needs a decision: several ways, none, or a value that no patch can guess
 *   6  the host could not be looked at well enough to tell; no flintlock host at all is no obstacle to a spec
 */

import type { ExitStatus, Verdict } from "../report.ts";
import type { SpecReport } from "./report.ts";
import { ruleOf, type SpecFinding } from "./rules.ts";

export interface Circumstances {
  /** `--type` or `--bridge` was given. */
  explicit: boolean;
  /** `--fix-tabs` alone: what is wrong beside the tabs is not what this run is about. */
  onlyTabs: boolean;
  unobservable: boolean;
  /** Null: nothing was to be written. */
  wrote: { files: number; failed: number } | null;
}

export function judgeSpecs(report: Omit<SpecReport, "verdict" | "exitCode">, circumstances: Circumstances): { exitCode: ExitStatus; verdict: Verdict } {
  const exitCode = statusOf(report, circumstances);
  const verdicts: Record<ExitStatus, Verdict> = {
    0: circumstances.wrote === null || circumstances.wrote.files === 0 ? "healthy" : "fixed",
    1: "unobservable",
    2: "planned",
    3: "unresolved",
    4: "refused",
    5: "refused",
    6: "unobservable",
  };
  return { exitCode, verdict: verdicts[exitCode] };
}

function statusOf(
  { mode, findings, changes, refusals }: Omit<SpecReport, "verdict" | "exitCode">,
  { explicit, onlyTabs, unobservable, wrote }: Circumstances,
): ExitStatus {
  if (findings.some(({ rule }) => rule === "tab-indentation" || rule === "unparsable")) return 1;
  const faults = findings.filter(({ level }) => level !== "note");
  if (wrote !== null && wrote.files > 0) return faults.length > 0 || refusals.length > 0 || wrote.failed > 0 ? 3 : unobservable ? 6 : 0;
  if (wrote !== null && wrote.failed > 0) return 1;
  const changed = new Set(changes.map((change) => `${change.file} ${change.microvm} ${change.interface ?? ""}`));
  // Of an interface that was changed as asked: reported, but the decision was made.
  const isDecided = ({ file, microvm, interface: name, rule }: SpecFinding): boolean =>
    explicit && ruleOf(rule).decided === true && changed.has(`${file} ${microvm ?? ""} ${name ?? ""}`);
  const open = faults.filter((finding) => !isDecided(finding) && !(mode === "check" && finding.fixable));
  if (refusals.length > 0 || (open.length > 0 && !(onlyTabs && changes.length > 0))) return 4;
  if (unobservable) return 6;
  return mode === "check" ? (faults.length > 0 ? 2 : 0) : changes.length > 0 ? 2 : 0;
}

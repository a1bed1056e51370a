/** From sources to the report of `fix spec`. Pure: what is written is told in afterwards. */

import { checkSpec, specsOf, type CheckedInterface, type CheckedSpec } from "./check.ts";
import { unified } from "./diff.ts";
import type { HostAbility } from "./host-ability.ts";
import { effectiveBridge, type MicrovmSpec } from "./microvm.ts";
import { patchSource, type Ask, type Patched } from "./patch.ts";
import { remarksOn } from "./remarks.ts";
import type { ReportedFile, ReportedHost, ReportedInterface, ReportedMicrovmSpec, SpecReport } from "./report.ts";
import { rules, type Remark, type SpecFinding } from "./rules.ts";
import { readSource, type Source } from "./source.ts";
import { judgeSpecs, type Circumstances } from "./status.ts";
import { repairTabs, whyTabsStay } from "./tabs.ts";

export interface Asked {
  mode: "check" | "patch";
  ask: Ask;
  fixTabs: boolean;
}

/** A file whose text is to be another; `index` is its place in the report's `files`. */
export interface Edit {
  index: number;
  name: string;
  before: string;
  after: string;
}

export interface Assembled {
  report: SpecReport;
  /** What the status was derived from beside the report. */
  circumstances: Circumstances;
  edits: Edit[];
  /** Of the named interfaces those that are in no spec. */
  missing: string[];
}

/** One source after the other, none of them kept: a folder may hold ten thousand. */
export function assemble(sources: Iterable<Source>, { mode, ask, fixTabs }: Asked, ability: HostAbility): Assembled {
  const files: ReportedFile[] = [];
  const report: Omit<SpecReport, "verdict" | "exitCode"> = {
    schema: "flintlock-fix/spec/v1",
    mode,
    host: hostOf(ability),
    notCompared: [],
    files,
    microvms: [],
    findings: [],
    changes: [],
    refusals: [],
    notes: [],
  };
  const edits: Edit[] = [];
  const found = new Set<string>();
  const notCompared = new Set<string>();
  let unobservable = false;
  // Where only the tabs are to go, only they go.
  const onlyTabs = fixTabs && ask.type === null && ask.bridge === null && ask.rename === null;
  for (const original of sources) {
    let source = original;
    if (fixTabs && original.problem?.kind === "tab") source = withoutTabs(original, report);
    let shown = source;
    if (mode === "patch" && source.problem === null && !onlyTabs) {
      const patched = patchSource(source, ask, ability);
      for (const name of patched.found) found.add(name);
      tell(patched, source, report);
      shown = patched.after;
    }
    const changed = shown.text !== original.text;
    if (changed) edits.push({ index: files.length, name: original.name, before: original.text, after: shown.text });
    const checked = shown.problem === null ? specsOf(shown).map((spec) => checkSpec(shown, spec, ability)) : [];
    files.push({
      file: original.name,
      form: original.form,
      specs: checked.length,
      diff: changed ? unified(original.name, original.text, shown.text) : "",
      written: false,
    });
    for (const found of findingsOf(shown, mode === "check" ? mendable(shown, checked, ability) : checked)) report.findings.push(found);
    for (const spec of checked) {
      report.microvms.push(microvmOf(shown, spec));
      for (const { service } of spec.interfaces) {
        if (service?.is !== "unknown" || service.host === "absent") continue;
        notCompared.add(service.why);
        unobservable = true;
      }
    }
  }
  if (ability.host.kind === "absent" && files.some(({ specs }) => specs > 0))
    report.notCompared.push(`bridge-name, parent-iface, default-provider, links and macvtap of a host: ${ability.host.why}`);
  report.notCompared.push(...notCompared);
  const missing = mode === "patch" && !onlyTabs ? ask.interfaces.filter((name) => !found.has(name)) : [];
  const circumstances: Circumstances = { explicit: ask.type !== null || ask.bridge !== null, onlyTabs, unobservable, wrote: null };
  return { report: { ...report, ...judgeSpecs(report, circumstances) }, circumstances, edits, missing };
}

const byItself: Ask = { type: null, bridge: null, interfaces: [], rename: null };

/** What an anchor shares may be mended for none of its users alone: only the patch itself tells. */
function mendable(source: Source, checked: CheckedSpec[], ability: HostAbility): CheckedSpec[] {
  if (source.form !== "yaml" || !/[*]\w|<</.test(source.text)) return checked;
  if (!checked.some(({ remarks }) => remarks.some(({ fixable }) => fixable))) return checked;
  if (patchSource(source, byItself, ability).refusals.every(({ code }) => code !== "SHARED")) return checked;
  return checked.map((spec) => ({ ...spec, remarks: spec.remarks.map((remark) => ({ ...remark, fixable: false })) }));
}

function withoutTabs(source: Source, report: Pick<SpecReport, "changes" | "refusals">): Source {
  const repair = repairTabs(source.text);
  const at = { file: source.name, ...source.position(source.problem?.start ?? 0) };
  if (repair !== null && "text" in repair) {
    report.changes.push({
      ...at,
      microvm: "",
      interface: null,
      what: "indentation",
      from: "tabs",
      to: "spaces",
      because: `${repair.lines === 1 ? "one line is" : `${repair.lines} lines are`} indented by tabs, which YAML does not allow; a tab stands for ${repair.width} spaces here`,
    });
    return readSource(source.name, repair.text);
  }
  const message = `the tabs cannot be repaired: ${whyTabsStay(repair) ?? ""}`;
  report.refusals.push({ ...at, code: "TABS", interface: null, message, hint: "indent these lines by spaces by hand" });
  return source;
}

function tell({ changes, refusals, notes }: Patched, source: Source, report: Pick<SpecReport, "changes" | "refusals" | "notes">): void {
  const specs = changes.length > 0 ? specsOf(source) : [];
  const at = (offset: number): { file: string; line: number; column: number } => ({ file: source.name, ...source.position(offset) });
  report.changes.push(
    ...changes.map(({ spec, interface: place, name, what, from, to, because, at: offset }) => ({
      ...at(offset),
      microvm: specs[spec]?.name ?? "",
      interface: place === null ? null : name,
      what,
      from,
      to,
      because,
    })),
  );
  report.refusals.push(...refusals.map(({ code, interface: name, at: offset, message, hint }) => ({ ...at(offset), code, interface: name, message, hint })));
  report.notes.push(...notes.map(({ at: offset, message }) => ({ ...at(offset), message })));
}

export function findingsOf(source: Source, checked: readonly CheckedSpec[]): SpecFinding[] {
  const found = remarksOn(source, checked.length > 0).map((remark) => finding(source, remark, null, false));
  for (const { spec, remarks } of checked) for (const remark of remarks) found.push(finding(source, remark, spec, remark.fixable));
  return found;
}

function finding(source: Source, { rule, start, end, message, hint, interface: name }: Remark, spec: MicrovmSpec | null, fixable: boolean): SpecFinding {
  const { line, column } = source.position(start);
  const last = source.position(Math.max(end, start));
  return {
    rule,
    level: rules[rule].level,
    file: source.name,
    line,
    column,
    endLine: last.line,
    endColumn: last.column,
    microvm: spec && spec.name !== "" ? spec.name : null,
    interface: name,
    message,
    hint,
    fixable,
  };
}

function microvmOf(source: Source, { spec, provider, interfaces }: CheckedSpec): ReportedMicrovmSpec {
  return {
    file: source.name,
    line: source.position(spec.place.start).line,
    kind: spec.kind,
    name: spec.name,
    provider: provider.name,
    interfaces: interfaces.map((checked) => interfaceOf(source, spec, checked)),
  };
}

function interfaceOf(source: Source, spec: MicrovmSpec, { interface: wanted, name, place, service }: CheckedInterface): ReportedInterface {
  const { line, column } = source.position(place.start);
  const is = service === null ? "unknown" : service.is;
  return { name, type: wanted.type, line, column, needs: needsOf(spec, wanted), service: is, why: whyOf(wanted, service) };
}

function whyOf({ type }: CheckedInterface["interface"], service: CheckedInterface["service"]): string {
  if (service === null) return type === "templated" ? "its type is filled in by a template" : "its type is unknown";
  if (service.is === "refused") return service.troubles.map(({ message }) => message).join("; ");
  return service.is === "unknown" ? service.why : service.by;
}

function needsOf(spec: MicrovmSpec, wanted: CheckedInterface["interface"]): string[] {
  if (wanted.type === "macvtap") return ["provider cloudhypervisor", "parent-iface", "macvtap"];
  if (wanted.type !== "tap" || wanted.metadata) return [];
  const bridge = effectiveBridge(spec, wanted);
  return [bridge === null ? "bridge-name" : `bridge ${bridge}`];
}

function hostOf({ name, host, bridgeName, parentIface, defaultProvider, macvtap }: HostAbility): ReportedHost {
  const value = (answer: HostAbility["bridgeName"]): string | null => (answer.kind === "known" ? answer.value.value : null);
  return {
    name,
    state: host.kind,
    why: host.kind === "known" ? null : host.why,
    bridgeName: value(bridgeName),
    parentIface: value(parentIface),
    defaultProvider: value(defaultProvider),
    macvtap: macvtap.kind === "known" ? macvtap.value.possible : null,
  };
}

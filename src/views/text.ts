/** The report for a person at 3 a.m.: verdict first, each fault in one line with its evidence, then the plan as commands that can be pasted. */

import { printable } from "../evidence.ts";
import type { Evidence, FindingId, Report, ReportedFinding, ReportedMicrovm, ReportedStep } from "../report.ts";
import { paint, type Paint } from "./paint.ts";
import { fold } from "./fold.ts";

export interface TextOptions {
  color: boolean;
  /** Columns; 0: no terminal, nothing is folded. */
  width: number;
  verbose: boolean;
  /** The capture's name, where one was looked at. */
  from: string | null;
  unobservable: string | null;
  log: { notOurs: { shape: string; count: number; example: string }[]; caveats: string[] } | null;
}

const maxEvidence = 2;
const maxMicrovms = 10;

export function text(report: Report, options: TextOptions): string {
  const ink = paint(options.color);
  const parts = [
    headline(report, options, ink),
    findings(report, options, ink),
    planned(report, options, ink),
    microvms(report, options, ink),
    refusals(report, options, ink),
    list(
      "Advice",
      report.advice
        .filter(({ message }) => message !== options.unobservable)
        .map(({ finding, message }) => (finding === null ? message : `${finding}: ${message}`)),
      options,
      ink,
    ),
    notes(options, ink),
    goOn(report, options, ink),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headline({ verdict, exitCode, host, findings: found, plan, mode, durationMs }: Report, options: TextOptions, ink: Paint): string {
  const where = `${printable(host.name) || "this host"}${host.profile === "unknown" ? "" : ` (${host.profile})`}`;
  const took = mode === "apply" ? `, ${(durationMs / 1000).toFixed(1)} s` : "";
  if (options.unobservable !== null) return fold(`${ink.bold(where)}: ${printable(options.unobservable)}`, options.width, "  ");
  const left = found.filter(({ status, after }) => (after ?? status) === "problem").length;
  const unknown = found.filter(({ status, after }) => (after ?? status) === "unknown").length;
  const words: Record<Report["verdict"], string> = {
    healthy: ink.good("healthy"),
    planned: ink.warn(`${count(left, "fault")}, and a plan of ${count(plan.length, "step")}`),
    fixed: ink.good("fixed, and the second look proves it"),
    unresolved: ink.bad(left === 0 ? "a step failed" : `${count(left, "fault")} still there`),
    refused: ink.bad(`${count(left, "fault")}, and a decision is needed`),
    unobservable: ink.warn(`${count(unknown, "check")} could not be told${left === 0 ? "" : `, ${count(left, "fault")}`}`),
  };
  return `${ink.bold(where)}: ${words[verdict]}${took}  ${ink.dim(`[exit ${exitCode}]`)}`;
}

function findings({ findings: found }: Report, options: TextOptions, ink: Paint): string {
  const shown = found.filter(({ status, after }) => options.verbose || status !== "healthy" || (after !== null && after !== "healthy"));
  const ids = new Set(shown.map(({ id }) => id));
  const under = (id: FindingId): ReportedFinding[] => shown.filter(({ explainedBy }) => explainedBy === id);
  const tops = shown.filter(({ explainedBy }) => explainedBy === undefined || !ids.has(explainedBy));
  const block = (finding: ReportedFinding, depth: number): string[] => [
    oneFinding(finding, depth, options, ink),
    ...(depth > 4 ? [] : under(finding.id).flatMap((child) => block(child, depth + 1))),
  ];
  return tops.flatMap((finding) => block(finding, 0)).join("\n");
}

function oneFinding({ id, status, after, summary, evidence }: ReportedFinding, depth: number, options: TextOptions, ink: Paint): string {
  const indent = "  ".repeat(depth);
  const marks = { healthy: ink.good("✓"), problem: ink.bad("✗"), unknown: ink.warn("?") };
  const now = after === null || after === status ? "" : ` → ${after === "healthy" ? ink.good("cured") : ink.bad(after)}`;
  const follows = depth === 0 ? "" : ink.dim("follows: ");
  const head = fold(`${indent}${marks[after ?? status]} ${follows}${ink.bold(id)}${now}  ${printable(summary)}`, options.width, `${indent}    `);
  const shown = options.verbose ? evidence : evidence.slice(0, status === "healthy" ? 0 : maxEvidence);
  const more = evidence.length - shown.length;
  const lines = shown.map((item) => proof(item, `${indent}    `, options, ink));
  if (more > 0 && status !== "healthy") lines.push(ink.dim(`${indent}    … and ${more} more (--verbose)`));
  return [head, ...lines].join("\n");
}

function proof({ source, ref, at, excerpt }: Evidence, indent: string, { width }: TextOptions, ink: Paint): string {
  const when = at === null || source !== "journal" ? "" : `${at} `;
  const label = source === "command" ? `$ ${printable(ref)}` : printable(ref);
  const lines = excerpt.split("\n").map((line) => fold(`${indent}  ${printable(line)}`, width, `${indent}    `));
  return [ink.dim(`${indent}${when}${label}`), ...lines].join("\n");
}

function planned({ plan, mode }: Report, options: TextOptions, ink: Paint): string {
  if (plan.length === 0) return "";
  const title = mode === "apply" ? "What was done" : "Plan";
  return [ink.bold(title), ...plan.map((step, index) => oneStep(step, index + 1, options, ink))].join("\n");
}

function oneStep(step: ReportedStep, number: number, options: TextOptions, ink: Paint): string {
  const risks = { safe: ink.good("safe"), disruptive: ink.warn("disruptive"), destructive: ink.bad("DESTRUCTIVE") };
  const outcomes = {
    planned: "",
    done: ink.good(" ✓ done"),
    "already-done": ink.good(" ✓ nothing left to do"),
    failed: ink.bad(" ✗ failed"),
    "not-run": ink.warn(" – not run"),
    "rolled-back": ink.warn(" ↶ rolled back"),
  };
  const tries = step.attempts === undefined ? "" : ink.dim(` (${step.attempts} tries)`);
  const lines = [
    fold(` ${number}. ${printable(step.title)}${outcomes[step.outcome]}${tries}`, options.width, "    "),
    fold(`    ${risks[step.risk]}: ${printable(step.impact)}`, options.width, "      "),
  ];
  // A command is never folded: it is there to be pasted.
  for (const argv of step.commands) lines.push(`      ${ink.command(printable(shellWords(argv), Infinity))}`);
  for (const { path, diff } of step.edits)
    lines.push(
      `      ${ink.dim(`edit ${printable(path)}`)}`,
      ...diff
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => `      ${inkOfDiff(line, ink)}`),
    );
  if (step.error)
    lines.push(
      fold(`    ${ink.bad(step.error.code)} ${printable(step.error.message)}`, options.width, "      "),
      fold(`    → ${printable(step.error.hint)}`, options.width, "      "),
    );
  return lines.join("\n");
}

function inkOfDiff(line: string, ink: Paint): string {
  const safe = printable(line);
  if (line.startsWith("+")) return ink.good(safe);
  return line.startsWith("-") ? ink.bad(safe) : ink.dim(safe);
}

/** Quoted for a POSIX shell, so that the line can be pasted as it stands. */
export function shellWords(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

function microvms({ microvms: all }: Report, options: TextOptions, ink: Paint): string {
  if (all.length === 0) return "";
  const shown = options.verbose ? all : all.slice(0, maxMicrovms);
  const lines = shown.map((microvm) => fold(`  ${oneMicrovm(microvm, ink)}`, options.width, "      "));
  if (shown.length < all.length) lines.push(ink.dim(`  … and ${all.length - shown.length} more (--verbose)`));
  return [ink.bold("MicroVMs"), ...lines].join("\n");
}

function oneMicrovm({ id, state, nextTry, retries, reason, findings: why }: ReportedMicrovm, ink: Paint): string {
  const inks = { running: ink.good, waiting: ink.warn, "gave-up": ink.bad, unknown: ink.warn };
  const next = nextTry === null ? "" : `, next try ${nextTry}`;
  const tried = retries === 0 ? "" : `, ${count(retries, "retry", "retries")}`;
  const because = why.length === 0 ? "" : ` [${why.join(", ")}]`;
  return `${printable(id)}  ${inks[state](state)}${tried}${next}${reason === undefined ? "" : `: ${printable(reason)}`}${ink.dim(because)}`;
}

function refusals({ refusals: all }: Report, options: TextOptions, ink: Paint): string {
  if (all.length === 0) return "";
  const blocks = all.flatMap(({ finding, code, message, hint }) => [
    ...message
      .split("\n")
      .map((line, index) =>
        fold(index === 0 ? `  ${ink.bold(finding ?? "this run")} ${ink.dim(code)}  ${printable(line)}` : `    ${printable(line)}`, options.width, "      "),
      ),
    ...hint.split("\n").map((line) => `    → ${printable(line)}`),
  ]);
  return [ink.bold("Needs a decision"), ...blocks].join("\n");
}

function list(title: string, items: readonly string[], options: TextOptions, ink: Paint): string {
  if (items.length === 0) return "";
  return [ink.bold(title), ...items.map((item) => fold(`  - ${printable(item)}`, options.width, "    "))].join("\n");
}

function notes(options: TextOptions, ink: Paint): string {
  const { notOurs = [], caveats = [] } = options.log ?? {};
  const lines = [
    ...caveats,
    ...notOurs
      .slice(0, options.verbose ? 50 : 3)
      .map(({ shape, count: times }) => `${times === 1 ? "once" : `${times} times`} in the journal, and no fault that fix knows: ${shape}`),
  ];
  return list("Also seen", lines, options, ink);
}

function goOn({ exitCode, mode, plan }: Report, { from, unobservable }: TextOptions, ink: Paint): string {
  if (unobservable !== null) return `Look at a captured host instead: ${ink.command("fix --from CAPTURE")}`;
  if (mode === "dry-run" && plan.length > 0 && from === null) return `Carry it out: ${ink.command("fix --apply")}`;
  return exitCode === 3 ? `Look again: ${ink.command("fix --dry-run --verbose")}` : "";
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The report of `fix spec` for people: a line for each interface and finding that editors can jump to, then what it comes to. */

import { printable as safe } from "../evidence.ts";
import { paint, type Paint } from "../views/paint.ts";
import type { ReportedInterface, ReportedMicrovmSpec, SpecReport } from "./report.ts";
import type { SpecFinding } from "./rules.ts";

export function specText(report: SpecReport, color: boolean): string {
  const ink = paint(color);
  const parts = [
    ...byFile(report).flatMap((own) =>
      report.mode === "check"
        ? [state(own, ink)]
        : [edits(own, ink), coloured(own.diff, ink), own.findings.length > 0 ? `${ink.bold("after that:")}\n${state(own, ink)}` : ""],
    ),
    report.notCompared.map((line) => ink.dim(`not compared: ${printable(line)}`)).join("\n"),
    `${ink.bold(summary(report))}  ${ink.dim(`[exit ${report.exitCode}]`)}`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

type OfFile = Pick<SpecReport, "microvms" | "findings" | "changes" | "refusals" | "notes"> & { diff: string };

/** The lists are in the order of the files: each is gone through once, however many files there are. */
function byFile({ files, microvms, findings, changes, refusals, notes }: SpecReport): OfFile[] {
  const take = { microvms: taker(microvms), findings: taker(findings), changes: taker(changes), refusals: taker(refusals), notes: taker(notes) };
  return files.map(({ file, diff }) => ({
    diff,
    microvms: take.microvms(file),
    findings: take.findings(file),
    changes: take.changes(file),
    refusals: take.refusals(file),
    notes: take.notes(file),
  }));
}

const none: never[] = [];

function taker<T extends { file: string }>(items: readonly T[]): (file: string) => T[] {
  let from = 0;
  return (file) => {
    let to = from;
    while (items[to]?.file === file) to += 1;
    const own = to === from ? none : items.slice(from, to);
    from = to;
    return own;
  };
}

function state({ microvms, findings }: OfFile, ink: Paint): string {
  const lines: string[] = [];
  for (const microvm of microvms) addMicrovm(microvm, ink, lines);
  for (const found of findings) lines.push(...findingLines(found, ink));
  return lines.join("\n");
}

function edits({ changes, refusals, notes }: OfFile, ink: Paint): string {
  return [
    ...changes.map(
      ({ line, column, file, interface: name, what, from, to, because }) =>
        `${place({ file, line, column })}: ${ink.good("change")} ${name === null ? "" : `${printable(name, 60)}: `}${what} ${from === "" ? "" : `${printable(from, 60)} → `}${printable(to)} (${printable(because)})`,
    ),
    ...refusals.flatMap(({ file, line, column, interface: name, message, hint }) => [
      `${place({ file, line, column })}: ${ink.bad("not changed")} ${name === null || message.startsWith(name) ? "" : `${printable(name, 60)}: `}${printable(message)}`,
      ...wayOut(hint, ink),
    ]),
    ...notes.map(({ file, line, column, message }) => `${place({ file, line, column })}: ${ink.dim("note")} ${printable(message)}`),
  ].join("\n");
}

const plain = /^[\x20-\x7E]*$/;

/** On one line, so that no name of a file or a device makes up lines of its own. Most of what is shown is harmless at first sight. */
const printable = (text: string, max = 4_000): string => (text.length <= max && plain.test(text) ? text : safe(text, max).replaceAll("\n", "\\n"));

const place = ({ file, line, column }: { file: string; line: number; column: number }): string => `${printable(file)}:${line}:${column}`;

/** Of a folder of ten thousand specs these are the lines that there is most of. */
function addMicrovm({ file, line, kind, name, provider, interfaces }: ReportedMicrovmSpec, ink: Paint, lines: string[]): void {
  const path = printable(file);
  lines.push(
    `${path}:${line}: ${ink.bold(name === "" ? kind : `${kind} ${printable(name)}`)}${provider === null ? "" : ink.dim(` on ${printable(provider, 40)}`)}`,
  );
  for (const wanted of interfaces) lines.push(`${path}:${wanted.line}:${wanted.column}: ${interfaceLine(wanted, ink)}`);
}

function interfaceLine({ name, type, needs, service, why }: ReportedInterface, ink: Paint): string {
  const wants = needs.length > 0 ? ` needs ${printable(needs.join(", "))}` : "";
  return `${mark(service, ink)} ${printable(name, 60)} ${type === "templated" || type === "unknown" ? `(type ${type})` : type}${wants}${service === "refused" ? "" : `: ${printable(why)}`}`;
}

function mark(service: ReportedInterface["service"], ink: Paint): string {
  if (service === "refused") return ink.bad("✗");
  return service === "unknown" ? ink.warn("?") : ink.good("✓");
}

function findingLines({ file, line, column, level, rule, interface: name, message, hint, fixable }: SpecFinding, ink: Paint): string[] {
  const marks = { error: ink.bad("error"), warning: ink.warn("warning"), note: ink.dim("note") };
  const mends = fixable ? ink.dim("    fix spec patch mends it") : "";
  return [
    `${place({ file, line, column })}: ${marks[level]} ${ink.bold(rule)}${name === null ? "" : ` ${printable(name, 60)}`}: ${printable(message)}`,
    ...wayOut(hint, ink),
    ...(mends === "" ? [] : [mends]),
  ];
}

const wayOut = (hint: string, ink: Paint): string[] => (hint === "" ? [] : [ink.dim(`    way out: ${printable(hint)}`)]);

/** Every line of it is safe to print already. */
function coloured(diff: string, ink: Paint): string {
  const lines = diff.split("\n").map((line) => {
    if (line.startsWith("+") && !line.startsWith("+++")) return ink.good(line);
    return line.startsWith("-") && !line.startsWith("---") ? ink.bad(line) : line;
  });
  return lines.join("\n").replace(/\n$/, "");
}

const count = (amount: number, what: string): string => `${amount} ${what}${amount === 1 ? "" : "s"}`;

function summary({ mode, files, microvms, findings, changes, refusals, exitCode }: SpecReport): string {
  if (microvms.length === 0 && findings.length === 0 && changes.length === 0) return `no MicroVM spec in ${count(files.length, "file")}`;
  const faults = findings.filter(({ level }) => level !== "note");
  const fixable = faults.filter((found) => found.fixable).length;
  const interfaces = microvms.reduce((sum, microvm) => sum + microvm.interfaces.length, 0);
  const what = `${count(microvms.length, "spec")}, ${count(interfaces, "interface")}: `;
  const wrong =
    faults.length === 0
      ? "nothing wrong"
      : `${count(faults.length, "fault")}${fixable > 0 && mode === "check" ? ` (fix spec patch can mend ${fixable === faults.length ? (fixable === 1 ? "it" : "them") : fixable})` : ""}`;
  if (mode === "check") return what + wrong;
  const written = files.filter((file) => file.written).length;
  const done =
    changes.length === 0
      ? "nothing to change"
      : written > 0
        ? `${count(changes.length, "change")} in ${count(written, "file")} written`
        : `${count(changes.length, "change")} (--write makes ${changes.length === 1 ? "it" : "them"})`;
  const left = faults.length > 0 ? `; ${count(faults.length, "fault")} ${written > 0 || exitCode === 4 ? "left" : "left then"}` : "";
  return `${what}${done}${refusals.length > 0 ? `, ${count(refusals.length, "refusal")}` : ""}${left}`;
}

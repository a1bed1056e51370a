/** The ledger's lines as runs: what each found, did and came to. Pure. */

import type { LedgerLine } from "./ledger.ts";

export interface PastCommand {
  argv: string[];
  /** Null: a signal ended it, or it did not come to its end. */
  status: number | null;
  durationMs: number | null;
}

export interface PastStep {
  step: string;
  title: string;
  because: string[];
  /** `cut-off`: the run died in the middle of it. */
  outcome: string;
  error: string | null;
  commands: PastCommand[];
}

export interface PastRun {
  run: string;
  at: string;
  trigger: string;
  findings: string[];
  steps: PastStep[];
  /** Null where it never came to its end: killed, or a power cut. */
  exitCode: number | null;
  verdict: string | null;
  durationMs: number | null;
}

/** Newest first. */
export function runsOf(lines: readonly LedgerLine[]): PastRun[] {
  const runs = new Map<string, PastRun>();
  for (const line of lines) {
    const run = runs.get(line.run) ?? { run: line.run, at: line.at, trigger: "hand", findings: [], steps: [], exitCode: null, verdict: null, durationMs: null };
    runs.set(line.run, run);
    take(run, line);
  }
  return [...runs.values()].reverse();
}

function take(run: PastRun, line: LedgerLine): void {
  const current = run.steps.at(-1);
  switch (line.event) {
    case "run-begins":
      run.trigger = line.trigger ?? run.trigger;
      run.findings = line.findings ?? [];
      return;
    case "step-begins":
      run.steps.push({ step: line.step ?? "", title: line.title ?? "", because: line.because ?? [], outcome: "cut-off", error: null, commands: [] });
      return;
    case "command":
      if (current) ofCommand(current, line);
      return;
    case "step-ends": {
      const step = run.steps.findLast((each) => each.step === line.step);
      if (step) Object.assign(step, { outcome: line.outcome ?? "", error: line.error ?? null });
      return;
    }
    case "run-ends":
      run.trigger = line.trigger ?? run.trigger;
      Object.assign(run, { exitCode: line.exitCode ?? null, verdict: line.verdict ?? null, durationMs: line.durationMs ?? null });
  }
}

/** A command stands twice: before it runs without a status, and after it with one. */
function ofCommand(step: PastStep, { argv = [], status, durationMs }: LedgerLine): void {
  const open = step.commands.findLast((command) => command.durationMs === null && same(command.argv, argv));
  if (status === undefined || !open) step.commands.push({ argv, status: status ?? null, durationMs: durationMs ?? null });
  else Object.assign(open, { status, durationMs: durationMs ?? null });
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((word, index) => word === b[index]);

/** The ledger's lines: JSON, one before and one after each step and each run. What is damaged is counted and passed over. */

export interface LedgerLine {
  /** ISO 8601, UTC. */
  at: string;
  bootId: string;
  /** Microseconds since that boot. */
  monotonicUs: number;
  /** Of the run: the same in all its lines. */
  run: string;
  event: "run-begins" | "step-begins" | "command" | "step-ends" | "run-ends";
  /** Of the plan that is carried out: the same plan has the same id. */
  plan?: string;
  step?: string;
  title?: string;
  because?: string[];
  /** Of a step that is to bring up certain MicroVMs; absent where it is for all. */
  microvms?: string[];
  unit?: string;
  argv?: string[];
  status?: number | null;
  durationMs?: number;
  outcome?: string;
  error?: string;
  exitCode?: number;
  /** Only some checks ran (`--only`, `--skip`, the boot unit): its 0 speaks for those alone. */
  partial?: boolean;
  verdict?: string;
  findings?: string[];
  trigger?: string;
}

const events: readonly string[] = ["run-begins", "step-begins", "command", "step-ends", "run-ends"];

export function parseLedger(text: string): { lines: LedgerLine[]; damaged: number } {
  const lines: LedgerLine[] = [];
  let damaged = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const parsed = parseLine(line);
    if (parsed) lines.push(parsed);
    else damaged += 1;
  }
  return { lines, damaged };
}

function parseLine(line: string): LedgerLine | null {
  try {
    const value: unknown = JSON.parse(line);
    return isLine(value) ? value : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is LedgerLine {
  if (typeof value !== "object" || value === null) return false;
  const { at, bootId, monotonicUs, run, event } = value as Record<string, unknown>;
  return (
    typeof at === "string" &&
    typeof bootId === "string" &&
    typeof monotonicUs === "number" &&
    typeof run === "string" &&
    typeof event === "string" &&
    events.includes(event)
  );
}

/** Units that this tool stopped in this boot and whose start it did not come to, for its run was killed: when, in microseconds since boot. */
export function stoppedByUs(lines: readonly LedgerLine[], bootId: string): Map<string, number> {
  const stopped = new Map<string, number>();
  for (const line of lines) {
    if (line.bootId !== bootId || line.event !== "command" || line.argv?.[0] !== "systemctl") continue;
    const [, verb, unit] = line.argv;
    if (unit === undefined) continue;
    if (verb === "stop") stopped.set(unit, line.monotonicUs);
    if ((verb === "start" || verb === "restart") && line.status === 0) stopped.delete(unit);
  }
  return stopped;
}

/** Microseconds since boot of the last run of this boot that ended with everything healthy; null where there was none. */
export function lastSuccessUs(lines: readonly LedgerLine[], bootId: string): number | null {
  const last = lines.findLast((line) => line.bootId === bootId && line.event === "run-ends" && line.exitCode === 0 && line.partial !== true);
  return last?.monotonicUs ?? null;
}

export interface RestartForMicrovms {
  /** Microseconds since boot: its end. */
  us: number;
  /** NAMESPACE/NAME/UID; null: for all. */
  microvms: string[] | null;
}

/** Its last restart of flintlockd that was for MicroVMs that had not started. */
export function restartedForMicrovms(lines: readonly LedgerLine[], bootId: string): RestartForMicrovms | null {
  let last: RestartForMicrovms | null = null;
  let begun: LedgerLine | null = null;
  for (const line of lines) {
    if (line.bootId !== bootId || line.step !== "restart-flintlockd") continue;
    if (line.event === "step-begins") begun = Array.isArray(line.because) && line.because.includes("microvm-not-started") ? line : null;
    if (line.event === "step-ends" && line.outcome === "done" && begun)
      last = { us: line.monotonicUs, microvms: Array.isArray(begun.microvms) ? begun.microvms : null };
  }
  return last;
}

/** When this tool last began or ended a step of that id in this boot. */
export function lastStepUs(lines: readonly LedgerLine[], bootId: string, id: string): number | null {
  return (
    lines.findLast(({ bootId: boot, event, step }) => boot === bootId && step === id && (event === "step-begins" || event === "step-ends"))?.monotonicUs ?? null
  );
}

/** When a step of that id was last done in this boot; one that found it done already changed nothing. */
export function lastDoneUs(lines: readonly LedgerLine[], bootId: string, id: string): number | null {
  return (
    lines.findLast(({ bootId: boot, event, step, outcome }) => boot === bootId && step === id && event === "step-ends" && outcome === "done")?.monotonicUs ??
    null
  );
}

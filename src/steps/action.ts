/**
 * What a step is made of: plain data. The dry run prints it, the executor carries out the very same value.
 */

import type { FindingId, Risk, StepId } from "../report.ts";

/** What a step makes available or must wait for. Order follows from these, not from a list of special cases. */
export type Resource =
  | "pool"
  /** What is put in order on a pool that may serve without it, and brings none that does not serve. */
  | "pool-upkeep"
  /** The unit could start at all: not masked, its binary there, its configuration readable. */
  | "containerd-startable"
  | "flintlockd-startable"
  | "flintlockd-stopped"
  | "containerd"
  /** Files of kernel modules, for the running kernel. */
  | "module-files"
  | "modules"
  | "config"
  | "taps"
  | "pid-files"
  | "flintlockd"
  | "microvms";

/** A question with a yes or no that only reads; asked again until it holds, or once, right before something that relies on it. */
export type Condition =
  | { is: "file-sha256"; path: string; sha256: string }
  /** It is gone, or others wrote to it. */
  | { is: "file-not"; path: string; sha256: string }
  | { is: "path-absent"; path: string }
  | { is: "file-size"; path: string; bytes: number }
  | { is: "loop-backing"; loop: string; file: string }
  | { is: "pool-absent"; pool: string }
  | { is: "pool-active"; pool: string }
  | { is: "inactive-table"; pool: string }
  /** The device is there and has no table at all: what a `dmsetup create` that was cut off leaves. */
  | { is: "pool-tableless"; pool: string }
  | { is: "device-node"; path: string }
  | { is: "disk-blank"; path: string; diskseq: string; bytes: number; serial: string }
  | { is: "unit-active"; unit: string }
  | { is: "unit-inactive"; unit: string }
  | { is: "plugin-ok"; ctr: string; socket: string }
  /** The unit's main process listens on every endpoint and is the same process `steadyMs` later. */
  | { is: "serving"; unit: string; endpoints: string[]; steadyMs: number }
  | { is: "module-present"; module: string }
  | { is: "link-master"; link: string; master: string }
  | { is: "pid-not"; path: string; pid: number; startTicks: number }
  /** No waiting MicroVM's `not_before` lies ahead, and none is being tried this very moment. */
  | { is: "microvms-due" }
  /** No MicroVM waits any more. */
  | { is: "microvms-settled" };

export type Action =
  | {
      do: "run";
      argv: string[];
      /** The first line of stdout becomes `{name}` in later argv of the same plan; it must match `pattern` (a whole-string RegExp source). */
      bind?: { name: string; pattern: string };
      /** Left out where this already holds. */
      unless?: Condition;
      /** Default 60 000 ms. */
      timeoutMs?: number;
      /** Run again where it fails, so often at most, with growing pauses: only where a retry can help. */
      retries?: number;
      /** Told to the command on stdin. */
      input?: string;
    }
  /** One key of a YAML mapping is set; everything else stays as it is. Atomic, with a dated backup beside the file. */
  /** `before`, `after`: sha256. `text`: what it starts from, for the planner alone, which takes it out (it may hold secrets). */
  | { do: "set-key"; path: string; key: string; value: string; before: string; after: string; diff: string; text?: string }
  /** A small file of our own is written whole, atomically. `before`: sha256 of what it replaces, null where there is none. */
  | { do: "write-file"; path: string; text: string; mode: number; before: string | null; diff: string }
  /** A stop sign: where it does not hold the step fails before anything further is touched. */
  | { do: "require"; that: Condition; because: string }
  /** `optional`: where it does not come to hold in time the step is left out (`stillWaiting`), and so it is where the run is told to end meanwhile. */
  | { do: "await"; that: Condition; withinMs: number; optional?: true };

/** The code of a step that was left out because its time did not come, which is no failure. */
export const stillWaiting = "STILL_WAITING";

export interface Step {
  /** Findings that want the same key share one step. */
  key: string;
  id: StepId;
  title: string;
  because: FindingId[];
  /** NAMESPACE/NAME/UID of MicroVMs that it is to bring up, where it is for certain ones. */
  microvms?: string[];
  risk: Risk;
  impact: string;
  actions: Action[];
  /** Holds: nothing is left to do, the outcome is `already-done`. */
  done?: Condition;
  provides: Resource[];
  /** Runs after whatever in the plan provides these. */
  after: Resource[];
  /** Is not planned while one of these is broken and no step of the plan mends it. */
  needs: Resource[];
  /** Where this step fails, edits made by steps that provide these go back, and this step runs once more. */
  confirms?: Resource[];
  /** Planned only where another step of the plan provides one of these, and one makes good what it did. */
  onlyBefore?: Resource[];
  /** Half a cure: planned only where the step of that key is, too. */
  onlyWith?: string;
  /** Makes good what the step of that key did (started again what it stopped): runs after it even where something in between failed. */
  compensates?: string;
  /** Held against a shutdown while it runs (systemd-inhibit --what=shutdown). */
  inhibitShutdown?: boolean;
}

/** argv for argv what the step runs, as the report shows it. */
export function commandsOf(step: Step): string[][] {
  return step.actions.flatMap((action) => (action.do === "run" ? [action.argv] : []));
}

export function editsOf(step: Step): { path: string; diff: string }[] {
  return step.actions.flatMap((action) => (action.do === "set-key" || action.do === "write-file" ? [{ path: action.path, diff: action.diff }] : []));
}

/** What `fix spec` tells: plain data, printed by the views of this folder. `--format json` is this very value. */

import type { ExitStatus, Verdict } from "../report.ts";
import type { SpecFinding } from "./rules.ts";

export interface SpecReport {
  schema: "flintlock-fix/spec/v1";
  mode: "check" | "patch";
  verdict: Verdict;
  exitCode: ExitStatus;
  host: ReportedHost;
  /** What the specs could not be compared with, and why. */
  notCompared: string[];
  files: ReportedFile[];
  microvms: ReportedMicrovmSpec[];
  /** In patch mode those that are left, with their places in the patched text. */
  findings: SpecFinding[];
  changes: ReportedChange[];
  refusals: ReportedRefusal[];
  notes: ReportedNote[];
}

export interface ReportedHost {
  name: string;
  state: "known" | "absent" | "unknown";
  /** Null where it is known. */
  why: string | null;
  /** In force; null where not set, or not known. */
  bridgeName: string | null;
  parentIface: string | null;
  defaultProvider: string | null;
  /** Null: not known. */
  macvtap: boolean | null;
}

export interface ReportedFile {
  file: string;
  form: "json" | "yaml";
  specs: number;
  /** Unified; empty where nothing changes. */
  diff: string;
  written: boolean;
}

export interface ReportedMicrovmSpec {
  file: string;
  line: number;
  kind: string;
  name: string;
  /** Null: a template fills it in, or the host's default could not be told. */
  provider: string | null;
  interfaces: ReportedInterface[];
}

export interface ReportedInterface {
  name: string;
  /** `templated`: cannot be told here. */
  type: "tap" | "macvtap" | "unknown" | "templated";
  line: number;
  column: number;
  needs: string[];
  /** `policy`: once `fix --apply` did what the policy says. */
  service: "served" | "policy" | "refused" | "unknown";
  /** What serves it, or why nothing does. */
  why: string;
}

export interface ReportedPlace {
  file: string;
  line: number;
  column: number;
}

export interface ReportedChange extends ReportedPlace {
  microvm: string;
  /** Null: of the whole object. */
  interface: string | null;
  what: "type" | "bridge" | "name" | "indentation";
  from: string;
  to: string;
  because: string;
}

export interface ReportedRefusal extends ReportedPlace {
  code: string;
  interface: string | null;
  message: string;
  hint: string;
}

export interface ReportedNote extends ReportedPlace {
  message: string;
}

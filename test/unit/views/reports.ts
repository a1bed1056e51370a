import type { FindingId, FindingStatus, Report, StepId } from "../../../src/report.ts";

interface Said {
  exitCode?: Report["exitCode"];
  verdict?: Report["verdict"];
  findings?: [FindingId, FindingStatus, FindingStatus | null][];
  steps?: StepId[];
  refusals?: [FindingId | null, string][];
}

export function reportOf({ exitCode = 0, verdict = "healthy", findings = [["thinpool-missing", "healthy", null]], steps = [], refusals = [] }: Said): Report {
  return {
    schema: "flintlock-fix/report/v1",
    mode: "apply",
    verdict,
    exitCode,
    host: { name: "flhost", bootId: "b1", profile: "dev" },
    startedAt: "2026-11-23T15:48:46.120Z",
    durationMs: 212,
    findings: findings.map(([id, status, after]) => ({ id, status, after, summary: `${id} is ${status}`, evidence: [] })),
    plan: steps.map((id) => ({ id, title: id, because: [], risk: "safe", impact: "", commands: [], edits: [], outcome: "done", error: null })),
    microvms: [],
    refusals: refusals.map(([finding, code]) => ({ finding, code, message: "m", hint: "h" })),
    advice: [],
  };
}

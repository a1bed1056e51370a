// What scenarios say of reports and hosts: assertions whose messages show what was there instead.

import assert from "node:assert/strict";
import { fix } from "./fix.mjs";
import { lost, microvms } from "./processes.mjs";
import { capture } from "./record.mjs";
import { sh } from "./sh.mjs";
import { unchangedBy } from "./unchanged.mjs";

export { assert };

export const finding = (report, id) => report.findings.find((each) => each.id === id);

/** Findings that are problems, as a sorted list. */
export const problems = (report) =>
  report.findings
    .filter(({ status }) => status === "problem")
    .map(({ id }) => id)
    .sort();

export const stepIds = (report) => report.plan.map(({ id }) => id);

const brief = ({ status, report, stderr }) =>
  JSON.stringify(
    {
      status,
      stderr: stderr?.slice(0, 2_000),
      findings: report?.findings?.filter((each) => each.status !== "healthy").map(({ id, status: is, after, summary }) => ({ id, is, after, summary })),
      plan: report?.plan?.map(({ id, outcome, error }) => ({ id, outcome, error })),
      refusals: report?.refusals,
      microvms: report?.microvms,
    },
    null,
    1,
  );

/** The run ended so, with a report that says the same. */
export function ended(run, status, verdict) {
  assert.ok(run.report, `no report; status ${run.status}; stderr: ${run.stderr}`);
  assert.equal(run.status, status, `exit status: ${brief(run)}`);
  assert.equal(run.report.exitCode, status, "exitCode in the report");
  if (verdict) assert.equal(run.report.verdict, verdict, `verdict: ${brief(run)}`);
  assert.equal(run.stderr, "", "stderr is empty with --json");
  return run.report;
}

/** Each of these findings is a problem in the report. */
export function found(run, ...ids) {
  for (const id of ids) assert.equal(finding(run.report, id)?.status, "problem", `${id} is a problem: ${brief(run)}`);
}

/** A step of the plan with that id; the order of ids is the order of the plan. */
export function planned(run, ...ids) {
  const all = stepIds(run.report);
  let at = -1;
  for (const id of ids) {
    const next = all.indexOf(id, at + 1);
    assert.notEqual(next, -1, `${id} comes in its place in the plan: ${brief(run)}`);
    at = next;
  }
}

/** Exactly these steps, in this order. */
export const plannedExactly = (run, ...ids) => assert.deepEqual(stepIds(run.report), ids, `the plan: ${brief(run)}`);

export function refused(run, code) {
  assert.ok(
    run.report.refusals.some((refusal) => refusal.code === code),
    `a refusal ${code}: ${brief(run)}`,
  );
}

/**
 * The whole way of a fault: the dry run shows it and the plan and writes nothing, the apply does what was shown and proves it, MicroVMs that ran
 * go on with their PIDs and devices, a second apply finds nothing to do. `expect`: { findings, steps, words, proof }; `except`: units and files that change by themselves.
 */
export async function cure({ findings, steps, words = [], waiting = false, env = {}, except = [], proof }) {
  await capture(findings[0]);
  const dry = await unchangedBy(() => fix(["--dry-run", ...words], { env }), { except });
  ended(dry, 2, "planned");
  found(dry, ...findings);
  plannedExactly(dry, ...steps);
  const alive = microvms();
  const applied = await fix(["--apply", ...words], { env });
  ended(applied, 0, "fixed");
  assert.deepEqual(lost(alive), [], "MicroVMs go on, with their PIDs and devices");
  same(dry, applied);
  for (const id of findings) assert.equal(finding(applied.report, id).after, "healthy", `${id} after the cure: ${brief(applied)}`);
  for (const step of applied.report.plan) assert.ok(["done", "already-done"].includes(step.outcome), `${step.id}: ${brief(applied)}`);
  await proof?.(applied);
  await capture(findings[0], "cured");
  const again = await fix(["--apply", ...words.filter((word, i) => word !== "--wait" && words[i - 1] !== "--wait")], { env });
  ended(again, 0);
  if (!waiting) plannedExactly(again);
  return { dry, applied, again };
}

/** The apply did what the dry run showed: the same steps, commands and edits, argv for argv. */
export function same(dry, applied) {
  const shape = ({ plan }) => plan.map(({ id, commands, edits }) => ({ id, commands, edits }));
  assert.deepEqual(shape(applied.report), shape(dry.report), "the apply repeats the plan of the dry run");
}

/** No systemd unit was restarted more than once: by the times its main process was started since `sinceUs`. */
export async function starts(unit, since) {
  const { stdout } = await sh(["journalctl", "--no-pager", "--output=cat", "--since", since, `UNIT=${unit}`]);
  return stdout.split("\n").filter((line) => line.startsWith("Started ")).length;
}

export const now = async () => (await sh(["date", "+%Y-%m-%d %H:%M:%S.%6N"])).stdout.trim();

/** `fix status`: pause, breaker, budgets and last runs, as a table and as JSON. */

import { printable } from "../evidence.ts";
import { inWords, elapsedMs, type Moment } from "../heal/moment.ts";
import { pauseInWords } from "../heal/pause.ts";
import type { Standing } from "../heal/standing.ts";
import type { Brakes } from "../policy.ts";
import { table } from "./table.ts";

export function statusText(standing: Standing, brakes: Brakes, now: Moment): string {
  const { budgets, lastRuns } = standing;
  const budget = budgets.map(({ finding, used, of, allowance }) => {
    const next = { free: "may be tried", early: "waits", spent: "spent" }[allowance.is];
    return [finding, `${used} of ${of}`, allowance.is === "free" ? next : `${next}, again in ${inWords(allowance.againInMs)}`];
  });
  const runs = lastRuns.map(({ trigger, at, exitCode, verdict, steps, durationMs, waiting }) => [
    trigger,
    at,
    `${verdict} [${exitCode}]`,
    `${steps} steps`,
    `${(durationMs / 1000).toFixed(1)} s`,
    waiting === 0 ? "" : `${waiting} waiting`,
  ]);
  return [
    automation(standing, now),
    budget.length === 0
      ? `Attempts: none that count in the last ${inWords(brakes.attemptWindowMs)}`
      : `Attempts in the last ${inWords(brakes.attemptWindowMs)}\n${table(budget)}`,
    runs.length === 0 ? "Last runs: none" : `Last runs\n${table(runs)}`,
  ]
    .map((part) => part.trimEnd())
    .join("\n\n")
    .concat("\n");
}

function automation({ pause, breaker, problem }: Standing, now: Moment): string {
  if (pause.is === "paused") return `Automation is ${printable(pauseInWords(pause.pause))}; end it with: fix resume`;
  if (pause.is === "unreadable") return `Automation stands down: there is a pause that cannot be read (${printable(pause.why)}); end it with: fix resume`;
  if (problem !== null) return `Automation only reports: its state cannot be relied on (${printable(problem)}); start anew with: fix resume`;
  if (breaker)
    return `Automation stopped itself ${inWords(elapsedMs(breaker.opened, now))} ago and only reports: ${printable(breaker.why)}; let it go on with: fix resume`;
  return "Automation may act";
}

export function statusJson({ pause, breaker, problem, budgets, lastRuns }: Standing, brakes: Brakes): string {
  const document = {
    schema: "flintlock-fix/status/v1",
    mayAct: pause.is !== "paused" && pause.is !== "unreadable" && problem === null && breaker === null,
    pause:
      pause.is === "paused"
        ? { since: pause.pause.since.at, until: pause.pause.until, why: pause.pause.why }
        : pause.is === "unreadable"
          ? { since: null, until: null, why: pause.why }
          : null,
    breaker: breaker ? { opened: breaker.opened.at, finding: breaker.finding, why: breaker.why } : null,
    problem,
    budget: { attempts: brakes.attempts, windowMs: brakes.attemptWindowMs },
    findings: budgets.map(({ finding, used, allowance }) => ({
      finding,
      attempts: used,
      state: allowance.is,
      againInMs: allowance.is === "free" ? 0 : Math.round(allowance.againInMs),
    })),
    lastRuns,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

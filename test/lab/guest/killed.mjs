// Ends a run of fix, its whole process group, at a moment that its ledger tells.

import assert from "node:assert/strict";
import { fix, startFix } from "./fix.mjs";
import { kill, pause, textOf } from "./sh.mjs";

const ledger = "/var/lib/flintlock-fix/ledger.jsonl";

const events = { begins: "step-begins", ends: "step-ends", runs: "command" };

function seen(text, [when, what]) {
  return text.split("\n").some((line) => {
    try {
      const { event, step, argv } = JSON.parse(line);
      return event === events[when] && (when === "runs" ? argv[0] : step) === what;
    } catch {
      return false;
    }
  });
}

/**
 * `moment`: "begins STEP", "ends STEP" or "runs PROGRAM". Returns "killed", or "ended" where the run was over before it came.
 * With SIGSTOP it goes no further, for a power cut that follows.
 */
export async function killedAt(words, moment, signal = "SIGKILL") {
  const before = (textOf(ledger) ?? "").length;
  const run = startFix(words);
  let over = false;
  void run.done.then(() => (over = true));
  while (!over) {
    if (seen((textOf(ledger) ?? "").slice(before), moment.split(" "))) {
      kill(-run.pid, signal);
      if (signal === "SIGKILL") await run.done;
      return "killed";
    }
    await pause(5);
  }
  return "ended";
}

/** Before and after each step of a plan. Between the end of one and the beginning of the next nothing happens: that is one moment. */
export const momentsOf = (steps) => [...steps.map((step) => `begins ${step}`), `ends ${steps.at(-1)}`];

/**
 * Kills a run before and after each step of its plan, each time on the host that `broken` breaks anew; the run after it has to finish the work.
 * `proof` looks at the host then. `words`: the options of both runs.
 */
export async function killedEverywhere({ words = [], steps, broken, proof }) {
  for (const moment of momentsOf(steps)) {
    await broken();
    assert.equal(await killedAt(["--apply", ...words], moment), "killed", moment);
    const second = await fix(["--apply", ...words]);
    const left = second.report?.findings?.filter(({ status, after }) => status !== "healthy" && after !== "healthy");
    assert.equal(
      second.status,
      0,
      `${moment}, then once more: ${JSON.stringify({ left, plan: second.report?.plan, refusals: second.report?.refusals })} ${second.stderr}`,
    );
    await proof(moment, second);
  }
}

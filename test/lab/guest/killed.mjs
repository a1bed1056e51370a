// Ends a run of fix, its whole process group, at a moment that its ledger tells.

import { startFix } from "./fix.mjs";
import { kill, pause, textOf } from "./sh.mjs";

const ledger = "/var/lib/flintlock-fix/ledger.jsonl";

const events = { begins: "step-begins", ends: "step-ends" };

function seen(text, [when, step]) {
  return text.split("\n").some((line) => {
    try {
      const entry = JSON.parse(line);
      return entry.event === events[when] && entry.step === step;
    } catch {
      return false;
    }
  });
}

/**
 * `moment`: "begins STEP" or "ends STEP". Returns "killed", or "ended" where the run was over before it came.
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

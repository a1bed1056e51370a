// Runs a scenario up to its first --apply and stops there: the host stays broken, for a person to look at.

import { existsSync } from "node:fs";
import * as fixing from "./fix.mjs";
import { wordsFor } from "./words.mjs";

class Enough extends Error {}

const scenario = await import(`/tools/scenarios/${process.argv[2]}.mjs`);
const stop = () => {
  throw new Enough();
};
fixing.beginReports("shell");
const nothing = () => undefined;
const lab = {
  ...wordsFor({ real: existsSync("/tools/flintlockd") }).lab,
  fix: (words = [], options = {}) => (words.includes("--apply") ? stop() : fixing.fix(words, options)),
  startFix: stop,
  killedAt: stop,
  killedEverywhere: stop,
  cure: stop,
  // What a scenario does for itself alone.
  capture: nothing,
  after: nothing,
  keep: nothing,
  kept: () => ({}),
  powerCut: nothing,
};
try {
  await (scenario.boots ? scenario.boots[0].run(lab) : scenario.default(lab));
} catch (error) {
  if (!(error instanceof Enough)) console.log(`the scenario ended before its first --apply: ${error.message}`);
}

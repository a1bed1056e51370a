// Runs a scenario up to its first --apply and stops there: the host stays broken, for a person to look at.

import * as breaks from "./breaks.mjs";
import * as check from "./check.mjs";
import * as fixing from "./fix.mjs";
import * as host from "./host.mjs";
import { setPauses } from "./reference.mjs";
import * as shell from "./sh.mjs";
import { unchangedBy } from "./unchanged.mjs";

class Enough extends Error {}

const { argv } = process;
const scenario = await import(`/tools/scenarios/${argv[2]}.mjs`);
process.env.LAB_BREAK_ONLY = "1";
const stop = () => {
  throw new Enough();
};
const fix = (words = [], options = {}) => (words.includes("--apply") ? stop() : fixing.fix(words, options));
const lab = {
  ...shell,
  ...host,
  ...breaks,
  ...check,
  ...fixing,
  fix,
  startFix: stop,
  cure: stop,
  setPauses,
  unchangedBy,
  capture: () => undefined,
  after: () => undefined,
  keep: () => undefined,
  kept: () => ({}),
  powerCut: () => undefined,
};
try {
  await (scenario.boots ? scenario.boots[0].run(lab) : scenario.default(lab));
} catch (error) {
  if (!(error instanceof Enough)) console.log(`the scenario ended before its first --apply: ${error.message}`);
}

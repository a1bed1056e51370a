// Captures of hosts as scenarios break and cure them: real ones, for the tests and the samples. Only when recording.

import { mkdirSync } from "node:fs";
import { program } from "./fix.mjs";
import { must, sh } from "./sh.mjs";

const recording = { scenario: null };

export const beginRecording = (scenario) => (recording.scenario = scenario);

/** Saves a capture under the finding; `state`: "cured", or a word that tells this one from others of the scenario. */
export async function capture(finding, state = "") {
  if (recording.scenario === null) return;
  const folder = `/lab/captures/${finding}`;
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${recording.scenario}${state === "" ? "" : `.${state}`}.json`;
  await sh(["rm", "-f", file]);
  await must("/usr/local/bin/node", program, "capture", "-o", file);
}

/** `fix capture`: everything that a look reads, secrets masked, in one file. */

import { catalogue } from "../catalogue.generated.ts";
import { look } from "../detector.ts";
import { maskSecrets } from "../evidence.ts";
import { bounded, captureText, emptyCapture, recording } from "../host/capture.ts";
import { LinuxHost } from "../host/linux.ts";
import type { ExitStatus } from "../report.ts";
import { signaturesOf } from "../run.ts";
import { Survey } from "../survey/survey.ts";
import { version } from "../version.ts";
import type { CaptureOptions } from "./arguments.ts";
import { policyInForce } from "./policy-of.ts";
import { saveNew } from "./save.ts";
import { print } from "./print.ts";

/** A host with ten thousand MicroVMs stays below it; answers past it are left out and named. */
const maxBytes = 64 * 1024 * 1024;

export async function capture(options: CaptureOptions): Promise<ExitStatus> {
  const ids = catalogue.map(({ id }) => id);
  const { policy } = policyInForce(options, ids);
  const host = recording(LinuxHost.within(policy.timeoutMs), maskSecrets);
  await look(new Survey(host, { ...policy, only: [], skip: [] }, signaturesOf(catalogue), "ignore"), catalogue);
  const made = bounded(emptyCapture(version, new Date().toISOString()), host.capture(), maxBytes);
  saveNew(options.output, captureText(made), "capture -o");
  print(`${options.output}: ${made.answers.length} answers${made.notes.length === 0 ? "" : `, ${made.notes.length} notes (see "notes" in it)`}\n`);
  return 0;
}

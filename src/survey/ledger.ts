/** What this tool did here before, as far as a look needs it. */

import { known, unknown, type Answer } from "../host/inspector.ts";
import { lastDoneUs, lastStepUs, lastSuccessUs, parseLedger, restartedForMicrovms, stoppedByUs, type RestartForMicrovms } from "../facts/ledger.ts";
import type { Survey } from "./survey.ts";

export interface LedgerFacts {
  /** Units that this tool stopped in this boot and did not come to start again: when, in microseconds since boot. */
  stoppedByUs: ReadonlyMap<string, number>;
  /** Microseconds since boot: end of its last run that found, or left, everything healthy. */
  lastSuccessUs: number | null;
  /** Its last restart of flintlockd for MicroVMs that had not started. */
  restartedForMicrovms: RestartForMicrovms | null;
  /** Microseconds since boot: when it last put pid files aside. */
  pidsClearedUs: number | null;
  /** Microseconds since boot: when it last edited that key of flintlockd's configuration. */
  editedUs: { "bridge-name": number | null; "parent-iface": number | null };
  /** Microseconds since boot: when it last loaded the modules that macvtap needs. */
  loadedModulesUs: number | null;
  /** Lines that could not be read. */
  damaged: number;
}

/** What is needed of it is of this boot, and new. */
const tailBytes = 256 * 1024;

/** `known` and empty where it never ran here. */
export async function ledgerFacts(survey: Survey): Promise<Answer<LedgerFacts>> {
  const [file, clock] = await Promise.all([survey.host.ask({ ask: "file", path: `${survey.policy.stateDir}/ledger.jsonl`, tailBytes }), survey.clock()]);
  if (file.kind === "unknown") return file;
  if (clock.kind !== "known") return unknown(clock.why);
  if (file.kind === "absent")
    return known(
      {
        stoppedByUs: new Map(),
        lastSuccessUs: null,
        restartedForMicrovms: null,
        pidsClearedUs: null,
        editedUs: { "bridge-name": null, "parent-iface": null },
        loadedModulesUs: null,
        damaged: 0,
      },
      clock.at,
    );
  const whole = file.value.text.length < tailBytes ? file.value.text : file.value.text.slice(file.value.text.indexOf("\n") + 1);
  const { lines, damaged } = parseLedger(whole);
  const { bootId } = clock.value;
  const editedUs = { "bridge-name": lastStepUs(lines, bootId, "set-bridge-name"), "parent-iface": lastStepUs(lines, bootId, "set-parent-iface") };
  return known(
    {
      editedUs,
      stoppedByUs: stoppedByUs(lines, bootId),
      lastSuccessUs: lastSuccessUs(lines, bootId),
      restartedForMicrovms: restartedForMicrovms(lines, bootId),
      pidsClearedUs: lastStepUs(lines, bootId, "clear-stale-pid"),
      loadedModulesUs: lastDoneUs(lines, bootId, "load-macvlan"),
      damaged,
    },
    file.at,
  );
}

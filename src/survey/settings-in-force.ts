/** Whether flintlockd goes by a network setting as it is now: it was started before an edit that nobody restarted it for. */

import type { LogHit } from "../facts/log-evidence.ts";
import type { NetworkKey } from "../facts/network-needs.ts";
import { faultOf } from "../facts/parent-devices.ts";
import { contradiction } from "../facts/settings-in-force.ts";
import { valueOf } from "../host/inspector.ts";
import { configChanged } from "./config-seen.ts";
import type { Survey } from "./survey.ts";

export type NotInForce =
  /** Of a key that it still does without. */
  | { is: "without" }
  /** It goes by another value, and this line shows it. */
  | { is: "another"; hit: LogHit };

/** Null: in force, or nothing speaks against it. `missed`: how often flintlockd said that it has no value of the key. */
export async function notInForce(key: NetworkKey, survey: Survey, missed: number): Promise<NotInForce | null> {
  const [settings, units, ledger, configChangedUs] = await Promise.all([survey.settings(), survey.units(), survey.ledger(), configChanged(survey)]);
  const flintlockd = valueOf(units)?.flintlockd;
  if (settings.kind !== "known" || !flintlockd || flintlockd.mainPid === 0 || flintlockd.execMainStartUs === 0) return null;
  const { execMainStartUs: startUs } = flintlockd;
  const hit = await anotherMissed(key, survey, startUs, configChangedUs);
  if (hit) return { is: "another", hit };
  if (settings.value.of(key).origin !== "file") return null;
  // This tool's own edit: a run that was killed before its restart of flintlockd.
  const editedUs = valueOf(ledger)?.editedUs[key] ?? null;
  const isLater = (us: number | null): boolean => us !== null && us > startUs;
  return isLater(editedUs) || (missed > 0 && isLater(configChangedUs)) ? { is: "without" } : null;
}

/** Where the value set now does not work either, that is another finding, and a restart would mend nothing. */
async function anotherMissed(key: NetworkKey, survey: Survey, startUs: number, configChangedUs: number | null): Promise<LogHit | undefined> {
  const [journal, records, settings, links] = await Promise.all([survey.journal(), survey.records(), survey.settings(), survey.links()]);
  const hits = valueOf(journal)?.findings.find(({ finding }) => finding === "parent-device-missing")?.examples ?? [];
  if (hits.length === 0 || settings.kind !== "known" || links.kind !== "known") return undefined;
  const valueNow = (each: NetworkKey): string => settings.value.of(each).value;
  const set = { "bridge-name": valueNow("bridge-name"), "parent-iface": valueNow("parent-iface") };
  if (set[key] === "" || faultOf(key, links.value.links, set[key]) !== null) return undefined;
  return contradiction(key, { hits, records: valueOf(records) ?? [], set, startUs, configChangedUs });
}

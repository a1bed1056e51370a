/** Whether a unit keeps running: looked at again after a pause, only where something speaks against it. */

import { gaveUp, isUp, unitProperties, type Unit } from "../facts/unit.ts";
import type { Answer } from "../host/inspector.ts";
import { pause } from "./pause.ts";
import type { Survey } from "./survey.ts";
import { unitNames, unitsFrom, type Units } from "./units.ts";

export type Steadiness = "steady" | "crash-loop" | "gave-up" | "down";

export interface Looked {
  flintlockd: Unit;
  containerd: Unit;
  steadiness: { flintlockd: Steadiness; containerd: Steadiness };
}

/** A process this young, of a unit that systemd has restarted, may be on its way to the next crash. */
const youngUs = 15e6;
/** Longer than RestartSec=5 of the units and one start. */
const pauseMs = 6_500;

/** Not only other properties: a captured host tells one look from the next by the words of the question. */
const again = [unitProperties, [...unitProperties].reverse()].map((properties) => [
  "systemctl",
  "show",
  "--no-pager",
  `--property=${properties.join(",")}`,
  "--all",
  "--",
  ...unitNames,
]);

export async function steadiness(survey: Survey, containerdUnit: string): Promise<Answer<Looked>> {
  const [first, clock] = await Promise.all([survey.units(), survey.clock()]);
  if (first.kind !== "known") return first;
  if (clock.kind !== "known") return clock;
  const pick = (units: Units): [Unit, Unit] => [units.flintlockd, containerdUnit === "containerd.service" ? units.containerd : units.containerdDev];
  let [flintlockd, containerd] = pick(first.value);
  let judged: [Steadiness | null, Steadiness | null] = [atOnce(flintlockd, clock.value.monotonicUs), atOnce(containerd, clock.value.monotonicUs)];
  for (const argv of again) {
    if (judged.every((each) => each !== null)) break;
    await pause(survey.host, pauseMs);
    const next = await unitsFrom(survey.host, argv);
    if (next.kind !== "known") return next;
    const [laterFlintlockd, laterContainerd] = pick(next.value);
    judged = [judged[0] ?? compare(flintlockd, laterFlintlockd), judged[1] ?? compare(containerd, laterContainerd)];
    [flintlockd, containerd] = [laterFlintlockd, laterContainerd];
  }
  return {
    kind: "known",
    value: { flintlockd, containerd, steadiness: { flintlockd: judged[0] ?? last(flintlockd), containerd: judged[1] ?? last(containerd) } },
    at: first.at,
  };
}

/** Null: one look does not tell. */
export function atOnce(unit: Unit, nowUs: number): Steadiness | null {
  if (gaveUp(unit)) return "gave-up";
  if (!isUp(unit) && unit.activeState !== "deactivating") return "down";
  if (unit.activeState === "active" && (unit.restarts === 0 || nowUs - unit.execMainStartUs >= youngUs)) return "steady";
  return null;
}

/** Null: it came up in between, so it takes one more look. */
export function compare(before: Unit, after: Unit): Steadiness | null {
  if (gaveUp(after)) return "gave-up";
  if (!isUp(after) && after.activeState !== "deactivating") return "down";
  const sameProcess = before.activeState === "active" && after.activeState === "active" && before.mainPid === after.mainPid;
  if (sameProcess) return "steady";
  const waits = after.subState.startsWith("auto-restart");
  if (before.activeState === "active") return waits || after.restarts > before.restarts ? "crash-loop" : null;
  return waits || (after.restarts > before.restarts && after.activeState !== "active") ? "crash-loop" : null;
}

/** What is left after the last look: up since a moment ago, or still on its way. */
const last = (unit: Unit): Steadiness =>
  unit.activeState === "active" ? "steady" : unit.restarts > 0 || unit.subState.startsWith("auto-restart") ? "crash-loop" : "steady";

/** Conditions on units: active, inactive, containerd's snapshotter loaded, and flintlockd serving. */

import { isDevmapper } from "../../facts/plugins.ts";
import { known, mapAnswer, unknown, type Answer, type Inspector } from "../../host/inspector.ts";
import { pluginsOf } from "../../survey/plugins.ts";
import { pause } from "../../survey/pause.ts";
import { servingOf } from "../../survey/serving.ts";
import { unitNow } from "../../survey/units.ts";
import type { Condition } from "../action.ts";

type ServiceCondition = Extract<Condition, { is: "unit-active" | "unit-inactive" | "serving" | "plugin-ok" }>;

export async function serviceCondition(condition: ServiceCondition, host: Inspector): Promise<Answer<boolean>> {
  switch (condition.is) {
    case "unit-active": {
      const unit = await unitNow(host, condition.unit);
      return mapAnswer(unit, ({ activeState }) => activeState === "active");
    }
    case "unit-inactive": {
      // Neither running nor about to be started again: auto-restart counts as activating.
      const unit = await unitNow(host, condition.unit);
      return unit.kind === "absent"
        ? known(true)
        : mapAnswer(unit, ({ activeState, jobPending }) => ["inactive", "failed"].includes(activeState) && !jobPending);
    }
    case "serving":
      return isServing(condition, host);
    case "plugin-ok":
      return mapAnswer(await pluginsOf(host, condition.ctr, condition.socket), (list) => list.some((plugin) => isDevmapper(plugin) && plugin.status === "ok"));
  }
}

type Serving = Extract<Condition, { is: "serving" }>;

async function isServing(condition: Serving, host: Inspector): Promise<Answer<boolean>> {
  const first = await servingPid(condition, host);
  if (first.kind !== "known" || first.value === null) return mapAnswer(first, () => false);
  await pause(host, condition.steadyMs);
  return mapAnswer(await servingPid(condition, host), (pid) => pid === first.value);
}

/** The main process, where it is up and listens on every endpoint; null where not. */
async function servingPid({ unit: name, endpoints }: Serving, host: Inspector): Promise<Answer<number | null>> {
  const unit = await unitNow(host, name);
  if (unit.kind !== "known") return unit;
  const { activeState, mainPid } = unit.value;
  if (activeState !== "active" || mainPid === 0) return known(null, unit.at);
  if (endpoints.length === 0) return known(mainPid, unit.at);
  const seen = await servingOf(host, mainPid, endpoints);
  // The process went away between the two looks.
  if (seen.kind === "absent") return known(null, unit.at);
  if (seen.kind === "unknown") return unknown(seen.why);
  return known(seen.value.listening.length === endpoints.length ? mainPid : null, seen.at);
}

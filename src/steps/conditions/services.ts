/** Conditions on units: active, inactive, containerd's snapshotter loaded, and flintlockd serving. */

import { isDevmapper } from "../../facts/plugins.ts";
import { known, unknown, type Answer, type Inspector } from "../../host/inspector.ts";
import { pluginsOf } from "../../survey/plugins.ts";
import { pause } from "../../survey/pause.ts";
import { servingOf } from "../../survey/serving.ts";
import { unitNow } from "../../survey/units.ts";
import type { Condition } from "../action.ts";

type ServiceCondition = Extract<Condition, { is: "unit-active" | "unit-inactive" | "serving" | "plugin-ok" }>;

export async function serviceCondition(condition: ServiceCondition, host: Inspector): Promise<Answer<boolean>> {
  if (condition.is === "plugin-ok") return pluginOk(condition, host);
  const unit = await unitNow(host, condition.unit);
  switch (condition.is) {
    case "unit-active":
      return unit.kind === "known" ? known(unit.value.activeState === "active", unit.at) : unit;
    case "unit-inactive":
      // Neither running nor about to be started again: auto-restart counts as activating.
      if (unit.kind === "absent") return known(true);
      return unit.kind === "known" ? known(["inactive", "failed"].includes(unit.value.activeState) && !unit.value.jobPending, unit.at) : unit;
    case "serving": {
      const first = await servingPid(condition, host);
      if (first.kind !== "known" || first.value === null) return first.kind === "known" ? known(false, first.at) : first;
      await pause(host, condition.steadyMs);
      const second = await servingPid(condition, host);
      return second.kind === "known" ? known(second.value === first.value, second.at) : second;
    }
  }
}

/** Where containerd does not answer yet, the snapshotter is not loaded yet. */
async function pluginOk({ ctr, socket }: Extract<Condition, { is: "plugin-ok" }>, host: Inspector): Promise<Answer<boolean>> {
  const plugins = await pluginsOf(host, ctr, socket);
  return plugins.kind === "known"
    ? known(
        plugins.value.some((plugin) => isDevmapper(plugin) && plugin.status === "ok"),
        plugins.at,
      )
    : known(false);
}

/** The main process, where it is up and listens on every endpoint; null where not. */
async function servingPid({ unit: name, endpoints }: Extract<Condition, { is: "serving" }>, host: Inspector): Promise<Answer<number | null>> {
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

/** Conditions on the kernel's modules and links. */

import { builtinModules } from "../../facts/kernel-modules.ts";
import { known, mapAnswer, type Answer, type Inspector } from "../../host/inspector.ts";
import type { Condition } from "../action.ts";

export async function networkCondition(condition: Extract<Condition, { is: "module-present" | "link-master" }>, host: Inspector): Promise<Answer<boolean>> {
  if (condition.is === "module-present") return modulePresent(condition.module, host);
  const target = await host.ask({ ask: "link", path: `/sys/class/net/${condition.link}/master` });
  if (target.kind === "absent") return known(false);
  return mapAnswer(target, (path) => path.split("/").at(-1) === condition.master);
}

/** Loaded, or built in: a built-in module without parameters has no folder in /sys/module. */
export async function modulePresent(module: string, host: Inspector): Promise<Answer<boolean>> {
  const loaded = await host.ask({ ask: "status", path: `/sys/module/${module}` });
  if (loaded.kind !== "absent") return mapAnswer(loaded, () => true);
  const clock = await host.ask({ ask: "clock" });
  if (clock.kind !== "known") return clock;
  const builtin = await host.ask({ ask: "file", path: `/lib/modules/${clock.value.kernel}/modules.builtin` });
  if (builtin.kind === "absent") return known(false);
  return mapAnswer(builtin, ({ text }) => builtinModules(text).has(module));
}

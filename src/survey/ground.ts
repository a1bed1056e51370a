/** What the pool that is there lies on. */

import type { Ground } from "../facts/pool-footing.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import { deviceNames } from "./device-mapper.ts";
import type { Survey } from "./survey.ts";

export async function ground(survey: Survey, pool: string): Promise<Answer<Ground>> {
  const [files, layout, slaves] = await Promise.all([survey.poolFiles(), survey.layout(), slavesOf(survey.host, pool)]);
  if (files.kind !== "known") return unknown(files.why);
  if (layout.kind !== "known") return unknown(layout.why);
  const { containerdUnit: containerd, flintlockdUnit: flintlockd } = layout.value;
  return known({ files: files.value, slaves, units: { containerd, flintlockd } }, files.at);
}

/** Kernel names (loop0), from sysfs. */
async function slavesOf(host: Inspector, pool: string): Promise<string[]> {
  const device = valueOf(await deviceNames(host))?.get(pool);
  return device === undefined ? [] : (valueOf(await host.ask({ ask: "directory", path: `/sys/block/${device}/slaves` })) ?? []);
}

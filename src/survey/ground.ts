/** What the pool that is there lies on. */

import type { Ground } from "../facts/pool-footing.ts";
import { known, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
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
  const block = valueOf(await host.ask({ ask: "directory", path: "/sys/block" })) ?? [];
  for (const entry of block.filter((candidate) => /^dm-\d+$/.test(candidate))) {
    const file = await host.ask({ ask: "file", path: `/sys/block/${entry}/dm/name` });
    if (valueOf(file)?.text.trimEnd() === pool) return valueOf(await host.ask({ ask: "directory", path: `/sys/block/${entry}/slaves` })) ?? [];
  }
  return [];
}

/** Every process that says by its arguments whose hypervisor it is: asked for only where a pid file does not lead to one. */

import { hypervisorMarks, marksOf, parseCmdline, type Owner } from "../facts/process.ts";
import { known, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface HypervisorProcess {
  pid: number;
  argv: string[];
}

export type Hypervisors = ReadonlyMap<string, HypervisorProcess>;

/** What cannot be read is none: a process that has gone since, or one that an older capture did not look at. A glance leaves it to the whole look. */
export async function hypervisors({ host, glance }: Survey): Promise<Answer<Hypervisors>> {
  const listed = glance ? null : await host.ask({ ask: "directory", path: "/proc" });
  const found = new Map<string, HypervisorProcess>();
  if (listed?.kind !== "known") return known(found);
  for (const name of listed.value.filter((one) => /^\d{1,10}$/.test(one))) {
    const words = await host.ask({ ask: "file", path: `/proc/${name}/cmdline` });
    if (words.kind !== "known") continue;
    const argv = parseCmdline(words.value.text);
    for (const mark of hypervisorMarks(argv)) if (!found.has(mark)) found.set(mark, { pid: Number(name), argv });
  }
  return known(found, listed.at);
}

export function hypervisorOf(own: Owner, all: Hypervisors): HypervisorProcess | undefined {
  return marksOf(own)
    .map((mark) => all.get(mark))
    .find((one) => one !== undefined);
}

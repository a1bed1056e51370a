/** What an earlier run kept of the journal, where it is still good. */

import type { JournalMemory } from "../facts/journal-memory.ts";
import type { Clock } from "../host/inspector.ts";
import { version } from "../version.ts";
import type { Speaker } from "./journal-read.ts";
import type { Survey } from "./survey.ts";

export const memoryFile = "journal.json";

export interface Recalled {
  memory: JournalMemory | null;
  /** Why there is none, where that is worth a word. */
  caveats: string[];
}

/** It is about these very starts, in this boot, and was heard with the same ears: else nothing is known, as at the beginning. */
export async function recall(survey: Survey, speakers: readonly Speaker[], { bootId }: Clock): Promise<Recalled> {
  const nothing = (...caveats: string[]): Recalled => ({ memory: null, caveats });
  const memory = await survey.memory();
  if (memory === null) return nothing();
  if ("damage" in memory) return nothing(`${memory.path} is damaged (${memory.damage}): the journal is read since boot`);
  if (memory.bootId !== bootId) return nothing("the host was booted since the last run: the journal is read since boot");
  const same = memory.units.length === speakers.length && speakers.every(({ of }, index) => isOf(memory.units[index], of));
  return same && memory.madeBy === ears(survey) ? { memory, caveats: [] } : nothing();
}

const isOf = (kept: JournalMemory["units"][number] | undefined, unit: Speaker["of"]): boolean =>
  kept?.name === unit.name && kept.invocationId === unit.invocationId;

/** The program and its wordings: another would have heard something else. */
export function ears({ signatures }: Survey): string {
  return JSON.stringify([version, ...signatures.map(({ finding, signature: { name, unit, pattern } }) => [finding, name, unit, String(pattern)])]);
}

/** Null where there is none. Damage is said; what cannot be read is as good as none, for the journal holds it all. */
export type Recollection = JournalMemory | { path: string; damage: string } | null;

export async function recollect({ host, policy, memoryUse }: Survey): Promise<Recollection> {
  if (memoryUse === "ignore") return null;
  const path = `${policy.stateDir}/${memoryFile}`;
  const file = await host.ask({ ask: "file", path });
  if (file.kind !== "known") return null;
  const { parseMemory } = await import("../facts/journal-memory.ts");
  const parsed = parseMemory(file.value.text);
  return "damage" in parsed ? { path, damage: parsed.damage } : parsed.memory;
}

/** STATE/journal.json, written at the end of a run that may write: what the next look need not read again. */

import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../errors.ts";
import { memoryText, type JournalMemory } from "../facts/journal-memory.ts";
import { memoryFile } from "../survey/journal-memory.ts";

/**
 * Not synced: it is written each minute, a power cut makes another boot of which it knows nothing, and its checksum tells a torn
 * one. Why it could not be written, or null; then the next look reads what this one read.
 */
export function keepMemory(stateDir: string, memory: JournalMemory): string | null {
  const path = join(stateDir, memoryFile);
  const text = memoryText(memory);
  // The old one, with less in it, is as true.
  if (text === null) return null;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    chmodSync(stateDir, 0o700);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return null;
  } catch (error) {
    return `${path} cannot be written, so each look reads the whole journal again: ${reasonOf(error)}`;
  }
}

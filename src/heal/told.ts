/** What a person was last told, so that a need is told once, and again when it changes: not each minute. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../report.ts";

/** What would be told: the same words for the same need. Empty: nothing is the matter. */
export function needOf({ exitCode, findings, refusals }: Report): string {
  if (exitCode === 0 || exitCode === 5) return "";
  const sick = findings.filter(({ status, after }) => (after ?? status) !== "healthy").map(({ id, status, after }) => `${id}:${after ?? status}`);
  // A refusal that only tells how long to wait would be a new one each minute.
  const codes = refusals.filter(({ code }) => code !== "ATTEMPT_PAUSE").map(({ finding, code }) => `${finding ?? ""}:${code}`);
  return [String(exitCode), ...[...new Set([...sick, ...codes])].sort()].join(" ");
}

/** Kept in the state folder; beside the lock where that cannot be written, so that a broken state folder is told once too. */
export class Told {
  private readonly places: string[];

  constructor(stateDir: string, lockPath: string) {
    this.places = [join(stateDir, "told"), `${lockPath}.told`];
  }

  last(): string {
    for (const path of this.places) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        // The other one, then.
      }
    }
    return "";
  }

  keep(need: string): void {
    for (const path of this.places) {
      try {
        writeFileSync(path, need, { mode: 0o600 });
        return;
      } catch {
        // The other one, then.
      }
    }
  }
}

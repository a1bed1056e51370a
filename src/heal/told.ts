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

/** A look that could not tell (status 6) may have met a busy minute: it is a need when the next one cannot tell either. */
export function isPassing(need: string): boolean {
  return need.startsWith("6 ");
}

/** Kept in the state folder; beside the lock where that cannot be written, so that a broken state folder is told once too. */
interface Memory {
  told: string;
  /** By the last run, told or not. */
  seen: string;
}

export class Told {
  private readonly places: string[];

  constructor(stateDir: string, lockPath: string) {
    this.places = [join(stateDir, "told"), `${lockPath}.told`];
  }

  /** Whether this need is news to a person; remembers it. */
  isNews(need: string): boolean {
    const { told, seen } = this.last();
    if (need === told && need === seen) return false;
    const waits = isPassing(need) && need !== seen;
    this.keep({ told: waits ? told : need, seen: need });
    return !waits && need !== told;
  }

  private last(): Memory {
    for (const path of this.places) {
      try {
        const [told = "", seen = ""] = readFileSync(path, "utf8").split("\n");
        return { told, seen };
      } catch {
        // The other one, then.
      }
    }
    return { told: "", seen: "" };
  }

  private keep({ told, seen }: Memory): void {
    for (const path of this.places) {
      try {
        writeFileSync(path, `${told}\n${seen}\n`, { mode: 0o600 });
        return;
      } catch {
        // The other one, then.
      }
    }
  }
}

/**
 * What was done here: STATE/ledger.jsonl, a line before and after each step, synced, so that a power cut leaves at most one
 * half line, which the reader passes over. Bounded: past 1 MiB it moves to ledger.jsonl.1.
 */

import { appendFileSync, chmodSync, closeSync, constants, fsyncSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "./errors.ts";
import type { LedgerLine } from "./facts/ledger.ts";

const maxBytes = 1024 * 1024;

export class Ledger {
  /** Why it cannot be written; null while it can. A cure goes on without it, and the report says so. */
  failure: string | null = null;
  private readonly path: string;

  constructor(
    private readonly stateDir: string,
    private readonly stamp: () => Pick<LedgerLine, "at" | "bootId" | "monotonicUs">,
    private readonly run: string,
  ) {
    this.path = join(stateDir, "ledger.jsonl");
  }

  write(line: Omit<LedgerLine, "at" | "bootId" | "monotonicUs" | "run">): void {
    try {
      mkdirSync(this.stateDir, { recursive: true, mode: 0o700 });
      chmodSync(this.stateDir, 0o700);
      this.rotate();
      const descriptor = openSync(this.path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      try {
        // The line break comes first: a half line of a power cut then spoils itself alone.
        appendFileSync(descriptor, `\n${JSON.stringify({ ...this.stamp(), run: this.run, ...line })}`);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      this.failure ??= `the ledger ${this.path} cannot be written: ${reasonOf(error)}`;
    }
  }

  private rotate(): void {
    try {
      if (statSync(this.path).size > maxBytes) renameSync(this.path, `${this.path}.1`);
    } catch {
      // It is not there yet.
    }
  }
}

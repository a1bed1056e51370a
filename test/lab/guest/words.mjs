// The words that scenarios are written in.

import { readFileSync, writeFileSync } from "node:fs";
import * as breaks from "./breaks.mjs";
import * as check from "./check.mjs";
import * as fixing from "./fix.mjs";
import * as host from "./host.mjs";
import { killedAt, killedEverywhere, momentsOf } from "./killed.mjs";
import { lost, microvms } from "./processes.mjs";
import * as prod from "./prod.mjs";
import { capture } from "./record.mjs";
import { setPauses } from "./reference.mjs";
import * as shell from "./sh.mjs";
import { tracedWrites } from "./trace.mjs";
import { unchangedBy } from "./unchanged.mjs";

/** Everything that a scenario may use; `undoAll` ends what it began. */
export function wordsFor({ real }) {
  const after = [];
  const lab = {
    ...shell,
    ...host,
    ...breaks,
    ...prod,
    ...check,
    fix: fixing.fix,
    fixText: fixing.fixText,
    startFix: fixing.startFix,
    argvOf: fixing.argvOf,
    killedAt,
    killedEverywhere,
    momentsOf,
    microvms,
    lost,
    capture,
    real,
    setPauses,
    unchangedBy,
    tracedWrites,
    /** Done when the scenario ends, however it ends; last one first. */
    after: (undo) => after.unshift(undo),
    /** Kept for the next boot of the same disk. */
    keep: (value) => writeFileSync("/lab/keep.json", JSON.stringify(value)),
    kept: () => JSON.parse(readFileSync("/lab/keep.json", "utf8")),
    powerCut: () => writeFileSync("/lab/power-cut", ""),
  };
  const undoAll = async () => {
    for (const undo of after) await Promise.resolve(undo()).catch(() => undefined);
  };
  return { lab, undoAll };
}

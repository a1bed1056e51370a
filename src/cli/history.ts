/** `fix history`: what was done here. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, FixError, reasonOf } from "../errors.ts";
import { runsOf } from "../facts/history.ts";
import { parseLedger } from "../facts/ledger.ts";
import { defaultPolicy } from "../policy.ts";
import { historyJson, historyText } from "../views/history.ts";
import type { HistoryOptions } from "./heal-arguments.ts";
import { readable } from "./status.ts";
import { print } from "./print.ts";

export async function history({ json, last }: HistoryOptions): Promise<number> {
  const stateDir = process.env["FLINTLOCK_FIX_STATE"] || defaultPolicy.stateDir;
  readable(stateDir, "history");
  const { lines, damaged } = parseLedger(["ledger.jsonl.1", "ledger.jsonl"].map((name) => textOf(join(stateDir, name))).join("\n"));
  const runs = runsOf(lines).slice(0, last);
  print(json ? historyJson(runs, damaged) : historyText(runs, damaged));
  return Promise.resolve(0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw new FixError("UNREADABLE", `the ledger ${path}: ${reasonOf(error)}`, "run it as root: sudo fix history", 6, { cause: error });
  }
}

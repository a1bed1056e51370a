/** `fix pause`, `fix resume`. */

import { FixError } from "../errors.ts";
import { EventLog } from "../events.ts";
import { maskSecrets, printable } from "../evidence.ts";
import { momentOf } from "../heal/moment.ts";
import { pauseInWords, type Pause } from "../heal/pause.ts";
import { Store } from "../heal/store.ts";
import { LinuxHost } from "../host/linux.ts";
import { defaultPolicy } from "../policy.ts";
import type { PauseOptions } from "./heal-arguments.ts";
import { print } from "./print.ts";

const maxWhy = 500;

export async function pause(options: PauseOptions): Promise<number> {
  onlyRoot("pause");
  const why = printable(maskSecrets(options.why.trim()), maxWhy).replaceAll("\n", " ");
  if (why === "") throw new FixError("USAGE", "--why is empty", 'say what for: fix pause --for 2h --why "new disk"');
  const clock = LinuxHost.clock();
  const until = options.for === null ? null : new Date(clock.nowMs + options.for).toISOString();
  const begun: Pause = { since: momentOf(clock), until, why };
  new Store(stateDir()).keepPause(begun);
  await tell("paused", pauseInWords(begun));
  print(`automatic runs are ${pauseInWords(begun)}\nend it with: fix resume\n`);
  return 0;
}

export async function resume(): Promise<number> {
  onlyRoot("resume");
  const store = new Store(stateDir());
  const before = [...(store.pause(Date.now()).is === "none" ? [] : ["the pause is over"]), ...changes(store.state())];
  store.clear();
  if (before.length > 0) await tell("resumed", `automation may act again: ${before.join(", ")}`);
  print(before.length === 0 ? "nothing was paused or stopped\n" : `automation may act again: ${before.join(", ")}\n`);
  return 0;
}

function changes(read: ReturnType<Store["state"]>): string[] {
  if ("problem" in read) return ["its damaged state is gone"];
  const { breaker, attempts } = read.state;
  return [...(breaker ? ["the breaker is closed"] : []), ...(attempts.length > 0 ? ["all budgets are full"] : [])];
}

const stateDir = (): string => process.env["FLINTLOCK_FIX_STATE"] || defaultPolicy.stateDir;

function onlyRoot(word: string): void {
  if (process.getuid?.() !== 0) throw new FixError("NOT_ROOT", `fix ${word} writes its state, which only root may`, `run it as root: sudo fix ${word}`, 6);
}

async function tell(kind: "paused" | "resumed", message: string): Promise<void> {
  const log = new EventLog();
  log.record({ kind, message, trigger: "hand" });
  await log.close();
}

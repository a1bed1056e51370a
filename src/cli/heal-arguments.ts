/** The words of self-healing: status, history, pause, resume, install, uninstall, watch. */

import { FixError } from "../errors.ts";
import { duration, type Command } from "./arguments.ts";

export interface StatusOptions {
  json: boolean;
  config: string | null;
}

export interface HistoryOptions {
  json: boolean;
  /** So many runs, the newest first. */
  last: number;
}

export interface PauseOptions {
  /** Milliseconds; null: until `fix resume`. */
  for: number | null;
  why: string;
}

export interface InstallOptions {
  dryRun: boolean;
  cron: boolean;
  watch: boolean;
  bootOnly: boolean;
  /** Milliseconds between two looks. */
  interval: number;
}

export interface UninstallOptions {
  dryRun: boolean;
  keepState: boolean;
}

export interface WatchOptions {
  apply: boolean;
  config: string | null;
}

export type HealParsed =
  | { command: "status"; options: StatusOptions }
  | { command: "history"; options: HistoryOptions }
  | { command: "pause"; options: PauseOptions }
  | { command: "resume" }
  | { command: "install"; options: InstallOptions }
  | { command: "uninstall"; options: UninstallOptions }
  | { command: "watch"; options: WatchOptions };

const defaultIntervalMs = 45_000;
const leastIntervalMs = 10_000;

export function healCommands(program: Command, done: (parsed: HealParsed) => void): void {
  looks(program, done);
  program
    .command("pause")
    .description("automatic runs stand down; a hand-run --apply says so and needs --even-if-paused")
    .option("--for <duration>", "how long; without it until fix resume", duration)
    .requiredOption("--why <text>", "the reason, for whoever comes by")
    .action((said: { for?: number; why: string }) => done({ command: "pause", options: { for: said.for ?? null, why: said.why } }));
  program
    .command("resume")
    .description("end the pause, close the breaker, give every finding its full budget of attempts")
    .action(() => done({ command: "resume" }));
  program
    .command("install")
    .description("the boot unit and the timer (or --cron)")
    .option("--dry-run", "print every file and change nothing")
    .option("--cron", "cron instead of the timer")
    .option("--watch", "follow the journal too, as a unit of its own")
    .option("--boot-only", "the boot unit alone")
    .option("--interval <duration>", "between two looks (default 45s; with --cron 1m)", duration)
    .action((said: Partial<InstallOptions>) => done({ command: "install", options: installOptions(said) }));
  program
    .command("uninstall")
    .description("takes away what install made, and the state")
    .option("--dry-run", "print what would go and change nothing")
    .option("--keep-state", "the ledger and the state stay")
    .action((said: Partial<UninstallOptions>) => done({ command: "uninstall", options: { dryRun: said.dryRun ?? false, keepState: said.keepState ?? false } }));
}

function looks(program: Command, done: (parsed: HealParsed) => void): void {
  program
    .command("status")
    .description("last runs, outcomes, attempt budgets, breaker, pause")
    .option("--json", "as JSON")
    .option("--config <file>", "policy file")
    .action((said: { json?: boolean; config?: string }) => done({ command: "status", options: { json: said.json ?? false, config: said.config ?? null } }));
  program
    .command("history")
    .description("what was done here: the ledger")
    .option("--json", "as JSON")
    .option("--last <runs>", "so many runs (default 20)", wholeNumber)
    .action((said: { json?: boolean; last?: number }) => done({ command: "history", options: { json: said.json ?? false, last: said.last ?? 20 } }));
  program
    .command("watch")
    .description("follow the journal of flintlockd and containerd, and look when a known failure appears")
    .option("--apply", "cure it too, within the policy and brakes of automation")
    .option("--config <file>", "policy file")
    .action((said: { apply?: boolean; config?: string }) => done({ command: "watch", options: { apply: said.apply ?? false, config: said.config ?? null } }));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new FixError("USAGE", `--last ${text} is no whole number`, "--last 20");
  return Number(text);
}

function installOptions(said: Partial<InstallOptions>): InstallOptions {
  const { cron = false, watch = false, bootOnly = false, dryRun = false } = said;
  const usage = (message: string, hint: string): FixError => new FixError("USAGE", message, hint);
  if (bootOnly && (cron || watch || said.interval !== undefined)) throw usage("--boot-only leaves out timer, cron and watch", "leave one of them out");
  const interval = said.interval ?? (cron ? 60_000 : defaultIntervalMs);
  if (interval < leastIntervalMs) throw usage("--interval: a look takes seconds itself", "--interval 30s, or fix install --watch, which looks at once");
  if (cron && !cronMinutes(interval))
    throw usage("--interval: cron counts whole minutes that divide an hour, or hours that divide a day", "--interval 1m, 5m, 15m, 1h");
  return { dryRun, cron, watch, bootOnly, interval };
}

/** crontab(5) can say only steps that fit the hour, or the day. */
export function cronMinutes(ms: number): string | null {
  const minutes = ms / 60_000;
  if (Number.isInteger(minutes) && minutes < 60 && 60 % minutes === 0) return minutes === 1 ? "* * * * *" : `*/${minutes} * * * *`;
  const hours = minutes / 60;
  if (Number.isInteger(hours) && hours < 24 && 24 % hours === 0) return hours === 1 ? "0 * * * *" : `0 */${hours} * * *`;
  return hours === 24 ? "0 0 * * *" : null;
}

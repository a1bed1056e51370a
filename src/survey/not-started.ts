/** MicroVMs that flintlock's records want, that have no hypervisor, and that will not come up by themselves soon: why. */

import { known, unknown, valueOf, type Answer } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import { hypervisorDeath } from "./hypervisor-words.ts";
import type { LogEvidence } from "./journal.ts";
import type { Microvm } from "./microvms.ts";
import type { Survey } from "./survey.ts";

export interface NotStarted {
  /** NAMESPACE/NAME/UID */
  id: string;
  /**
   * `resync`: nothing but flintlockd's resync, or its restart, takes it up. `hypervisor`: its hypervisor itself failed since
   * flintlockd's last start. `unexplained`: flintlockd had its chance and nothing came of it. `service`: nobody tries.
   */
  why: "resync" | "hypervisor" | "unexplained" | "service";
  /** The hypervisor's last words about it, else flintlockd's. */
  words: Evidence | null;
  reason: string;
}

export interface Unstarted {
  notStarted: NotStarted[];
  /** Of the others: those that are tried again by themselves. */
  waiting: number;
  /** Whether these run cannot be told, and why. */
  untold: { id: string; why: string }[];
  /** Their pid file alone is in the way: `microvm-pid-reused` speaks of them. */
  held: string[];
  /** Some MicroVM's `not_before` lies ahead: a restart now would take its timer away. */
  restartWouldHarm: boolean;
}

export const notExecuted = "hypervisor-not-executed";
/** What takes longer hangs. */
const longestTaskMs = 30 * 60_000;

export async function unstarted(survey: Survey): Promise<Answer<Unstarted>> {
  const microvms = await survey.microvms();
  if (microvms.kind !== "known") return microvms;
  const waiting = microvms.value.filter(({ state, record }) => state === "waiting" && record.deletedAt === 0);
  const wanted = microvms.value.filter(({ state, record }) => state === "unknown" && record.deletedAt === 0);
  const untold = wanted.flatMap(({ record: { id }, process }) => (process.is === "unknown" ? [{ id, why: process.why }] : []));
  const held = wanted.flatMap(({ record: { id }, process }) => (process.is === "unknown" ? [] : [id]));
  if (waiting.length === 0) return known({ notStarted: [], waiting: 0, untold, held, restartWouldHarm: false }, microvms.at);
  const [clock, units, journal, ledger] = await Promise.all([survey.clock(), survey.units(), survey.journal(), survey.ledger()]);
  if (clock.kind !== "known") return clock;
  if (units.kind !== "known") return unknown(units.why);
  const { nowMs, monotonicUs } = clock.value;
  const startUs = units.value.flintlockd.execMainStartUs;
  const log = valueOf(journal);
  const restart = valueOf(ledger)?.restartedForMicrovms;
  const restartedFor: Context["restartedFor"] = restart && restart.us >= startUs && startUs > 0 ? (restart.microvms ?? "all") : [];
  const ranSince = restart != null && (valueOf(ledger)?.lastSuccessUs ?? -1) >= restart.us;
  const clearedSince = startUs > 0 && (valueOf(ledger)?.pidsClearedUs ?? -1) >= startUs;
  const context = { survey, log, nowMs, startedMs: nowMs - (monotonicUs - startUs) / 1000, restartedFor, ranSince, clearedSince };
  const notStarted = (await Promise.all(waiting.map((microvm) => whyNot(microvm, context)))).filter((one) => one !== null);
  const restartWouldHarm = waiting.some(({ record }) => record.notBefore * 1000 > nowMs);
  return known({ notStarted, waiting: waiting.length - notStarted.length, untold, held, restartWouldHarm }, microvms.at);
}

interface Context {
  survey: Survey;
  log: LogEvidence | undefined;
  nowMs: number;
  /** Of flintlockd's present process, milliseconds since the epoch. */
  startedMs: number;
  /** flintlockd's present start was made by this tool, because these had not started. */
  restartedFor: readonly string[] | "all";
  /** A run of this tool ended well after that: they ran. */
  ranSince: boolean;
  /** This tool put pid files aside since that start: a run that was killed before it restarted flintlockd. */
  clearedSince: boolean;
}

/** Null: it is tried again by itself, and soon enough. */
async function whyNot(microvm: Microvm, { survey, log, nowMs, startedMs, restartedFor, ranSince, clearedSince }: Context): Promise<NotStarted | null> {
  const { record, due, process, reason } = microvm;
  const { id } = record;
  const said = wordsAbout(id, log);
  const say = (why: NotStarted["why"], because: string, words: Evidence | null): NotStarted => ({ id, why, words: words ?? said, reason: because });
  if (due === "service") return say("service", reason, null);
  if (
    log?.findings.some(
      ({ finding, examples }) => finding === "microvm-not-started" && examples.some((hit) => hit.signature === notExecuted && hit.microvm === id),
    ) === true
  ) {
    return say("hypervisor", "its hypervisor could not be executed", null);
  }
  if (process.is !== "dead" && process.is !== "none") return null;
  const death = process.is === "dead" ? await hypervisorDeath(survey.host, microvm, startedMs) : null;
  const wasForIt = restartedFor === "all" || restartedFor.includes(id);
  const isDue = record.notBefore * 1000 <= nowMs;
  if (death?.complained === true) return say("hypervisor", "its hypervisor was started by this flintlockd and ended, with words of its own", death.words);
  // One that a restart brought to life only to die again, another restart would not keep alive.
  if (death?.startedByThis === true && wasForIt && !ranSince && isDue)
    return say(
      "hypervisor",
      `flintlockd was restarted for it, and its hypervisor ${death.words === null ? "died without a word" : "ended again"}`,
      death.words,
    );
  const hadItsChance = process.is === "none" && microvm.passedOver !== "yes" && record.createdAt * 1000 < startedMs;
  const tookAnother = hadItsChance && clearedSince && isDue;
  if (tookAnother)
    return say("resync", "flintlockd took another process for its hypervisor, until its pid file was put aside; only the resync takes it up", null);
  if (due !== "resync" || !isDue) return null;
  // One worker: while it is at one MicroVM (pulling an image, for minutes), the others wait for it.
  if (log?.busySince != null && nowMs - Date.parse(log.busySince) < longestTaskMs) return null;
  if (death?.startedByThis !== true && wasForIt)
    return say("unexplained", "flintlockd was restarted for it already, and it still does not run", death?.lastWords ?? null);
  if (hadItsChance) return say("unexplained", "flintlockd took it up at its start, and no hypervisor came of it", null);
  return say("resync", reason, death?.lastWords ?? null);
}

function wordsAbout(id: string, log: LogEvidence | undefined): Evidence | null {
  const words = log?.lastWords.get(id);
  return words ? { source: "journal", ref: words.unit, at: words.at === "" ? null : words.at, excerpt: words.excerpt } : null;
}

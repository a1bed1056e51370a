/** Whether flintlockd's configuration is still the one that it started with. */

import { configChangedUs, sinceBootUs } from "../facts/freshness.ts";
import type { ConfigSeen } from "../facts/journal-memory.ts";
import type { Unit } from "../facts/unit.ts";
import type { Clock, FileText } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

/** Microseconds since boot; null: it has not changed, or that cannot be told. */
export async function configChanged(survey: Survey): Promise<number | null> {
  const facts = await factsOf(survey);
  if (facts === null) return null;
  const { file, clock } = facts;
  const known = await atStart(survey, facts);
  if (known && isUntouched(file, known)) return null;
  return configChangedUs(
    {
      mtimeUs: sinceBootUs(file.mtimeMs, clock),
      get sha256() {
        return file.sha256;
      },
    },
    known,
  );
}

/** The digest of a file costs more than all the rest of a look at it: node:crypto is loaded for it. */
const isUntouched = (file: FileText, known: ConfigSeen): boolean => file.identity !== undefined && file.identity === known.identity;

/** What a run that may write keeps of it; null where nobody saw what flintlockd started with. */
export async function configSeen(survey: Survey): Promise<ConfigSeen | null> {
  const facts = await factsOf(survey);
  if (facts === null) return null;
  const { path, clock, flintlockd } = facts;
  const { file } = facts;
  const identity = file.identity ?? null;
  const known = await atStart(survey, facts);
  if (known) return isUntouched(file, known) || known.sha256 === file.sha256 ? { ...known, identity, seenUs: clock.monotonicUs } : known;
  // A file's time is known to the millisecond.
  const mtimeUs = sinceBootUs(file.mtimeMs + 1, clock);
  const older = mtimeUs !== null && flintlockd.mainPid > 0 && mtimeUs < flintlockd.execMainStartUs;
  return older ? { path, sha256: file.sha256, identity, seenUs: clock.monotonicUs } : null;
}

interface Facts {
  clock: Clock;
  flintlockd: Unit;
  path: string;
  file: FileText;
}

async function factsOf(survey: Survey): Promise<Facts | null> {
  const [clock, units, settings] = await Promise.all([survey.clock(), survey.units(), survey.settings()]);
  if (clock.kind !== "known" || units.kind !== "known" || settings.kind !== "known") return null;
  const { file, realPath } = settings.value.config;
  return file && { clock: clock.value, flintlockd: units.value.flintlockd, path: realPath, file };
}

async function atStart(survey: Survey, { clock, flintlockd, path }: Facts): Promise<ConfigSeen | null> {
  const memory = await survey.memory();
  if (memory === null || "damage" in memory || memory.bootId !== clock.bootId || memory.config?.path !== path) return null;
  return flintlockd.invocationId !== "" && memory.units[0]?.invocationId === flintlockd.invocationId ? memory.config : null;
}

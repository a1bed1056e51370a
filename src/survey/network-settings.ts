/** Whether bridge-name, or parent-iface, is missing: from flintlockd's settings, its records and its own words. */

import { needOf, noWants, someOf, wantsOf, type NetworkKey, type Wants } from "../facts/network-needs.ts";
import { evidence } from "../evidence.ts";
import type { Links } from "../facts/parent-choice.ts";
import { valueOf } from "../host/inspector.ts";
import { healthy, problem, unknownBecause, type Diagnosis } from "../remediation.ts";
import type { Evidence, FindingId } from "../report.ts";
import type { SettingFacts } from "../steps/network-settings.ts";
import { withEveryHop } from "./default-routes.ts";
import type { LogEvidence, LogFinding, LogHit } from "./journal.ts";
import type { MicrovmRecord } from "./records.ts";
import { notInForce } from "./settings-in-force.ts";
import type { ConfigFile, Setting } from "./settings.ts";
import type { Survey } from "./survey.ts";

export interface MissingSetting extends SettingFacts {
  /** `not-in-force`: it is set, but flintlockd was started before that: without it, or with another value. */
  need: "needed" | "undecided" | "not-in-force";
  /** flintlockd does not start like this. */
  cannotStart: boolean;
}

/** Names of the signatures that both findings use. */
export const signatureNames = { tap: "tap-needs-parent", macvtap: "macvtap-needs-parent", neither: "neither-given" };

const findingOf: Record<NetworkKey, FindingId> = { "bridge-name": "bridge-name-missing", "parent-iface": "parent-iface-missing" };

export async function inspectMissing(key: NetworkKey, survey: Survey): Promise<Diagnosis<MissingSetting>> {
  const [settings, records, journal] = await Promise.all([survey.settings(), survey.records(), survey.journal()]);
  if (settings.kind !== "known") return unknownBecause(`flintlockd's settings cannot be told: ${settings.why}`);
  const { config } = settings.value;
  const [bridge, parent] = [settings.value.of("bridge-name"), settings.value.of("parent-iface")];
  const setting = key === "bridge-name" ? bridge : parent;
  const log = valueOf(journal);
  const wants = records.kind === "known" ? wantsOf(records.value) : records.kind === "absent" ? noWants : null;
  const logged = {
    tap: hitsOf(log, "bridge-name-missing", signatureNames.tap).length,
    macvtap: hitsOf(log, "parent-iface-missing", signatureNames.macvtap).length,
  };
  const { bridgeName, parentIface } = survey.policy;
  const need = needOf(key, { bridge: bridge.value, parent: parent.value, wants, logged, asked: { bridge: bridgeName, parent: parentIface } });
  const seen = [...settingEvidence(key, setting, config), ...recordEvidence(key, valueOf(records) ?? []), ...logEvidence(log, findingOf[key])].map(evidence);
  const wanting = wantedBy(key, wants, log);
  const facts = async (why: MissingSetting["need"], cannotStart: boolean): Promise<MissingSetting> => ({
    key,
    config,
    setting,
    links: await linksFor(key, why, survey),
    need: why,
    cannotStart,
  });
  switch (need.is) {
    case "set": {
      const against = await notInForce(key, survey, key === "bridge-name" ? logged.tap : logged.macvtap);
      const place = setting.where === "" ? setting.origin : setting.where;
      if (against === null) return healthy(`${key} is ${setting.value} (${place})`);
      const summary = `${key} is ${setting.value} (${place}), but flintlockd was started before that`;
      return against.is === "without"
        ? problem(`${summary} and does not have it yet`, seen, await facts("not-in-force", false), { microvms: wanting })
        : problem(`${summary} and goes by another`, [evidence(saidAt(against.hit)), ...seen], await facts("not-in-force", false), {
            microvms: [...new Set([...wanting, ...(against.hit.microvm === null ? [] : [against.hit.microvm])])],
          });
    }
    case "not-needed":
      return healthy(`${key} is not set, and nothing on this host needs it`);
    case "unknown":
      return unknownBecause(`${key} is not set, and whether a MicroVM needs it cannot be told: ${records.kind === "known" ? "" : records.why}`);
    case "undecided":
      return problem(
        `flintlockd was given neither bridge-name nor parent-iface, so it cannot start, and no stored MicroVM says which is meant`,
        seen,
        await facts("undecided", true),
      );
    case "needed": {
      const without = need.cannotStart
        ? "flintlockd was given neither bridge-name nor parent-iface, so it cannot start"
        : `${key} is set nowhere: not in ${config.path}, nor by a flag or drop-in`;
      const who = wanting.length > 0 ? `; wanted by ${someOf(wanting)}` : "";
      return problem(`${without}${who}`, seen, await facts("needed", need.cannotStart), { microvms: wanting });
    }
  }
}

/** A parent is chosen by the default routes, where nobody says which. */
async function linksFor(key: NetworkKey, need: MissingSetting["need"], survey: Survey): Promise<Links | null> {
  const links = valueOf(await survey.links());
  if (links === undefined) return null;
  if (key !== "parent-iface" || need === "not-in-force" || survey.policy.parentIface !== null) return links;
  return { ...links, defaultRoutes: await withEveryHop(survey.host, links.defaultRoutes) };
}

function wantedBy(key: NetworkKey, wants: Wants | null, log: LogEvidence | undefined): string[] {
  const stored = key === "bridge-name" ? [...(wants?.tap ?? [])] : [...(wants?.macvtap ?? [])];
  return [...new Set([...stored, ...(findingIn(log, findingOf[key])?.microvms ?? [])])];
}

export const findingIn = (log: LogEvidence | undefined, id: FindingId): LogFinding | undefined => log?.findings.find(({ finding }) => finding === id);

/** The newest hits of one signature that the journal kept as examples. */
export const hitsOf = (log: LogEvidence | undefined, id: FindingId, signature: string): LogFinding["examples"] =>
  findingIn(log, id)?.examples.filter((hit) => hit.signature === signature) ?? [];

export function logEvidence(log: LogEvidence | undefined, id: FindingId, most = 3): Evidence[] {
  return (findingIn(log, id)?.examples ?? []).slice(0, most).map(saidAt);
}

const saidAt = ({ unit, at, excerpt }: LogHit): Evidence => ({ source: "journal", ref: unit, at, excerpt });

function settingEvidence(key: NetworkKey, { value, where, origin }: Setting, { path, file, problem: wrong }: ConfigFile): Evidence[] {
  if (wrong) return [{ source: "file", ref: wrong.line === null ? path : `${path}:${wrong.line}`, at: null, excerpt: wrong.message }];
  const at = file ? new Date(file.mtimeMs).toISOString() : null;
  if (value !== "") return [{ source: "file", ref: where === "" ? path : where, at, excerpt: `${key}: ${value}` }];
  if (origin === "flag" || origin === "environment") return [{ source: "file", ref: where, at: null, excerpt: `${key} is given, and empty` }];
  return [{ source: "file", ref: path, at, excerpt: file ? `no ${key} in it` : "there is no such file" }];
}

function recordEvidence(key: NetworkKey, records: readonly MicrovmRecord[], most = 3): Evidence[] {
  const found = records.flatMap(({ id, deletedAt, interfaces, source }): Evidence[] => {
    if (deletedAt !== 0) return [];
    const wanting = interfaces.find(({ type, metadata, bridge }) =>
      key === "bridge-name" ? type === "tap" && !metadata && bridge === null : type === "macvtap",
    );
    const excerpt = key === "bridge-name" ? "is a tap and names no bridge of its own" : "is a macvtap";
    return wanting ? [{ source: "file", ref: source, at: null, excerpt: `${id}: ${wanting.guestDevice} ${excerpt}` }] : [];
  });
  return found.slice(0, most);
}

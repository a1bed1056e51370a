/** Which lines of the present starts still count: nothing that could have cured what they say has happened since. */

import { sinceBootUs, staleBecause, type Cures } from "../facts/freshness.ts";
import type { LogHit } from "../facts/log-evidence.ts";
import { valueOf, type Clock } from "../host/inspector.ts";
import type { FindingId } from "../report.ts";
import { configChanged } from "./config-seen.ts";
import type { Survey } from "./survey.ts";

export async function freshHits(survey: Survey, hits: readonly LogHit[], clock: Clock): Promise<readonly LogHit[]> {
  if (hits.length === 0) return hits;
  const [units, configUs, ledger, poolMadeUs] = await Promise.all([survey.units(), configChanged(survey), survey.ledger(), poolMade(survey, hits, clock)]);
  const flintlockd = valueOf(units)?.flintlockd.name;
  const causeGoneUs: Partial<Record<FindingId, number | null>> = {
    "thinpool-missing": poolMadeUs,
    // The kernel keeps no time of it: that of /sys/module/NAME is made anew whenever its inode is (fs/kernfs/inode.c).
    "macvtap-unavailable": valueOf(ledger)?.loadedModulesUs ?? null,
  };
  const curesOf = ({ unit, finding }: LogHit): Cures => ({
    // Seen to already: what was said before that is no line.
    unitStartUs: null,
    // What flintlockd's configuration says is nothing to containerd.
    configChangedUs: unit === flintlockd ? configUs : null,
    causeGoneUs: causeGoneUs[finding] ?? null,
    toolSuccessUs: valueOf(ledger)?.lastSuccessUs ?? null,
  });
  const fresh = hits.filter((hit) => staleBecause({ sameBoot: true, monotonicUs: hit.monotonicUs }, curesOf(hit)) === null);
  return uncured(survey, fresh);
}

/** Microseconds since boot at which the pool's device node was made; null where there is none. */
async function poolMade(survey: Survey, hits: readonly LogHit[], clock: Clock): Promise<number | null> {
  if (!hits.some(({ finding }) => finding === "thinpool-missing")) return null;
  const name = valueOf(await survey.containerd())?.poolName;
  if (name === undefined || name === null) return null;
  const node = await survey.host.ask({ ask: "status", path: `/dev/mapper/${name}` });
  return node.kind === "known" ? sinceBootUs(node.value.mtimeMs, clock) : null;
}

/** A line about a MicroVM that runs since, or is gone, is about nothing any more. */
async function uncured(survey: Survey, hits: readonly LogHit[]): Promise<readonly LogHit[]> {
  if (!hits.some(({ microvm }) => microvm !== null)) return hits;
  const microvms = await survey.microvms();
  if (microvms.kind !== "known") return hits;
  const wanted = new Map(microvms.value.map((microvm) => [microvm.record.id, microvm]));
  return hits.filter(({ microvm: id }) => {
    if (id === null) return true;
    const microvm = wanted.get(id);
    if (microvm?.record.deletedAt !== 0) return false;
    return !(microvm.state === "running" && microvm.record.state === "created" && microvm.record.retry === 0);
  });
}

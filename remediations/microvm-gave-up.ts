import { oneLine } from "../src/evidence.ts";
import { iso } from "../src/facts/microvm-state.ts";
import { someOf } from "../src/facts/network-needs.ts";
import { hinderEvery } from "../src/hindrances.ts";
import { valueOf } from "../src/host/inspector.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext } from "../src/remediation.ts";
import type { Evidence, FindingId, Refusal } from "../src/report.ts";
import { recreateCommands, type RecreateCommands } from "../src/survey/api-commands.ts";
import type { Microvm } from "../src/survey/microvms.ts";

const id = "microvm-gave-up" as const;

interface GivenUp {
  id: string;
  uid: string;
  retries: number;
  /** What flintlockd said of its last failure; null where that was before its present start. */
  words: string | null;
  /** Seconds since the epoch. */
  notBefore: number;
  pidFile: string | null;
  /** The pid file names somebody else's process. */
  foreign: boolean;
  commands: RecreateCommands | null;
}

interface Facts {
  givenUp: GivenUp[];
  /** Where maximum-retry is, or would be, set. */
  configPath: string;
}

export default defineRemediation<Facts>({
  id,
  means:
    "flintlockd failed to start a MicroVM more often than maximum-retry (10) allows and will not try again: no restart and no cure of the host alone brings it back.",
  told: "Its newest record in containerd's content store has retry above maximum-retry, and no hypervisor of its own lives.",
  cure: "Nothing by itself: it has to be deleted and created again, and the exact commands are shown, with why it failed and whether the host could serve it now. Its pid file is looked at first: a delete signals whatever process it names.",
  harm: "None: nothing is done.",
  signatures: [{ name: "gave-up", unit: "flintlockd", pattern: /^microvm reconciliation for .{1,1600} failed \d{1,9} times$/ }],
  breaks: () => [],
  inspect: async (survey) => {
    const [microvms, settings, journal] = await Promise.all([survey.microvms(), survey.settings(), survey.journal()]);
    if (microvms.kind === "absent") return healthy("no MicroVM is stored");
    if (microvms.kind === "unknown") return unknownBecause(`whether flintlockd gave up on a MicroVM cannot be told: ${microvms.why}`);
    const found = microvms.value.filter(({ state }) => state === "gave-up");
    if (found.length === 0) return healthy("flintlockd gave up on no MicroVM");
    const words = valueOf(journal)?.lastWords;
    const known = valueOf(settings);
    const givenUp = found.map(({ record, pidFile, process }) => ({
      id: record.id,
      uid: record.uid,
      retries: record.retry,
      words: words?.get(record.id)?.excerpt ?? null,
      notBefore: record.notBefore,
      pidFile,
      foreign: process.is === "foreign",
      commands: known ? recreateCommands(known, record) : null,
    }));
    const ids = givenUp.map((one) => one.id);
    return problem(
      `flintlockd gave up on ${someOf(ids)}: it is not tried again, whatever is done to the host`,
      found.slice(0, 5).flatMap((microvm) => evidenceOf(microvm, words, microvms.at)),
      { givenUp, configPath: known?.config.path ?? "flintlockd's configuration" },
      { microvms: ids },
    );
  },
  remedy: ({ facts: { givenUp, configPath } }, context) => {
    const refusals = givenUp.slice(0, mostRefusals).map((one) => refusalOf(one, context));
    const more = givenUp.length - mostRefusals;
    const rest: Refusal[] =
      more > 0
        ? [
            {
              finding: id,
              code: "GAVE_UP",
              message: `flintlockd gave up on ${more} more MicroVMs`,
              hint: "they are listed under the MicroVMs of this report; the same commands with their UID (the last part of their name)",
            },
          ]
        : [];
    const enough = Math.max(...givenUp.map(({ retries }) => retries)) + 10;
    // core/application/reconcile.go compares retry with the setting of now, whatever the stored state.
    const raise = `another way, which deletes nothing: once the host can serve it, maximum-retry: ${enough} in ${oneLine(configPath)}, then systemctl restart ${context.units.flintlockd}: flintlockd tries it again`;
    return {
      steps: [],
      refusals: [...refusals, ...rest],
      advice: [
        { finding: id, message: raise },
        { finding: id, message: "a MicroVM that Cluster API made is deleted there (its Machine), which then makes another one" },
      ],
    };
  },
});

const mostRefusals = 5;

type Words = ReadonlyMap<string, { unit: string; at: string; excerpt: string }> | undefined;

function evidenceOf({ record }: Microvm, words: Words, at: string): Evidence[] {
  const said = words?.get(record.id);
  const stored: Evidence = {
    source: "file",
    ref: record.source,
    at,
    excerpt: `${oneLine(record.id)}: state ${oneLine(record.state, 40)}, retry ${record.retry}`,
  };
  return said ? [stored, { source: "journal", ref: said.unit, at: said.at === "" ? null : said.at, excerpt: said.excerpt }] : [stored];
}

function refusalOf({ id: microvm, uid, retries, words, notBefore, pidFile, foreign, commands }: GivenUp, context: PlanContext): Refusal {
  const hinders = hindrances(microvm, context);
  const why =
    words === null
      ? `why is in the journal of an earlier start: journalctl --boot --unit ${context.units.flintlockd} | grep ${/^[0-9A-Za-z]+$/.test(uid) ? uid : "its UID"}`
      : `its last failure: ${words}`;
  const now = hinders.length === 0 ? "the host could serve it now" : `the host could not serve it yet: ${hinders.join(", ")}`;
  const look =
    pidFile === null
      ? []
      : [
          foreign
            ? `first put ${oneLine(pidFile)} aside: it names somebody else's process, which a delete would signal`
            : `first see that ${oneLine(pidFile)} names no other process`,
        ];
  // core/application/reconcile.go passes over a delete, too, before that, and then only the resync takes it up.
  const after = notBefore * 1000 > context.nowMs ? `after ${iso(notBefore * 1000)}, and not before, ` : "";
  const how =
    commands === null
      ? ["delete it and create it again over flintlockd's API"]
      : [`keep its spec: ${commands.keep}`, `${after}delete it: ${commands.remove}`, `create it again, once it is gone: ${commands.create}`];
  return {
    finding: id,
    code: "GAVE_UP",
    message: `${oneLine(microvm)} failed ${retries} times and is not tried again; ${why}; ${now}`,
    hint: [...look, ...how].join("; "),
  };
}

/** Findings of this look that would make it fail again. */
function hindrances(microvm: string, { findings }: PlanContext): FindingId[] {
  return [...findings.values()].flatMap((finding) => {
    if (finding.status !== "problem" || finding.id === id || finding.id === "microvm-not-started") return [];
    return hinderEvery.includes(finding.id) || finding.microvms.includes(microvm) ? [finding.id] : [];
  });
}

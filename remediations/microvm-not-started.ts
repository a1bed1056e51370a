import { oneLine } from "../src/evidence.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext } from "../src/remediation.ts";
import type { Evidence, FindingId, Refusal } from "../src/report.ts";
import { hinderEvery } from "../src/hindrances.ts";
import { poolLeftOut } from "../src/left-out.ts";
import { someOf } from "../src/facts/network-needs.ts";
import type { Resource, Step } from "../src/steps/action.ts";
import { bringUpFlintlockd } from "../src/steps/units.ts";
import { notExecuted, unstarted, type NotStarted } from "../src/survey/not-started.ts";

const id = "microvm-not-started" as const;

interface Facts {
  notStarted: NotStarted[];
  /** Only the resync would bring these back, and no other's timer stands against a restart. */
  restart: boolean;
}

const explainsTouched: readonly FindingId[] = [
  // Touches none as long as the pool serves.
  "thinpool-unhealthy",
  "microvm-pid-reused",
  "macvtap-unavailable",
  "bridge-name-missing",
  "parent-iface-missing",
  "parent-device-missing",
];

export default defineRemediation<Facts>({
  id,
  means:
    "flintlock's records want a MicroVM, and no hypervisor of its own lives, though nothing on the host hinders it any more: flintlockd passed over it, or its hypervisor ended. 'created' in flintlock's API proves nothing.",
  told: "The newest record of each MicroVM in containerd's content store, its pid file and that process; from retry, not_before and flintlockd's start follows when flintlockd looks at it again. One that is tried again by itself is listed as waiting and is no fault; it becomes one when only the resync (10 minutes) would take it up.",
  cure: "flintlockd is restarted, once the not_before of every waiting MicroVM has passed: at its start it takes up all of them. Where the hypervisor itself failed since flintlockd's last start, a restart would only repeat that: its last words are shown instead.",
  harm: "flintlockd is restarted; running MicroVMs go on.",
  runbook: "Understanding common flintlockd errors",
  signatures: [
    // os/exec's own words (Go: exec.Error, fork/exec): that another file is not there, as a tap's device may not be yet, is no matter of the hypervisor.
    {
      name: notExecuted,
      unit: "flintlockd",
      pattern:
        /executing step microvm_(?:create|start): creating microvm: starting (?:firecracker|cloud ?hypervisor) process: .{0,100}(?:exec: "[^"]{1,300}"|fork\/exec [^:]{1,300}): (?:stat [^:]{1,300}: )?(?:executable file not found|no such file or directory|permission denied|exec format error)/,
    },
  ],
  breaks: () => [],
  follows: [...hinderEvery],
  followsWhereTouched: [...explainsTouched],
  inspect: async (survey) => {
    const found = await unstarted(survey);
    if (found.kind === "absent") return healthy("no MicroVM is stored");
    if (found.kind === "unknown") return unknownBecause(`whether every MicroVM runs cannot be told: ${found.why}`);
    const { notStarted, waiting, untold, held, restartWouldHarm } = found.value;
    const restart = !restartWouldHarm && notStarted.some(({ why }) => why === "resync");
    const listed = notStarted.filter(({ why }) => why !== "resync" || restart);
    const others = waiting + notStarted.length - listed.length;
    const wait = others === 0 ? "" : `${count(others)} and ${others === 1 ? "is" : "are"} tried again`;
    const cannotTell = untold.map(({ id: microvm, why }) => `whether ${oneLine(microvm)} runs cannot be told: ${oneLine(why)}`);
    if (listed.length === 0 && untold.length > 0)
      return unknownBecause(
        someOf(cannotTell),
        [],
        untold.map((one) => one.id),
      );
    if (listed.length === 0) {
      const [other, hold] = held.length === 0 ? ["", ""] : [" other", `; ${someOf(held)}: see microvm-pid-reused`];
      return healthy(`${wait === "" ? `every${other} MicroVM that is wanted runs, or was given up` : wait}${hold}`);
    }
    const ids = listed.map((one) => one.id);
    const reasons = [...new Set(listed.map(({ reason }) => reason))].slice(0, 3);
    const summary = [`${someOf(ids)} ${ids.length === 1 ? "has" : "have"} no hypervisor: ${reasons.join("; ")}`, ...cannotTell.slice(0, 3)].join("; ");
    return problem<Facts>(summary, evidenceOf(listed), { notStarted: listed, restart }, { microvms: ids });
  },
  remedy: ({ facts }, context) => {
    const leftOut = poolLeftOut(context, id, "no MicroVM can have its volumes");
    if (leftOut) return { steps: [], refusals: [leftOut], advice: [] };
    const explanations = explanationsIn(context);
    const explained = facts.notStarted.map((one) => ({ one, by: explanations(one.id) }));
    const riddles = explained.flatMap(({ one, by }) => (by.length === 0 && one.why !== "resync" ? [one] : []));
    return { steps: facts.restart ? restarts(explained, context) : [], refusals: refusalsOf(riddles), advice: [] };
  },
});

/** The cures of these restart nothing by themselves: where the plan has what they bring, the restart follows it. */
const broughtBy: Partial<Record<FindingId, Resource>> = { "macvtap-unavailable": "modules", "thinpool-unhealthy": "pool" };

/** One for each set of what has to come first: a MicroVM that stays hindered is no reason for the restart that brings up another. */
function restarts(explained: readonly { one: NotStarted; by: FindingId[] }[], context: PlanContext): Step[] {
  const groups = new Map<string, { first: Resource[]; microvms: string[] }>();
  for (const { one, by } of explained) {
    const first = by.flatMap((other) => broughtBy[other] ?? []);
    if (one.why !== "resync" || first.length < by.length) continue;
    const group = groups.get(first.join()) ?? { first, microvms: [] };
    group.microvms.push(one.id);
    groups.set(first.join(), group);
  }
  // Without the pool each of them would only fail once more.
  return [...groups.values()].flatMap(({ first, microvms }) =>
    bringUpFlintlockd(context, [id], { microvms, needs: [...new Set<Resource>(["pool", ...first])] }),
  );
}

const count = (number: number): string => (number === 1 ? "1 MicroVM waits" : `${number} MicroVMs wait`);

function evidenceOf(listed: readonly NotStarted[], most = 5): Evidence[] {
  return listed.flatMap(({ words }) => (words === null ? [] : [words])).slice(0, most);
}

/** What else keeps a MicroVM from being started. */
function explanationsIn({ findings }: PlanContext): (microvm: string) => FindingId[] {
  const isProblem = (other: FindingId): boolean => findings.get(other)?.status === "problem";
  const every = hinderEvery.filter(isProblem);
  const touched = explainsTouched.filter(isProblem).map((other) => ({ other, microvms: new Set(findings.get(other)?.microvms) }));
  return (microvm) => [...every, ...touched.flatMap(({ other, microvms }) => (microvms.has(microvm) ? [other] : []))];
}

const codes: Record<Exclude<NotStarted["why"], "resync">, { code: string; hint: string }> = {
  hypervisor: {
    code: "HYPERVISOR_FAILED",
    hint: "mend what its hypervisor says (its files are in the MicroVM's folder; what was killed says nothing: journalctl --dmesg); flintlockd starts it again at its next resync, or after: systemctl restart flintlockd",
  },
  unexplained: { code: "NOT_STARTED_UNEXPLAINED", hint: "see what flintlockd says about it: journalctl --boot --unit flintlockd" },
  service: { code: "NOBODY_TRIES", hint: "flintlockd has to run, and without disable-reconcile" },
};

const mostRefusals = 5;

function refusalsOf(riddles: readonly NotStarted[]): Refusal[] {
  const named = riddles.slice(0, mostRefusals).flatMap(({ id: microvm, why, words, reason }): Refusal[] => {
    if (why === "resync") return [];
    const silence = why === "hypervisor" ? "" : "; it left no word";
    const said = words === null ? silence : `; ${words.ref} says: ${oneLine(words.excerpt)}`;
    return [{ finding: id, code: codes[why].code, message: `${microvm} does not run: ${reason}${said}`, hint: codes[why].hint }];
  });
  const more = riddles.length - mostRefusals;
  return more > 0
    ? [...named, { finding: id, code: "AND_MORE", message: `${more} more MicroVMs do not run`, hint: "they are listed under the MicroVMs of this report" }]
    : named;
}

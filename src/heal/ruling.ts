/** What a run may do of what it has planned: policy, pause, cool-down, breaker and budgets put together. Pure. */

import type { Restraint, StepRuling } from "../planner.ts";
import type { Policy } from "../policy.ts";
import type { FindingId, Profile, Refusal } from "../report.ts";
import type { Step } from "../steps/action.ts";
import { tripped } from "./breaker.ts";
import { allowance } from "./budget.ts";
import { inWords, type Moment } from "./moment.ts";
import { pauseInWords, type PauseFound } from "./pause.ts";
import type { Breaker, HealState } from "./state.ts";
import { allowedSteps, isForBoot } from "./unattended.ts";

export interface Situation {
  policy: Policy;
  profile: Profile;
  /** Findings that are a problem in this look. */
  problems: readonly FindingId[];
  now: Moment;
  state: { state: HealState } | { problem: string };
  pause: PauseFound;
  evenIfPaused: boolean;
  /** The containerd that a person stopped, and nobody started since; null where none. */
  stoppedContainerd: string | null;
}

type Words = Pick<Refusal, "code" | "message" | "hint">;

export interface Ruling {
  /** Nothing at all may be done. */
  stop: Words | null;
  /** The breaker that this look opens: to be written down. */
  opens: Breaker | null;
  restraint: Restraint;
  /** For a run by hand, which is not limited, but told. */
  told: string[];
}

export function rule(situation: Situation): Ruling {
  return situation.policy.unattended ? ruleUnattended(situation) : ruleByHand(situation);
}

const allowed: StepRuling = { is: "allowed" };

function ruleByHand({ state, pause, evenIfPaused, now, policy, problems }: Situation): Ruling {
  const stop = evenIfPaused ? null : pauseStop(pause, "add --even-if-paused, or end the pause: fix resume");
  const told = evenIfPaused && pause.is === "paused" ? [`automatic runs are ${pauseInWords(pause.pause)}`] : [];
  return { stop, opens: null, restraint: restraint(stop, () => allowed), told: [...told, ...standing(state, now, policy, problems)] };
}

/** What a person who acts by hand should know of the automation beside. */
function standing(read: Situation["state"], now: Moment, policy: Policy, problems: readonly FindingId[]): string[] {
  if ("problem" in read) return [`automation does not act: its state cannot be relied on (${read.problem}); clear it with: fix resume`];
  const { breaker, attempts } = read.state;
  if (breaker) return [`automation stopped itself at ${breaker.opened.at}: ${breaker.why}; when the cause is gone: fix resume`];
  const spent = problems.filter((finding) => allowance(attempts, finding, now, policy).is === "spent");
  return spent.length === 0 ? [] : [`automation has no attempt left at ${spent.join(", ")}; give it new ones with: fix resume`];
}

function ruleUnattended(situation: Situation): Ruling {
  const { policy, problems, now, state: read, pause } = situation;
  const paused = pauseStop(pause, "fix resume ends the pause; by hand: fix --apply --even-if-paused");
  if (paused) return stopped(paused);
  if ("problem" in read)
    return stopped({
      code: "STATE_UNUSABLE",
      message: `no unattended run acts: the state of the brakes cannot be relied on: ${read.problem}`,
      hint: "look at it, then start anew with: fix resume",
    });
  const { state } = read;
  const opens = state.breaker ? null : tripped(state.attempts, problems, now, policy);
  const breaker = state.breaker ?? opens;
  if (breaker) return { ...stopped(breakerWords(breaker)), opens };
  const cool = coolDownMs(situation);
  if (cool > 0)
    return stopped({
      code: "COOL_DOWN",
      message: `the host was booted a moment ago: no unattended run acts for another ${inWords(cool)}`,
      hint: "it is looked at again by itself; by hand: fix --apply",
    });
  return { stop: null, opens: null, told: [], restraint: restraint(null, (step) => unattendedRuling(step, situation, state)) };
}

function pauseStop(pause: PauseFound, hint: string): Words | null {
  if (pause.is === "paused") return { code: "PAUSED", message: `nothing is done: automatic runs are ${pauseInWords(pause.pause)}`, hint };
  if (pause.is === "unreadable") return { code: "PAUSED", message: `nothing is done: there is a pause that cannot be read: ${pause.why}`, hint };
  return null;
}

export function breakerWords({ opened, why }: Breaker): Words {
  return {
    code: "BREAKER_OPEN",
    message: `automation stopped itself at ${opened.at} and only reports: ${why}`,
    hint: "find the cause, cure it by hand (fix --apply), then let automation go on: fix resume",
  };
}

/** The boot unit acts at once: that is what it is there for. */
function coolDownMs({ policy, profile, now }: Situation): number {
  if (policy.trigger === "boot") return 0;
  return (profile === "dev" ? policy.coolDownDevMs : policy.coolDownProdMs) - now.monotonicUs / 1000;
}

function stopped(stop: Words): Ruling {
  return { stop, opens: null, told: [], restraint: restraint(stop, () => allowed) };
}

function restraint(stop: Words | null, ruling: (step: Step) => StepRuling): Restraint {
  return (step) => (stop ? { is: "refused", ...stop } : ruling(step));
}

function unattendedRuling(step: Step, { policy, profile, now, stoppedContainerd }: Situation, state: HealState): StepRuling {
  // The daemons are started after the boot unit anyway.
  if (policy.trigger === "boot" && !isForBoot(step.id)) return { is: "left-out" };
  if (!allowedSteps(profile, policy).includes(step.id) || step.risk === "destructive") {
    const kind = profile === "unknown" ? "a host whose profile cannot be told" : `a ${profile} host`;
    return {
      is: "refused",
      code: "NOT_UNATTENDED",
      message: `${step.title}: not done unattended on ${kind}`,
      hint: `by hand: fix --apply; or name ${step.id} under unattended in the policy`,
    };
  }
  if (stoppedContainerd !== null && step.provides.some((resource) => resource === "pool" || resource === "containerd"))
    return {
      is: "refused",
      code: "STOPPED_BY_A_PERSON",
      message: `${step.title}: not done unattended, for a person stopped ${stoppedContainerd} and may be at work beneath it`,
      hint: "by hand: fix --apply",
    };
  const standings = step.because.map((finding) => ({ finding, may: allowance(state.attempts, finding, now, policy) }));
  const [first] = standings;
  if (!first || standings.some(({ may }) => may.is === "free")) return allowed;
  const spent = standings.find(({ may }) => may.is === "spent") ?? first;
  if (spent.may.is === "free") return allowed;
  const again = inWords(spent.may.againInMs);
  return spent.may.is === "spent"
    ? {
        is: "refused",
        code: "BUDGET_SPENT",
        message: `${spent.finding}: ${spent.may.used} attempts in ${inWords(policy.attemptWindowMs)}, and no more before ${again} from now`,
        hint: "find the cause; new attempts at once with: fix resume",
      }
    : {
        is: "refused",
        code: "ATTEMPT_PAUSE",
        message: `${spent.finding}: the next unattended attempt is made in ${again}`,
        hint: "it is tried again by itself; by hand: fix --apply",
      };
}

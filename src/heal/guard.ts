/** The brakes at work around one run: what they allow, the reservation before the first step, the outcome after the last look. */

import type { Look } from "../detector.ts";
import { reasonOf } from "../errors.ts";
import type { Policy } from "../policy.ts";
import type { FindingId } from "../report.ts";
import type { Guard, Stop } from "../run.ts";
import type { Step } from "../steps/action.ts";
import { spentBy } from "./breaker.ts";
import { counted } from "./budget.ts";
import type { Moment } from "./moment.ts";
import { rule } from "./ruling.ts";
import { noState, type Breaker, type HealState } from "./state.ts";
import type { Store } from "./store.ts";

export interface GuardOf {
  policy: Policy;
  store: Store;
  run: string;
  clock: () => Moment;
  evenIfPaused: boolean;
}

export class Brakes implements Guard {
  /** The breaker that this run opened; null where it opened none. */
  opened: Breaker | null = null;
  /** Findings that this run reserved an attempt for. */
  private reserved: FindingId[] = [];
  /** Why the outcome could not be kept; the attempts then count as failed. */
  failure: string | null = null;

  constructor(private readonly of: GuardOf) {}

  rule(look: Look): ReturnType<Guard["rule"]> {
    const { policy, store, clock, evenIfPaused } = this.of;
    const now = clock();
    const problems = look.findings.filter(({ status }) => status === "problem").map(({ id }) => id);
    const state = store.state();
    const stoppedContainerd = look.restart.containerdStoppedByPerson ? look.units.containerd : null;
    const pause = store.pause(Date.parse(now.at));
    const ruling = rule({ policy, profile: look.host.profile, problems, now, state, pause, evenIfPaused, stoppedContainerd });
    if (ruling.opens && "state" in state) this.open(state.state, ruling.opens);
    return ruling;
  }

  begin(steps: readonly Step[]): Stop | null {
    const { policy, run, clock } = this.of;
    if (!policy.unattended) return null;
    const now = clock();
    const findings = [...new Set(steps.flatMap(({ because }) => because))];
    const state = this.known();
    const attempts = findings.map((finding) => ({ finding, run, trigger: policy.trigger, began: now, outcome: "begun" as const, ended: null }));
    try {
      this.of.store.keep({ ...state, attempts: [...state.attempts, ...attempts] });
    } catch (error) {
      return {
        code: "STATE_UNUSABLE",
        message: `no unattended run acts: ${reasonOf(error)}`,
        hint: "an attempt that cannot be counted is not made; by hand: fix --apply",
      };
    }
    this.reserved = findings;
    return null;
  }

  end(after: Look): void {
    const { policy, run, clock } = this.of;
    if (this.reserved.length === 0) return;
    const ended = clock();
    const cured = (finding: FindingId): boolean => after.findings.find(({ id }) => id === finding)?.status === "healthy";
    const state = this.known();
    const attempts = state.attempts.map((attempt) =>
      attempt.run === run ? { ...attempt, outcome: cured(attempt.finding) ? ("cured" as const) : ("failed" as const), ended } : attempt,
    );
    const last = this.reserved.find((finding) => !cured(finding) && counted(attempts, finding, ended, policy).length >= policy.attempts);
    if (last !== undefined) this.open({ ...state, attempts }, spentBy(last, ended, policy));
    else this.keep({ ...state, attempts });
  }

  private open(state: HealState, breaker: Breaker): void {
    this.opened = breaker;
    this.keep({ ...state, breaker });
  }

  private known(): HealState {
    const read = this.of.store.state();
    return "state" in read ? read.state : noState;
  }

  private keep(state: HealState): void {
    try {
      this.of.store.keep(state);
    } catch (error) {
      this.failure = reasonOf(error);
    }
  }
}

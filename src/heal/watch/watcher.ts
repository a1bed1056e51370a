/** Reasons in, looks out: gathers a burst into one look, paces looks, and never begins one while another is under way. */

import { burst, type Ended, type Pace } from "./pace.ts";

export interface WatcherOf {
  pace: Pace;
  /** One look, and cure where that is wanted; never rejects. */
  look: (reason: string) => Promise<Ended>;
  now: () => number;
}

export class Watcher {
  private reason: string | null = null;
  private firstAt = 0;
  private lastLookAt = -Infinity;
  private askedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly of: WatcherOf) {}

  /** Something in the journal asks for a look. */
  ask(reason: string): void {
    const now = this.of.now();
    if (this.reason === null) this.firstAt = now;
    this.reason ??= reason;
    this.of.pace.asked(now - this.askedAt);
    this.askedAt = now;
    this.plan();
  }

  /** The look under way is told to end by its own means; no other begins. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private plan(): void {
    if (this.running || this.stopped || this.reason === null) return;
    const now = this.of.now();
    const burstEnds = Math.min(now + burst.quietMs, this.firstAt + burst.mostMs);
    this.wakeAt(Math.max(burstEnds, this.lastLookAt + this.of.pace.gapMs()));
  }

  private wakeAt(at: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), Math.max(0, at - this.of.now()));
  }

  private begin(): void {
    if (this.running || this.stopped) return;
    const reason = this.reason ?? "what was left open";
    this.reason = null;
    this.running = this.of.look(reason).then((ended) => {
      this.running = null;
      this.lastLookAt = this.of.now();
      const followUp = this.of.pace.ended(ended);
      // What was said meanwhile may be about what was done: it is looked at, with the follow-up's patience.
      if (this.reason !== null) this.plan();
      else if (followUp !== null && !this.stopped) this.wakeAt(this.lastLookAt + followUp);
    });
  }
}

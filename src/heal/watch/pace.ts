/**
 * How soon a look follows another. A burst of lines is one reason; a look that could do nothing makes the next one wait
 * longer; and after a look that left something open there are a few more, without any new line: a daemon needs its time
 * to settle, an attempt its pause. Pure.
 */

export interface Ended {
  status: number;
  /** A step was taken. */
  acted: boolean;
}

/** Quiet for so long ends a burst, which lasts so long at most. */
export const burst = { quietMs: 1_000, mostMs: 4_000 } as const;

const followUpsMs = [10_000, 60_000, 4 * 60_000, 16 * 60_000] as const;
const firstGapMs = 5_000;
const mostGapMs = 5 * 60_000;
/** So long without a reason to look, and the next one finds patience. */
export const calmMs = 15 * 60_000;

export class Pace {
  private fruitless = 0;
  private rung = 0;

  /** Between the end of the last look and the next one that a line asks for. */
  gapMs(): number {
    return this.fruitless < 2 ? 0 : Math.min(firstGapMs * 2 ** (this.fruitless - 2), mostGapMs);
  }

  /** How long until a look that nothing asks for but the last one; null: none. */
  ended({ status, acted }: Ended): number | null {
    this.fruitless = acted ? 0 : this.fruitless + 1;
    // One that is healthy at once may have been too early; the one after it tells.
    if (status === 0 && (this.rung > 0 || acted)) return this.rest();
    const next = followUpsMs[this.rung];
    this.rung += 1;
    return next ?? this.rest();
  }

  /** A new reason: the follow-ups begin anew. */
  asked(sinceLastMs: number): void {
    this.rung = 0;
    if (sinceLastMs > calmMs) this.fruitless = 0;
  }

  private rest(): null {
    this.rung = 0;
    return null;
  }
}

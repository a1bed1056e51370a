/** Tries again where that can help: a unit that is still starting, a device node that udev has not made yet. The one importer of p-retry. */

import { reasonOf } from "../errors.ts";

export interface Tries<T> {
  /** Undefined where no try succeeded. */
  value: T | undefined;
  /** How often it was tried, the first time included. */
  attempts: number;
  /** Of the last try that failed. */
  reason: string;
}

/** `attempt` throws to be tried again. Pauses grow from `pauseMs` by a factor of 1.5 to at most 2 s; `withinMs` bounds it all. */
export async function tryUntil<T>(
  attempt: () => Promise<T>,
  limits: { withinMs: number; pauseMs?: number; retries?: number; signal?: AbortSignal },
): Promise<Tries<T>> {
  const { default: pRetry } = await import("p-retry");
  let attempts = 0;
  let reason = "";
  try {
    const value = await pRetry(
      async () => {
        attempts += 1;
        return attempt();
      },
      {
        retries: limits.retries ?? 1_000_000,
        maxRetryTime: limits.withinMs,
        minTimeout: limits.pauseMs ?? 150,
        maxTimeout: 2_000,
        factor: 1.5,
        ...(limits.signal ? { signal: limits.signal } : {}),
        onFailedAttempt: ({ error }) => {
          reason = reasonOf(error);
        },
      },
    );
    return { value, attempts, reason };
  } catch (error) {
    return { value: undefined, attempts, reason: reason === "" ? reasonOf(error) : reason };
  }
}

/** Durations as people write them, on the command line and in the policy file. Pure. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years: what is longer is a slip, and at some point no date. */
const longestMs = 3_650 * 86_400_000;

/** A timer of Node's counts to 2^31 - 1 ms, almost 25 days; what waits longer waits for ever, as far as anyone cares. */
export const timerMs = (ms: number): number => Math.min(ms, 2 ** 31 - 1);

/** `500ms`, `90s`, `5m`, `2h`, `1d` as milliseconds; null for anything else, for no time at all, and for more than ten years. */
export function milliseconds(text: unknown): number | null {
  const [, digits, unit] = typeof text === "string" ? (/^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []) : [];
  const ms = Number(digits) * (units[unit ?? ""] ?? NaN);
  return ms > 0 && ms <= longestMs ? ms : null;
}

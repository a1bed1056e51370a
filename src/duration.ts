/** Durations as people write them, on the command line and in the policy file. Pure. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `90s`, `5m`, `2h`, `1d` as milliseconds; null for anything else, and where it is no time at all. */
export function milliseconds(text: unknown): number | null {
  const [, digits, unit] = typeof text === "string" ? (/^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []) : [];
  const ms = Number(digits) * (units[unit ?? ""] ?? NaN);
  return ms > 0 ? ms : null;
}

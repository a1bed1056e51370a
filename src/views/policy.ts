/** `fix explain --policy`: each key, its value and where that comes from. */

import type { Origins } from "../policy-file.ts";
import { policyKeys } from "../policy-keys.ts";
import type { Policy } from "../policy.ts";

interface Row {
  key: string;
  field: keyof Policy;
  value: unknown;
  origin: string;
  about: string;
}

function rows(policy: Policy, origins: Origins): Row[] {
  return policyKeys.flatMap(({ name, sets, about }) =>
    sets.map((field) => ({ key: name, field, value: policy[field], origin: origins[field] ?? "default", about })),
  );
}

export function policyJson(policy: Policy, origins: Origins): string {
  return `${JSON.stringify(Object.fromEntries(rows(policy, origins).map(({ key, value, origin }) => [key, { value, origin }])), null, 2)}\n`;
}

export function policyText(policy: Policy, origins: Origins): string {
  const all = rows(policy, origins).map((row) => ({ ...row, shown: shown(row) }));
  const widths = [
    Math.max(...all.map(({ key }) => key.length)),
    Math.min(30, Math.max(...all.map((row) => row.shown.length))),
    Math.max(...all.map(({ origin }) => origin.length)),
  ];
  return all
    .map(
      ({ key, shown: value, origin, about }) => `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin.padEnd(widths[2] ?? 0)}  ${about}\n`,
    )
    .join("");
}

function shown({ field, value }: Row): string {
  if (value === null) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.join(" ");
  return typeof value === "number" && field.endsWith("Ms") ? `${String(value / 1000)}s` : JSON.stringify(value).replaceAll('"', "");
}

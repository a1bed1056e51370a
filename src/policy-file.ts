/** /etc/flintlock-fix/policy.yaml: every key optional, unknown keys refused with line and column. */

import { readFileSync } from "node:fs";
import { codeOf, FixError, reasonOf } from "./errors.ts";
import { parseMapping, type YamlEntry } from "./facts/mapping.ts";
import { policyGroups, policyKeys, type PolicyKey } from "./policy-keys.ts";
import type { Policy } from "./policy.ts";
import type { FindingId } from "./report.ts";

export const defaultPolicyPath = "/etc/flintlock-fix/policy.yaml";

/** Where a value comes from, by the policy's own key: `PATH:LINE` or "command line"; absent where it is the default. */
export type Origins = Partial<Record<string, string>>;

export function loadPolicyFile(path: string | null, ids: readonly FindingId[]): { values: Partial<Policy>; origins: Origins } {
  const file = path ?? defaultPolicyPath;
  const text = textOf(file, path !== null);
  return text === null ? { values: {}, origins: {} } : parsePolicy(text, file, ids);
}

/** Only the default path may be absent: a file that was named is meant to be there. */
function textOf(path: string, named: boolean): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = codeOf(error);
    if (!named && code === "ENOENT") return null;
    throw new FixError("BAD_POLICY", `policy ${path}: ${reasonOf(error)}`, "name another with --config, or put it right", 1, { cause: error });
  }
}

export function parsePolicy(text: string, path: string, ids: readonly FindingId[]): { values: Partial<Policy>; origins: Origins } {
  const parsed = parseMapping(text);
  if ("problem" in parsed) {
    const { message, line, column } = parsed.problem;
    throw bad(path, line ?? 1, column ?? 1, message);
  }
  const values: Partial<Policy> = {};
  const origins: Origins = {};
  for (const entry of parsed.entries.flatMap((each) => flattened(each, path))) {
    const key = keyOf(entry, path);
    const result = key.read(entry.value, ids);
    if ("wrong" in result) throw bad(path, entry.line, entry.column, `${entry.key}: ${result.wrong}`);
    Object.assign(values, result.values);
    for (const name of Object.keys(result.values)) origins[name] = `${path}:${entry.line}`;
  }
  return { values, origins };
}

/** `brakes: { attempts: 3 }` as `brakes.attempts`. */
function flattened(entry: YamlEntry, path: string): YamlEntry[] {
  if (!policyGroups.includes(entry.key) || entry.value === null) return policyGroups.includes(entry.key) ? [] : [entry];
  if (entry.entries) return entry.entries.map((inner) => ({ ...inner, key: `${entry.key}.${inner.key}` }));
  const within = policyKeys.filter(({ name }) => name.startsWith(`${entry.key}.`)).map(({ name }) => name.slice(entry.key.length + 1));
  throw bad(path, entry.line, entry.column, `${entry.key}: expected a mapping with any of: ${within.join(", ")}`);
}

function keyOf(entry: YamlEntry, path: string): PolicyKey {
  const key = policyKeys.find(({ name }) => name === entry.key);
  if (!key) throw bad(path, entry.line, entry.column, `unknown key ${JSON.stringify(entry.key)}; known: ${policyKeys.map(({ name }) => name).join(", ")}`);
  return key;
}

function bad(path: string, line: number, column: number, message: string): FixError {
  return new FixError("BAD_POLICY", `policy ${path}:${line}:${column}: ${message}`, "all keys with their meaning: fix explain --policy");
}

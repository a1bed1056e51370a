/** /etc/flintlock-fix/policy.yaml: every key optional, unknown keys refused with line and column. */

import { readFileSync } from "node:fs";
import { codeOf, FixError, reasonOf } from "./errors.ts";
import { parseMapping, type YamlEntry } from "./facts/mapping.ts";
import { policyGroups, policyKeys, type PolicyKey } from "./policy-keys.ts";
import type { Policy } from "./policy.ts";
import type { FindingId } from "./report.ts";

export const defaultPolicyPath = "/etc/flintlock-fix/policy.yaml";

export const commandLine = "command line";
/** Where a value comes from, by the policy's own key: `PATH:LINE` or `commandLine`; absent where it is the default. */
export type Origins = Partial<Record<string, string>>;

export interface PolicyFile {
  values: Partial<Policy>;
  origins: Origins;
  /** `PATH:LINE:COLUMN` of each value that the file has. */
  places: Partial<Record<keyof Policy, string>>;
}

export function loadPolicyFile(path: string | null, ids: readonly FindingId[]): PolicyFile {
  const file = path ?? defaultPolicyPath;
  const text = textOf(file, path !== null);
  return text === null ? { values: {}, origins: {}, places: {} } : parsePolicy(text, file, ids);
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

export function parsePolicy(text: string, path: string, ids: readonly FindingId[]): PolicyFile {
  const parsed = parseMapping(text);
  if ("problem" in parsed) {
    const { message, line, column } = parsed.problem;
    throw badPolicy(placeOf(path, { line: line ?? 1, column: column ?? 1 }), message);
  }
  if (parsed.second) throw badPolicy(placeOf(path, parsed.second), "a second YAML document begins here, and a policy is one");
  const values: Partial<Policy> = {};
  const origins: Origins = {};
  const places: PolicyFile["places"] = {};
  for (const entry of parsed.entries.flatMap((each) => flattened(each, path))) {
    const key = keyOf(entry, path);
    const result = key.read(entry.value, ids);
    if ("wrong" in result) throw badPolicy(placeOf(path, entry), `${entry.key}: ${result.wrong}`);
    Object.assign(values, result.values);
    for (const name of key.sets) {
      origins[name] = `${path}:${entry.line}`;
      places[name] = placeOf(path, entry);
    }
  }
  return { values, origins, places };
}

/** `brakes: { attempts: 3 }` as `brakes.attempts`. */
function flattened(entry: YamlEntry, path: string): YamlEntry[] {
  if (!policyGroups.includes(entry.key) || entry.value === null) return policyGroups.includes(entry.key) ? [] : [entry];
  if (entry.entries) return entry.entries.map((inner) => ({ ...inner, key: `${entry.key}.${inner.key}` }));
  const within = policyKeys.filter(({ name }) => name.startsWith(`${entry.key}.`)).map(({ name }) => name.slice(entry.key.length + 1));
  throw badPolicy(placeOf(path, entry), `${entry.key}: expected a mapping with any of: ${within.join(", ")}`);
}

function keyOf(entry: YamlEntry, path: string): PolicyKey {
  const key = policyKeys.find(({ name }) => name === entry.key);
  if (!key) throw badPolicy(placeOf(path, entry), `unknown key ${JSON.stringify(entry.key)}; known: ${policyKeys.map(({ name }) => name).join(", ")}`);
  return key;
}

const placeOf = (path: string, { line, column }: { line: number; column: number }): string => `${path}:${line}:${column}`;

/** What is wrong with the policy file, and where: `PATH:LINE:COLUMN`. */
export function badPolicy(place: string, message: string): FixError {
  return new FixError("BAD_POLICY", `policy ${place}: ${message}`, "all keys with their meaning: fix explain --policy");
}

/**
 * A saved plan: what `--save-plan` writes and `--apply --plan` takes. Nothing in it is executed: the host is looked at and
 * planned for again with the saved options and the saved time, and the run goes on only where that gives the same plan.
 */

import { FixError, reasonOf } from "./errors.ts";
import { jsonFault } from "./facts/json-place.ts";
import { commandLine, type Origins } from "./policy-file.ts";
import { isChosen, type Policy } from "./policy.ts";
import type { FindingId } from "./report.ts";
import type { Step } from "./steps/action.ts";

const schema = "flintlock-fix/plan/v1";

export interface SavedPlan {
  schema: typeof schema;
  madeBy: string;
  /** ISO 8601, UTC. */
  at: string;
  nowMs: number;
  host: { name: string; bootId: string };
  options: SavedOptions;
  steps: Step[];
}

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === "string" && value !== "";
const isFlag: Test = (value) => typeof value === "boolean";
const isList: Test = (value) => Array.isArray(value) && value.every(isText);
const isOneOf =
  (...choices: string[]): Test =>
  (value) =>
    choices.some((choice) => choice === value);
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);

/** The options that shape a plan, each with its words on the command line and what it may hold. */
const options = {
  profile: { word: "--profile", test: isOneOf("auto", "dev", "prod") },
  only: { word: "--only", test: isList },
  skip: { word: "--skip", test: isList },
  bridgeName: { word: "--bridge-name", test: orNull(isText) },
  parentIface: { word: "--parent-iface", test: orNull(isText) },
  disk: { word: "--disk", test: orNull(isText) },
  allowDestructive: { word: "--allow destructive", test: isFlag },
  allowPackages: { word: "--allow packages", test: isFlag },
  provisioner: { word: "--provisioner", test: isOneOf("native", "script") },
  provisionScript: { word: "--provision-script", test: orNull(isText) },
  waitMs: { word: "--wait", test: orNull((value) => Number.isSafeInteger(value) && Number(value) > 0) },
} as const satisfies Partial<Record<keyof Policy, { word: string; test: Test }>>;
const shaping = Object.keys(options) as (keyof typeof options)[];
export type SavedOptions = Pick<Policy, keyof typeof options>;

export function savedPlan(madeBy: string, nowMs: number, host: SavedPlan["host"], policy: Policy, steps: Step[]): SavedPlan {
  return { schema, madeBy, at: new Date(nowMs).toISOString(), nowMs, host, options: shapingOptions(policy), steps };
}

function shapingOptions(policy: Policy): SavedOptions {
  return Object.fromEntries(shaping.map((key) => [key, policy[key]])) as SavedOptions;
}

/**
 * The words on the command line (`origins` tells which were said there) that say something else than the plan was made with. But for --wait, which
 * adds nothing to a saved plan: the run stays longer.
 */
export function otherWords({ options: made }: SavedPlan, policy: Policy, origins: Origins): string[] {
  const isOther = (key: keyof SavedOptions): boolean => key !== "waitMs" && origins[key] === commandLine && comparable(policy[key]) !== comparable(made[key]);
  return shaping.filter(isOther).map((key) => options[key].word);
}

const comparable = (value: unknown): string => JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value);

const saveAnother = "save another with: fix --dry-run --save-plan FILE";

/** `ids`: the checks that there are. Throws BAD_PLAN, with the place, for whatever `--save-plan` does not write. */
export function parsePlan(text: string, name: string, ids: readonly FindingId[]): SavedPlan {
  const bad = (what: string): FixError => new FixError("BAD_PLAN", `${name}: ${what}`, saveAnother);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const place = jsonFault(text);
    throw bad(`${place === null ? "" : `line ${place.line}, column ${place.column}: `}not a saved plan, or a damaged one: ${reasonOf(error)}`);
  }
  if (!isObject(value)) throw bad("not a saved plan: the top level is no object");
  if (value["schema"] !== schema) throw bad(`schema is ${value["schema"] === undefined ? "missing" : JSON.stringify(value["schema"])}, expected "${schema}"`);
  const { nowMs, host, options: made, steps } = value;
  if (typeof nowMs !== "number" || !Number.isSafeInteger(nowMs)) throw bad("nowMs: not a whole number");
  if (!isObject(host) || typeof host["bootId"] !== "string" || typeof host["name"] !== "string") throw bad("host: expected name and bootId");
  if (!isObject(made)) throw bad("options: not an object");
  for (const key of shaping) if (!options[key].test(made[key])) throw bad(`options.${key}: missing, or nothing that ${options[key].word} takes`);
  // What a plan does not carry is the command line's or the policy file's to say.
  for (const key of Object.keys(made)) if (!Object.hasOwn(options, key)) throw bad(`options.${key}: no option of a plan`);
  if (!Array.isArray(steps)) throw bad("steps: not a list");
  const plan = value as unknown as SavedPlan;
  for (const key of ["only", "skip"] as const) {
    const unknown = plan.options[key].find((id) => !ids.includes(id));
    if (unknown !== undefined) throw bad(`options.${key}: ${JSON.stringify(unknown)} is no check`);
  }
  if (!ids.some((id) => isChosen(plan.options, id))) throw bad("options: nothing is left to check");
  return plan;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Why the fresh plan is not the saved one, in one line; null where it is. */
export function staleness(saved: SavedPlan, host: SavedPlan["host"], steps: readonly Step[]): string | null {
  if (saved.host.name !== host.name) return `the plan was made for the host ${saved.host.name}, and this is ${host.name}`;
  if (saved.host.bootId !== host.bootId) return "the host was booted again since the plan was made";
  if (saved.steps.length !== steps.length) return `the plan has ${saved.steps.length} steps, and the host now wants ${steps.length}`;
  const different = steps.findIndex((step, index) => canonical(step) !== canonical(saved.steps[index]));
  return different < 0 ? null : `step ${different + 1} (${steps[different]?.title ?? ""}) is not the same any more`;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item));
}

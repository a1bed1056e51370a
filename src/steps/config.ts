/** The edit of flintlockd's configuration file: one key is set, everything else stays as it is. */

import { sha256 } from "../digest.ts";
import { unifiedDiff } from "../facts/diff.ts";
import { setKey } from "../facts/mapping.ts";
import type { FindingId } from "../report.ts";
import type { ConfigFile } from "../survey/settings.ts";
import type { Action, Step } from "./action.ts";

export type ConfigStepId = "set-bridge-name" | "set-parent-iface";
export type ConfigKey = "bridge-name" | "parent-iface";

export interface ConfigRefusal {
  code: string;
  message: string;
  hint: string;
}

type SetKey = Extract<Action, { do: "set-key" }>;

/** The caller has looked whether a flag of the unit overrides the file: see `overrideOf` in src/survey/settings.ts. */
export function setConfigKey(
  config: ConfigFile,
  id: ConfigStepId,
  key: ConfigKey,
  value: string,
  because: FindingId[],
): { step: Step } | { refusal: ConfigRefusal } {
  const { file, path } = config;
  if (config.problem) return { refusal: refusalOf(config) };
  if (!file) {
    return {
      refusal: {
        code: "CONFIG_MISSING",
        message: `there is no ${path} to set ${key} in`,
        hint: `write one (provision.sh flintlock does), with the line "${key}: ${value}" in it`,
      },
    };
  }
  const patched = setKey(file.text, key, value);
  if ("problem" in patched) return { refusal: refusalOf({ ...config, problem: patched.problem }) };
  const action: SetKey = {
    do: "set-key",
    path: config.realPath,
    key,
    value,
    before: file.sha256,
    after: sha256(patched.text),
    diff: unifiedDiff(config.realPath, file.text, patched.text),
    text: file.text,
  };
  return {
    step: {
      key: `set-key ${config.realPath} ${key}`,
      id,
      title: `set ${key} to ${value} in ${path}${config.realPath === path ? "" : ` (a link to ${config.realPath})`}`,
      because,
      risk: "safe",
      impact: "no running MicroVM is touched; the old file is kept beside it, dated",
      actions: [action],
      provides: ["config"],
      after: ["flintlockd-stopped"],
      needs: [],
    },
  };
}

/** Edits of one file follow one another: the second starts from what the first leaves. The texts, which may hold secrets, are left out of the plan. */
export function rethread(steps: readonly Step[]): Step[] {
  const texts = new Map<string, string>();
  return steps.map((step) => ({ ...step, actions: step.actions.map((action) => (action.do === "set-key" ? threaded(action, texts) : action)) }));
}

function threaded({ text: original, ...action }: SetKey, texts: Map<string, string>): SetKey {
  const earlier = texts.get(action.path);
  const text = earlier ?? original;
  if (text === undefined) return action;
  const patched = setKey(text, action.key, action.value);
  if ("problem" in patched) return action;
  texts.set(action.path, patched.text);
  return {
    ...action,
    before: earlier === undefined ? action.before : sha256(text),
    after: sha256(patched.text),
    diff: unifiedDiff(action.path, text, patched.text),
  };
}

function refusalOf({ path, problem }: ConfigFile): ConfigRefusal {
  const place = problem?.line ? `${path}:${problem.line}${problem.column ? `, column ${problem.column}` : ""}` : path;
  return {
    code: `CONFIG_${problem?.code ?? "UNREADABLE"}`,
    message: `${place}: ${problem?.message ?? "it cannot be read"}`,
    hint: `put ${path} right by hand; nothing is written to it as it is`,
  };
}

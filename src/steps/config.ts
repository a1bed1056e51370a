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
  const action = setKeyAction({ path: config.realPath, key, value, before: file.sha256 }, file.text, patched.text, { text: file.text });
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

function threaded(action: SetKey, texts: Map<string, string>): SetKey {
  const { path, key, value } = action;
  const earlier = texts.get(path);
  const text = earlier ?? action.text;
  const patched = text === undefined ? null : setKey(text, key, value);
  if (text === undefined || patched === null || "problem" in patched) {
    const { text: _text, ...rest } = action;
    return rest;
  }
  texts.set(path, patched.text);
  return setKeyAction({ path, key, value, before: earlier === undefined ? action.before : sha256(text) }, text, patched.text);
}

/** Its digest is made when it is asked for: a plan that is only shown needs none, and Node's crypto is slow to load. */
function setKeyAction(what: Pick<SetKey, "path" | "key" | "value" | "before">, text: string, patched: string, kept: Pick<SetKey, "text"> = {}): SetKey {
  return {
    do: "set-key",
    ...what,
    get after() {
      return sha256(patched);
    },
    diff: unifiedDiff(what.path, text, patched),
    ...kept,
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

/** What the words of the main command come to, and which of them contradict each other. */

import { FixError } from "../errors.ts";
import type { Trigger } from "../policy.ts";

export interface FixOptions {
  apply: boolean;
  format: "text" | "json" | "nagios" | "npd" | "prometheus";
  from: string | null;
  plan: string | null;
  savePlan: string | null;
  evenIfPaused: boolean;
  /** Nobody attends: policy and brakes decide what may be done. Null: run by a person. */
  unattended: Exclude<Trigger, "hand"> | null;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  config: string | null;
  /** Of these only what was said: the rest comes from the policy file or its defaults. */
  only?: string[];
  skip?: string[];
  profile?: "auto" | "dev" | "prod";
  bridgeName?: string;
  parentIface?: string;
  disk?: string;
  allow?: string[];
  provisioner?: "native" | "script";
  provisionScript?: string;
  /** Milliseconds. */
  timeout?: number;
  wait?: number;
}

type Raw = Partial<Omit<FixOptions, "from" | "plan" | "savePlan" | "config">> & {
  dryRun?: boolean;
  json?: boolean;
  from?: string;
  plan?: string;
  savePlan?: string;
  config?: string;
};

/** `options`: by the names that commander gives them; what contradicts itself is thrown as a usage error. */
export function fixOptions(options: Record<string, unknown>): FixOptions {
  const { dryRun, ...said } = options as Raw;
  contradictions({ ...said, ...(dryRun === undefined ? {} : { dryRun }) });
  const format = said.json === true ? "json" : (said.format ?? "text");
  return {
    ...said,
    apply: said.apply ?? false,
    format,
    from: said.from ?? null,
    plan: said.plan ?? null,
    savePlan: said.savePlan ?? null,
    evenIfPaused: said.evenIfPaused ?? false,
    unattended: said.unattended ?? null,
    quiet: said.quiet ?? false,
    verbose: said.verbose ?? false,
    color: said.color ?? true,
    config: said.config ?? null,
  };
}

const usage = (message: string, hint: string): FixError => new FixError("USAGE", message, hint);

/** Words that cannot both be meant, and words that are none. */
function contradictions(said: Raw): void {
  if (said.apply === true && said.dryRun === true) throw usage("--apply and --dry-run contradict each other", "leave one out");
  if (said.apply === true && said.from !== undefined)
    throw usage("--apply cannot act on a capture (--from)", "leave --apply out, or run it on the host itself");
  if (said.plan !== undefined && said.apply !== true)
    throw usage("--plan is carried out only by --apply", "fix --apply --plan FILE; a dry run saves one with --save-plan FILE");
  if (said.savePlan !== undefined && said.apply === true)
    throw usage("--save-plan belongs to a dry run", "fix --dry-run --save-plan FILE, then fix --apply --plan FILE");
  if (said.savePlan !== undefined && said.from !== undefined)
    throw usage("--save-plan cannot save a plan for a captured host", "make the plan on the host itself");
  if (said.json === true && said.format !== undefined && said.format !== "json")
    throw usage(`--json and --format ${said.format} contradict each other`, "leave one out");
  if (said.unattended && said.apply !== true) throw usage("--unattended is about an apply", "fix --apply --unattended, or leave it out");
  if (said.evenIfPaused === true && said.apply !== true) throw usage("--even-if-paused is about an apply", "fix --apply --even-if-paused, or leave it out");
  if (said.unattended && (said.evenIfPaused === true || said.plan !== undefined || said.allow?.includes("destructive") === true))
    throw usage("--unattended takes no consent: not with --even-if-paused, --plan or --allow destructive", "leave --unattended out to act by hand");
  if (said.quiet === true && said.verbose === true) throw usage("--quiet and --verbose contradict each other", "leave one out");
  // Of an empty variable in a script; without the word it would be all checks.
  const empty = (["only", "skip", "allow"] as const).find((name) => said[name]?.length === 0);
  if (empty !== undefined) throw usage(`--${empty} names nothing`, "name at least one, or leave it out");
  const both = said.only?.find((id) => said.skip?.includes(id));
  if (both !== undefined) throw usage(`${both} is both in --only and in --skip`, "leave one out");
  const odd = said.allow?.find((what) => what !== "destructive" && what !== "packages");
  if (odd !== undefined) throw usage(`--allow ${odd} is unknown`, "--allow destructive, --allow packages");
  for (const [flag, path] of [
    ["--provision-script", said.provisionScript],
    ["--disk", said.disk],
  ] as const) {
    if (path !== undefined && !path.startsWith("/")) throw usage(`${flag} ${path} is not an absolute path`, `${flag} /…`);
  }
}

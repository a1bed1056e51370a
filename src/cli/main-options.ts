/** The options of the main command, in one table: commander is told of them (arguments.ts), the plain ones are read without it (plain-arguments.ts). */

import type { Trigger } from "../policy.ts";

export interface MainOption {
  /** As commander writes them: `--long`, `--long <value>`, `--long [value]`, `--long <values...>`. */
  flags: string;
  about: string;
  /** How its value is read; a list of words: one of these. */
  takes: "nothing" | "text" | "list" | "duration" | readonly string[];
  /** Of an optional value, what stands for it where it is left out. */
  preset?: string;
}

const nothing = (flags: string, about: string): MainOption => ({ flags, about, takes: "nothing" });
const text = (flags: string, about: string): MainOption => ({ flags, about, takes: "text" });

export const mainOptions: readonly MainOption[] = [
  nothing("--dry-run", "look and plan, change nothing (the default)"),
  nothing("--apply", "carry the plan out, then look again"),
  nothing("--json", "the report as one JSON document (--format json)"),
  { flags: "--format <format>", about: "how the report is printed", takes: ["text", "json", "nagios", "npd", "prometheus"] },
  text("--from <capture>", "look at a captured host instead of this one"),
  text("--save-plan <file>", "dry run: save the plan for --apply --plan"),
  text("--plan <file>", "apply: carry out exactly this saved plan, or refuse"),
  { flags: "--only <id...>", about: "only these checks", takes: "list" },
  { flags: "--skip <id...>", about: "not these checks", takes: "list" },
  { flags: "--profile <profile>", about: "what kind of host this is", takes: ["auto", "dev", "prod"] },
  text("--bridge-name <name>", "bridge to use where the host does not work as it is"),
  text("--parent-iface <name>", "parent interface to use where the host does not work as it is"),
  text("--disk <path>", "disk for provision-direct-lvm"),
  { flags: "--allow <what...>", about: "consent: destructive, packages", takes: "list" },
  { flags: "--provisioner <which>", about: "make the pool natively or with a provision.sh", takes: ["native", "script"] },
  text("--provision-script <path>", "the provision.sh for --provisioner script"),
  text("--config <file>", "policy file (default /etc/flintlock-fix/policy.yaml)"),
  { flags: "--timeout <duration>", about: "bound of each whole look (default 90s)", takes: "duration" },
  { flags: "--wait <duration>", about: "stay until every waiting MicroVM was tried again", takes: "duration" },
  nothing("--even-if-paused", "apply although automatic runs are paused"),
  {
    flags: "--unattended [trigger]",
    about: "apply as automation does: within its policy and brakes",
    takes: ["boot", "timer", "cron", "watch"] satisfies Exclude<Trigger, "hand">[],
    preset: "timer",
  },
  nothing("--quiet", "print nothing when all is well"),
  nothing("--verbose", "healthy checks, all evidence and the log too"),
  nothing("--no-color", "no colour"),
];

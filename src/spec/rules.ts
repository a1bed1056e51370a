/** What can be wrong with a spec: the catalogue that findings, SARIF and the documentation share. */

import type { Place } from "../facts/tree.ts";

export type Level = "error" | "warning" | "note";

export interface Rule {
  level: Level;
  means: string;
  /** Another type or bridge may mend it: what `patch` chooses by itself. */
  mended?: true;
  /** A type or bridge that was asked for may bring it on: it is reported, and needs no other decision. */
  decided?: true;
}

const byChoice = { mended: true, decided: true } as const;

/** An error keeps a MicroVM from being made; a warning makes it other than it was meant; a note is only said. */
export const rules = {
  "macvtap-on-firecracker": {
    level: "error",
    means: "Firecracker takes no macvtap interface: flintlock refuses the request (since 0.7) and stores nothing.",
    ...byChoice,
  },
  "tap-without-bridge": { level: "error", means: "A tap is attached to a bridge, and neither the spec nor the host's bridge-name names one.", ...byChoice },
  "macvtap-without-parent": { level: "error", means: "A macvtap hangs on a parent interface, and the host has no parent-iface.", ...byChoice },
  "macvtap-unavailable": { level: "error", means: "The host's kernel cannot create macvtap interfaces.", ...byChoice },
  "bridge-not-found": { level: "error", means: "The bridge that a tap is to be attached to does not exist on the host.", ...byChoice },
  "not-a-bridge": { level: "error", means: "What a tap is to be attached to is no bridge.", ...byChoice },
  "parent-not-found": { level: "error", means: "The parent that a macvtap is to hang on does not exist on the host.", ...byChoice },
  "parent-unfit": { level: "error", means: "The parent that a macvtap is to hang on cannot carry one.", ...byChoice },
  "bridge-on-macvtap": { level: "warning", means: "A bridge has no effect on a macvtap interface.", ...byChoice },
  "overrides-pruned": { level: "warning", means: "CAPMVM's CRDs have no `overrides`: the API server prunes it without a word.", decided: true },
  "invalid-bridge-name": { level: "error", means: "No network device can have the bridge's name." },
  "overrides-without-bridge": {
    level: "error",
    means: "flintlock reads bridge_name of `overrides` without a look whether it is there, and crashes where it is not.",
  },
  "unknown-type": { level: "error", means: "The interface's type is neither tap nor macvtap as the format writes them.", mended: true },
  "unknown-provider": { level: "error", means: "flintlock has no MicroVM provider of that name." },
  "provider-off": { level: "error", means: "The host's flintlockd runs without that MicroVM provider." },
  "missing-device": { level: "error", means: "An interface has no guest device name." },
  "invalid-device": { level: "error", means: "flintlock takes only guest device names of a-z, 0-9 and _ that begin with a letter." },
  "duplicate-device": { level: "error", means: "Two interfaces of a MicroVM have the same guest device name: they share one host device." },
  "eth0-redefined": { level: "warning", means: "With Firecracker eth0 is flintlock's own interface for metadata; a spec that defines it gets no metadata." },
  "invalid-mac": { level: "error", means: "A MAC address that flintlock refuses, or that no interface can have." },
  "invalid-address": { level: "error", means: "An address that flintlock refuses: address and gateway are in CIDR notation, name servers are not." },
  "no-interfaces": { level: "error", means: "flintlock refuses a MicroVM without network interfaces." },
  "duplicate-key": { level: "error", means: "A field stands there twice, maybe in two spellings: what counts depends on the reader." },
  "template-value": { level: "note", means: "A template fills the value in: what it will be cannot be told here." },
  "json-extras": { level: "note", means: "Comments and trailing commas are no JSON: flintlock's API refuses them as they are." },
  fragment: { level: "note", means: "A piece of a spec, not a whole one." },
  "tab-indentation": { level: "error", means: "YAML allows only spaces for indentation." },
  "template-unreadable": { level: "note", means: "The file is a template that cannot be read before it is filled in." },
  unparsable: { level: "error", means: "The file does not parse." },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof rules;

export function ruleOf(id: RuleId): Rule {
  return rules[id];
}

export const ruleIds = Object.keys(rules) as RuleId[];

/** One thing about one place of a file. Plain data; line and column from 1, columns in UTF-16 code units. */
export interface SpecFinding {
  rule: RuleId;
  level: Level;
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** The MicroVM's name, and the interface's; null where it is about the file. */
  microvm: string | null;
  interface: string | null;
  message: string;
  /** The ways out; empty where there is nothing to do. */
  hint: string;
  /** `fix spec patch` mends it by itself. */
  fixable: boolean;
}

/** What a check says before it is known where in which file: offsets into the text. */
export interface Remark {
  rule: RuleId;
  start: number;
  end: number;
  message: string;
  hint: string;
  interface: string | null;
}

export const remark = (rule: RuleId, place: Place, name: string | null, message: string, hint: string): Remark => ({
  rule,
  start: place.start,
  end: place.end,
  interface: name,
  message,
  hint,
});

/** What a patch changes in a file, and the file's text with it; proved by reading that text again. Pure. */

import { checkSpec, specsOf, type CheckedInterface, type CheckedSpec } from "./check.ts";
import { choose, isChoice, leftAlone } from "./choose.ts";
import { bridgeSplices, typeSplices } from "./fields.ts";
import type { HostAbility } from "./host-ability.ts";
import type { InterfaceType } from "./microvm.ts";
import { provedBy } from "./prove.ts";
import { renaming } from "./rename.ts";
import { readSource, type Source } from "./source.ts";
import { spliced, type Splice } from "./splice.ts";

export interface Ask {
  type: InterfaceType | null;
  bridge: string | null;
  /** Device names; empty: all but eth0. */
  interfaces: readonly string[];
  /** The new name of each MicrovmMachineTemplate that is changed; `*` stands for the old one. */
  rename: string | null;
}

/** One value of one interface, or a template's name. */
export interface Change {
  spec: number;
  /** Null: of the whole object. */
  interface: number | null;
  name: string;
  what: "type" | "bridge" | "name";
  from: string;
  to: string;
  because: string;
  /** Where it stood, or what it was added to. */
  at: number;
}

export interface PatchRefusal {
  code: "AMBIGUOUS" | "NO_WAY" | "TEMPLATE" | "SHARED" | "NO_NAME" | "SEVERAL_TEMPLATES";
  interface: string | null;
  at: number;
  message: string;
  hint: string;
}

export interface Patched {
  /** The patched text, read again; the very source where nothing changes. */
  after: Source;
  changes: Change[];
  splices: Splice[];
  refusals: PatchRefusal[];
  /** Said beside the changes: what a cluster does with them. */
  notes: { at: number; message: string }[];
  /** Named interfaces that are there. */
  found: Set<string>;
}

export function patchSource(source: Source, ask: Ask, ability: HostAbility): Patched {
  const specs = specsOf(source).map((spec) => checkSpec(source, spec, ability));
  const plan: Plan = { changes: [], refusals: [], splices: [] };
  const found = new Set<string>();
  specs.forEach((checked, index) => {
    for (const wanted of targets(checked, ask)) {
      if (wanted.interface.device?.text) found.add(wanted.interface.device.text);
      change(source, checked, index, wanted, ask, ability, plan);
    }
  });
  const renamed = renaming(source, specs, plan.changes, ask.rename);
  const changes = [...plan.changes, ...renamed.changes];
  const splices = [...plan.splices, ...renamed.splices];
  const done: Patched = { after: source, changes: [], splices: [], refusals: [...plan.refusals, ...renamed.refusals], notes: [], found };
  if (changes.length === 0) return done;
  const text = spliced(source.text, splices);
  const after = text === null ? null : readSource(source.name, text);
  if (after !== null && provedBy(source, after, changes)) return { ...done, after, changes, splices, notes: renamed.notes };
  // Together they would change more than was asked for, so that nothing of this file is changed.
  return { ...done, refusals: [...done.refusals, ...changes.map(shared)] };
}

const shared = ({ name, at, what, to }: Change): PatchRefusal => ({
  code: "SHARED",
  interface: name,
  at,
  message: `${name}: ${what} ${to} cannot be set here alone: what stands here is shared (an anchor, an alias, a merge) or written in a way that cannot be changed by itself`,
  hint: "write the interface out where it is used, then run this again",
});

export interface Plan {
  changes: Change[];
  refusals: PatchRefusal[];
  splices: Splice[];
}

function targets({ interfaces }: CheckedSpec, { interfaces: named, type, bridge }: Ask): CheckedInterface[] {
  if (named.length > 0)
    return interfaces.filter(({ interface: { device } }) => device?.text !== null && device?.text !== undefined && named.includes(device.text));
  const all = interfaces.filter((checked) => !leftAlone(checked.interface) && !checked.interface.metadata);
  // A bridge is of use to taps; where a spec has none, it is set all the same and said to have no effect.
  const taps = all.filter((checked) => checked.interface.type === "tap");
  return bridge !== null && type === null && taps.length > 0 ? taps : all;
}

function change(source: Source, checked: CheckedSpec, index: number, target: CheckedInterface, ask: Ask, ability: HostAbility, plan: Plan): void {
  const { spec, provider } = checked;
  const { interface: wanted, name, place, service } = target;
  if (ask.type !== null || ask.bridge !== null) {
    if (ask.type !== null) setType(ask.type, "it was asked for");
    if (ask.bridge !== null) setBridge(ask.bridge, "it was asked for");
    return;
  }
  const chosen = choose(spec, wanted, service, provider, ability, ask.interfaces.length > 0);
  if (chosen === null) return;
  if (!isChoice(chosen)) {
    plan.refusals.push({ code: chosen.code, interface: name, at: place.start, message: chosen.message, hint: chosen.hint });
    return;
  }
  if (chosen.type !== wanted.type) setType(chosen.type, chosen.because);
  if (chosen.bridge !== null) setBridge(chosen.bridge, chosen.because);

  function setType(type: InterfaceType, because: string): void {
    if (wanted.type === type) return;
    if (wanted.type === "templated") templated(wanted.typeValue?.start ?? place.start, "type");
    else add("type", wanted.type === "unknown" ? (wanted.typeValue?.text ?? "") : wanted.type, type, because, typeSplices(source, spec, wanted, type));
  }

  function setBridge(bridge: string, because: string): void {
    if (wanted.bridge?.text === bridge && !wanted.bridge.templated) return;
    if (wanted.bridge?.templated === true) templated(wanted.bridge.start, "bridge");
    else add("bridge", wanted.bridge?.text ?? "", bridge, because, bridgeSplices(source, spec, wanted, bridge));
  }

  function templated(at: number, what: string): void {
    plan.refusals.push({
      code: "TEMPLATE",
      interface: name,
      at,
      message: `${name}: the ${what} is filled in by a template and left alone`,
      hint: "set it where the template gets its values, or write the value into the file",
    });
  }

  function add(what: "type" | "bridge", from: string, to: string, because: string, splices: Splice[] | null): void {
    if (splices === null) {
      plan.refusals.push({
        code: "SHARED",
        interface: name,
        at: place.start,
        message: `${name}: the ${what} is written in a way that cannot be replaced alone`,
        hint: "write it as a plain value, then run this again",
      });
      return;
    }
    plan.splices.push(...splices);
    plan.changes.push({ spec: index, interface: wanted.index, name, what, from, to, because, at: splices[0]?.start ?? place.start });
  }
}

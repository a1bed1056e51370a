/** The proof of a patch: the new text, read again, says what was asked for, and for the rest what it said before. */

import { saying, type MapTree } from "../facts/tree.ts";
import { specsOf } from "./check.ts";
import type { MicrovmInterface, MicrovmSpec } from "./microvm.ts";
import type { Change } from "./patch.ts";
import type { Source } from "./source.ts";

export function provedBy(before: Source, after: Source, changes: readonly Change[]): boolean {
  if (after.problem !== null && before.problem === null) return false;
  const [old, now] = [specsOf(before), specsOf(after)];
  if (old.length !== now.length || before.documents.length !== after.documents.length) return false;
  try {
    const own = bySpec(changes);
    return old.every((spec, index) => sameSpec(spec, now[index], after, own.get(index) ?? [])) && said(before, old, changes) === said(after, now, changes);
  } catch (error) {
    // A document that aliases multiply beyond reason cannot be compared.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function bySpec(changes: readonly Change[]): Map<number, Change[]> {
  const own = new Map<number, Change[]>();
  for (const change of changes) own.set(change.spec, [...(own.get(change.spec) ?? []), change]);
  return own;
}

function sameSpec(old: MicrovmSpec, now: MicrovmSpec | undefined, { text }: Source, changes: readonly Change[]): boolean {
  if (now?.form !== old.form || old.kind !== now.kind || old.interfaces.length !== now.interfaces.length) return false;
  const renamed = changes.find(({ what }) => what === "name");
  if (renamed && (now.nameValue === null || unquoted(text.slice(now.nameValue.start, now.nameValue.end)) !== renamed.to)) return false;
  return old.interfaces.every((wanted, index) => {
    const other = now.interfaces[index];
    const own = changes.filter((change) => change.interface === wanted.index);
    const type = own.find(({ what }) => what === "type")?.to ?? typeOf(wanted);
    const bridge = own.find(({ what }) => what === "bridge")?.to ?? wanted.bridge?.text ?? null;
    return other !== undefined && typeOf(other) === type && (other.bridge?.text ?? null) === bridge;
  });
}

const unquoted = (raw: string): string => raw.replaceAll(/^["']|["']$/g, "");

const typeOf = ({ type, typeValue }: MicrovmInterface): string => (type === "unknown" ? `unknown ${typeValue?.text ?? ""}` : type);

/** Every document, without the values that were to change. */
function said({ documents }: Source, specs: readonly MicrovmSpec[], changes: readonly Change[]): string {
  const omitted = new Map<MapTree, Set<string>>();
  const omit = (map: MapTree, ...keys: string[]): void => {
    omitted.set(map, new Set([...(omitted.get(map) ?? []), ...keys]));
  };
  for (const { spec: index, interface: place, what } of changes) {
    const spec = specs[index];
    const wanted = spec?.interfaces.find((candidate) => candidate.index === place);
    if (what === "name" && spec?.nameHolder) omit(spec.nameHolder, "name");
    if (wanted && what === "type") omit(wanted.map, "type");
    if (wanted && what === "bridge") {
      if (wanted.overrides?.value.kind === "map") omit(wanted.overrides.value, "bridge_name", "bridgeName");
      // Where it is new, `overrides` itself is; its other keys are compared where there were some.
      if (wanted.overrides?.value.kind !== "map" || wanted.overrides.value.entries.every(({ key }) => key === "bridge_name" || key === "bridgeName"))
        omit(wanted.map, "overrides");
    }
  }
  return documents.map(({ root }) => saying(root, (map, key) => omitted.get(map)?.has(key) ?? false)).join("\n");
}

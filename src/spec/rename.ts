/**
 * A changed MicrovmMachineTemplate gets another name when that is asked for: Cluster API takes a machine template as immutable,
 * and rolls machines out only where the name that its owner refers to changes (Cluster API: Upgrading workload clusters).
 */

import { entryOf, valueAt, type Tree } from "../facts/tree.ts";
import type { CheckedSpec } from "./check.ts";
import type { Change, PatchRefusal, Patched } from "./patch.ts";
import type { Source } from "./source.ts";
import type { Splice } from "./splice.ts";

interface Renaming {
  changes: Change[];
  splices: Splice[];
  refusals: PatchRefusal[];
  notes: Patched["notes"];
}

export function renaming(source: Source, specs: readonly CheckedSpec[], changes: readonly Change[], asked: string | null): Renaming {
  const done: Renaming = { changes: [], splices: [], refusals: [], notes: [] };
  const changed = new Set(changes.map(({ spec }) => spec));
  const touched = specs.flatMap(({ spec }, index) => (spec.kind === "MicrovmMachineTemplate" && changed.has(index) ? [{ spec, index }] : []));
  if (asked === null) {
    for (const { spec } of touched) done.notes.push({ at: spec.place.start, message: immutable(spec.name) });
    return done;
  }
  if (touched.length > 1 && !asked.includes("*")) {
    const [first] = touched;
    done.refusals.push({
      code: "SEVERAL_TEMPLATES",
      interface: null,
      at: first?.spec.place.start ?? 0,
      message: `${touched.length} templates would all get the name ${asked}`,
      hint: "let * stand for the old name: --rename '*-tap'",
    });
    return done;
  }
  for (const { spec, index } of touched) {
    const { nameValue } = spec;
    if (!nameValue?.scalar || nameValue.scalar.style === "block" || nameValue.scalar.style === "empty") {
      done.refusals.push({
        code: "NO_NAME",
        interface: null,
        at: spec.place.start,
        message: "the template has no metadata.name that could be changed",
        hint: "give it a name in the file",
      });
      continue;
    }
    const raw = source.text.slice(nameValue.start, nameValue.end);
    const quote = nameValue.scalar.style === "plain" ? "" : (raw[0] ?? "");
    const old = quote === "" ? raw : raw.slice(1, -1);
    const name = asked.replaceAll("*", () => old);
    if (name === old) continue;
    done.splices.push({ start: nameValue.start, end: nameValue.end, text: `${quote}${name}${quote}` });
    done.changes.push({
      spec: index,
      interface: null,
      name: spec.name,
      what: "name",
      from: old,
      to: name,
      because: "a template of another name is what a running cluster rolls out",
      at: nameValue.start,
    });
    for (const at of references(source, raw, old))
      done.notes.push({ at, message: `this refers to ${old}: point it to ${name}, and the machines are rolled out anew` });
    done.notes.push({
      at: nameValue.start,
      message: `${old} itself stays in the cluster: delete it once nothing refers to it (a tool that prunes would do so at once)`,
    });
  }
  return done;
}

const immutable = (name: string): string =>
  `${name === "" ? "this template" : name}: Cluster API takes a MicrovmMachineTemplate as immutable, and machines that run are not changed by it: a running cluster needs a new template (--rename NAME, or --rename '*-tap'), and its owners' infrastructureRef pointed to that`;

/** Owners in the same file: `infrastructureRef` of a control plane or a machine deployment. */
function references({ documents, text }: Source, raw: string, name: string): number[] {
  if (!text.includes("infrastructureRef")) return [];
  const found: number[] = [];
  const walk = (tree: Tree, depth: number): void => {
    if (depth > 12) return;
    if (tree.kind === "list") tree.items.forEach((item) => walk(item, depth + 1));
    if (tree.kind !== "map") return;
    for (const { key, value } of tree.entries) {
      if (key !== "infrastructureRef") walk(value, depth + 1);
      else if (valueAt(value, "kind")?.kind === "scalar" && text.slice(value.start, value.end).includes("MicrovmMachineTemplate")) {
        const ref = entryOf(value, "name")?.value;
        if (ref && [raw, name].includes(text.slice(ref.start, ref.end).replaceAll(/^["']|["']$/g, ""))) found.push(ref.start);
      }
    }
  };
  for (const { root } of documents) if (root !== null) walk(root, 0);
  return found;
}

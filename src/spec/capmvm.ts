/** Specs of Cluster API's provider for flintlock (cluster-api-provider-microvm: api/v1alpha1, config/crd/bases). */

import { entryOf, itemsOf, textAt, valueAt, type MapTree, type Tree } from "../facts/tree.ts";
import type { MicrovmInterface, MicrovmSpec } from "./microvm.ts";
import type { Source } from "./source.ts";
import { fieldOf, keysTwice, templateAfter, valueOf } from "./values.ts";

const fields = new Map(["guestDeviceName", "type", "guestMac", "address", "overrides"].map((key) => [key, key]));

const group = "infrastructure.cluster.x-k8s.io/";

export function capmvmSpecs(source: Source, root: Tree): MicrovmSpec[] {
  if (root.kind === "list") return root.items.flatMap((item) => capmvmSpecs(source, item));
  if (root.kind !== "map") return [];
  const kind = textAt(root, "kind");
  if (kind?.endsWith("List") === true && valueAt(root, "items")?.kind === "list")
    return itemsOf(valueAt(root, "items")).flatMap((item) => capmvmSpecs(source, item));
  if (kind === null) return fragments(source, root);
  const version = textAt(root, "apiVersion");
  if (version !== null && !version.startsWith(group)) return [];
  if (kind === "MicrovmMachineTemplate") return specOf(source, root, kind, valueAt(valueAt(valueAt(root, "spec"), "template"), "spec"));
  return kind === "MicrovmMachine" ? specOf(source, root, kind, valueAt(root, "spec")) : [];
}

/** As manuals show them: from `networkInterfaces` on, or from `spec`. */
function fragments(source: Source, root: MapTree): MicrovmSpec[] {
  if (!root.entries.some(({ key }) => key === "networkInterfaces" || key === "spec" || key === "template") || entryOf(root, "apiVersion") !== null) return [];
  const spec = valueAt(root, "spec");
  const holder = [root, spec, valueAt(valueAt(spec, "template"), "spec"), valueAt(valueAt(root, "template"), "spec")].find((tree) =>
    itemsOf(valueAt(tree, "networkInterfaces")).some((item) => entryOf(item, "guestDeviceName") !== null),
  );
  return holder ? specOf(source, root, "fragment", holder) : [];
}

function specOf(source: Source, root: MapTree, kind: MicrovmSpec["kind"], holder: Tree | null): MicrovmSpec[] {
  if (holder === null) return [];
  const metadata = valueAt(root, "metadata");
  const list = entryOf(holder, "networkInterfaces");
  const nameValue = valueOf(source, entryOf(metadata, "name"));
  const [namespace, name] = [textAt(metadata, "namespace"), nameValue && source.text.slice(nameValue.start, nameValue.end).replaceAll(/^["']|["']$/g, "")];
  return [
    {
      form: "capmvm",
      kind,
      name: [namespace, name].filter((part) => part !== null && part !== "").join("/"),
      provider: valueOf(source, entryOf(holder, "provider")),
      interfaces: itemsOf(list?.value ?? null).flatMap((item, index) => (item.kind === "map" ? [interfaceOf(source, item, index)] : [])),
      unreadable: list && list.value.kind !== "list" ? templateAfter(source, list) : null,
      place: { start: root.start, end: root.end },
      nameValue,
      nameHolder: metadata?.kind === "map" ? metadata : null,
    },
  ];
}

function interfaceOf(source: Source, map: MapTree, index: number): MicrovmInterface {
  const type = fieldOf(source, map, "type");
  const overrides = entryOf(map, "overrides");
  const bridge = fieldOf(source, overrides?.value ?? null, ["bridgeName", "bridge_name"]);
  const address = fieldOf(source, map, "address");
  const mac = fieldOf(source, map, "guestMac");
  return {
    index,
    map,
    device: fieldOf(source, map, "guestDeviceName"),
    type: typeOf(type),
    typeValue: type,
    bridge: bridge?.text === "" ? null : bridge,
    overrides: overrides?.value.kind === "map" ? overrides : null,
    bridgeless: false,
    mac: mac?.text === "" ? null : mac,
    addresses: address === null || address.text === "" ? [] : [{ what: "address", value: address }],
    metadata: false,
    twice: keysTwice(source, map, fields),
  };
}

/** The CRD's enum; `type` is required. */
function typeOf(type: MicrovmInterface["typeValue"]): MicrovmInterface["type"] {
  if (type?.templated === true) return "templated";
  const value = type?.scalar?.value;
  return value === "tap" || value === "macvtap" ? value : "unknown";
}

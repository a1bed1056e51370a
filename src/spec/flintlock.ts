/** Specs as flintlock's API takes them: protobuf JSON, each field in snake_case or camelCase (flintlock: api/types/microvm.proto). */

import { entryOf, itemsOf, textAt, valueAt, type MapTree, type Tree } from "../facts/tree.ts";
import type { MicrovmInterface, MicrovmSpec } from "./microvm.ts";
import type { Source } from "./source.ts";
import { fieldOf, keysTwice, templateAfter, valueIn, valueOf } from "./values.ts";

const names = {
  device: ["device_id", "deviceId"],
  mac: ["guest_mac", "guestMac"],
  bridge: ["bridge_name", "bridgeName"],
  metadata: ["allow_metadata_requests", "allowMetadataRequests"],
  root: ["root_volume", "rootVolume"],
} as const;

/** Spellings and the field they mean. */
const fields = new Map<string, string>([
  ...[...Object.values(names).flat(), "type", "overrides", "address"].map((key) => [key, key] as const),
  ...Object.values(names).map(([snake, camel]) => [camel, snake] as const),
]);

export function flintlockSpecs(source: Source, root: Tree): MicrovmSpec[] {
  if (root.kind === "list") return root.items.flatMap((item) => flintlockSpecs(source, item));
  if (root.kind !== "map" || entryOf(root, "apiVersion") !== null) return [];
  const wrapped = valueAt(root, "microvm");
  if (wrapped !== null) {
    // What the server answers with wraps the spec once more.
    const specs: MicrovmSpec[] = [];
    for (const item of wrapped.kind === "list" ? wrapped.items : [wrapped]) {
      const spec = valueAt(item, "spec") ?? item;
      if (spec.kind === "map") specs.push(specOf(source, spec, "CreateMicroVM request"));
    }
    return specs;
  }
  if (!isSpec(root)) return [];
  return [specOf(source, root, source.fragment || root.entries.length === 1 ? "fragment" : "MicroVM spec")];
}

function isSpec(map: MapTree): boolean {
  if (itemsOf(valueAt(map, "interfaces")).some((item) => entryOf(item, names.device) !== null)) return true;
  if (entryOf(map, "interfaces") !== null && entryOf(map, "id") !== null && entryOf(map, "namespace") !== null) return true;
  return entryOf(map, names.root) !== null && entryOf(map, "kernel") !== null;
}

function specOf(source: Source, map: MapTree, kind: MicrovmSpec["kind"]): MicrovmSpec {
  const list = entryOf(map, "interfaces");
  const interfaces: MicrovmInterface[] = [];
  for (const [index, item] of itemsOf(list?.value ?? null).entries()) if (item.kind === "map") interfaces.push(interfaceOf(source, item, index));
  return {
    form: "flintlock",
    kind,
    name: nameOf(textAt(map, "namespace") ?? "", textAt(map, "id") ?? ""),
    provider: valueOf(source, entryOf(map, "provider")),
    interfaces,
    unreadable: list && list.value.kind !== "list" ? templateAfter(source, list) : null,
    place: { start: map.start, end: map.end },
    nameValue: null,
    nameHolder: null,
  };
}

const nameOf = (namespace: string, id: string): string => (namespace !== "" && id !== "" ? `${namespace}/${id}` : namespace + id);

function interfaceOf(source: Source, map: MapTree, index: number): MicrovmInterface {
  const type = fieldOf(source, map, "type");
  const overrides = entryOf(map, "overrides");
  const bridge = fieldOf(source, overrides?.value ?? null, names.bridge);
  const address = valueAt(map, "address");
  const mac = fieldOf(source, map, names.mac);
  const metadata = entryOf(map, names.metadata)?.value;
  const twice = keysTwice(source, map, fields);
  return {
    index,
    map,
    device: fieldOf(source, map, names.device),
    type: typeOf(type),
    typeValue: type,
    bridge: bridge?.text === "" ? null : bridge,
    overrides: overrides?.value.kind === "map" ? overrides : null,
    bridgeless: overrides?.value.kind === "map" && bridge === null,
    mac: mac?.text === "" ? null : mac,
    addresses: addressesOf(source, address),
    metadata: metadata?.kind === "scalar" && metadata.value === true,
    twice: overrides?.value.kind === "map" ? [...twice, ...keysTwice(source, overrides.value, fields)] : twice,
  };
}

/** Absent is 0, which is MACVTAP; a name is taken only as the enum has it (NetworkInterface.IfaceType). */
function typeOf(type: MicrovmInterface["typeValue"]): MicrovmInterface["type"] {
  if (type === null) return "macvtap";
  if (type.templated) return "templated";
  const value = type.scalar?.value;
  if (value === 0 || value === "MACVTAP") return "macvtap";
  return value === 1 || value === "TAP" ? "tap" : "unknown";
}

function addressesOf(source: Source, address: Tree | null): MicrovmInterface["addresses"] {
  const found: MicrovmInterface["addresses"] = [];
  if (address === null) return found;
  for (const what of ["address", "gateway"] as const) {
    const value = valueOf(source, entryOf(address, what));
    if (value !== null) found.push({ what, value });
  }
  for (const item of itemsOf(valueAt(address, "nameservers"))) found.push({ what: "nameserver", value: valueIn(source, item) });
  return found;
}

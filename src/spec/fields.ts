/** How type and bridge of an interface are written in either language. */

import { entryOf, type MapTree } from "../facts/tree.ts";
import { setField, type Literal } from "./edit.ts";
import type { InterfaceType, MicrovmInterface, MicrovmSpec } from "./microvm.ts";
import type { Source } from "./source.ts";
import type { Splice } from "./splice.ts";

const enumNumbers: Record<InterfaceType, number> = { macvtap: 0, tap: 1 };

export function typeSplices(source: Source, spec: MicrovmSpec, wanted: MicrovmInterface, type: InterfaceType): Splice[] | null {
  return setField(source, wanted.map, "type", typeLiteral(spec, wanted, type), ["device_id", "deviceId", "guestDeviceName"]);
}

/** A number stays a number and a name a name; where there is none, the spec's other interfaces show which. */
function typeLiteral({ form, interfaces }: MicrovmSpec, { typeValue }: MicrovmInterface, type: InterfaceType): Literal {
  if (form === "capmvm") return { word: type };
  const shown = [typeValue, ...interfaces.map((other) => other.typeValue)].find((value) => value !== null && value.scalar !== null);
  return typeof shown?.scalar?.value === "string" ? { word: type.toUpperCase() } : { number: enumNumbers[type] };
}

export function bridgeSplices(source: Source, spec: MicrovmSpec, wanted: MicrovmInterface, bridge: string): Splice[] | null {
  const { map, overrides } = wanted;
  const holder = overrides?.value.kind === "map" ? overrides.value : null;
  const key = bridgeKey(spec, map, holder);
  if (holder !== null && overrides?.merged === false) return setField(source, holder, key, { word: bridge }, []);
  return setField(source, map, "overrides", { key, value: { word: bridge } }, ["type", "device_id", "deviceId", "guestDeviceName"]);
}

/** The spelling that is there, else that of the device's name. */
function bridgeKey({ form }: MicrovmSpec, map: MapTree, holder: MapTree | null): string {
  const there = entryOf(holder, ["bridge_name", "bridgeName"])?.key;
  if (there !== undefined) return there;
  return form === "capmvm" || entryOf(map, "deviceId") !== null ? "bridgeName" : "bridge_name";
}

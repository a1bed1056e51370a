/** What a spec wants of a host's network, whichever of the two languages it is written in. Plain data; values know where they stand. */

import type { Entry, MapTree, Place, ScalarTree } from "../facts/tree.ts";
import type { Source } from "./source.ts";

export interface MicrovmSpec {
  /** flintlock's own (protobuf JSON), or Cluster API's provider for it (Kubernetes objects). */
  form: "flintlock" | "capmvm";
  kind: "MicroVM spec" | "CreateMicroVM request" | "MicrovmMachineTemplate" | "MicrovmMachine" | "fragment";
  /** NAMESPACE/NAME where both are said; empty where it has none. */
  name: string;
  provider: Value | null;
  interfaces: MicrovmInterface[];
  /** Its list of interfaces cannot be read: a template fills it in. */
  unreadable: Place | null;
  /** Where it begins. */
  place: Place;
  /** `metadata.name` of a Kubernetes object. */
  nameValue: Value | null;
  /** The mapping that it stands in. */
  nameHolder: MapTree | null;
}

/** A value as it was written; `text` is null where it is no text, number or truth value. */
export interface Value extends Place {
  text: string | null;
  scalar: ScalarTree | null;
  /** A template fills it in. */
  templated: boolean;
}

export type InterfaceType = "tap" | "macvtap";

export interface MicrovmInterface {
  /** From 0, in its spec. */
  index: number;
  map: MapTree;
  device: Value | null;
  type: InterfaceType | "unknown" | "templated";
  typeValue: Value | null;
  /** `overrides.bridge_name`; null where it is not said, or empty. */
  bridge: Value | null;
  overrides: Entry | null;
  /** flintlock's `overrides` without the bridge_name that its reader counts on. */
  bridgeless: boolean;
  mac: Value | null;
  addresses: { what: "address" | "gateway" | "nameserver"; value: Value }[];
  /** For metadata alone: a tap that is attached to nothing. */
  metadata: boolean;
  /** Keys of one field that stand there twice. */
  twice: { key: string; place: Place }[];
}

/** The interface's name as it is shown. */
export function shownName({ device, index }: MicrovmInterface, { text }: Source): string {
  if (!device) return `interface ${index + 1}`;
  return device.templated ? text.slice(device.start, device.end) : (device.text ?? `interface ${index + 1}`);
}

/** The bridge that counts beside the host's own: CAPMVM's override is read by nobody. */
export const effectiveBridge = ({ form }: MicrovmSpec, { bridge }: MicrovmInterface): string | null => (form === "capmvm" ? null : (bridge?.text ?? null));

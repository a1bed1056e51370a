/**
 * A MicroVM as flintlock stores it: one JSON object a version (core/models/microvm.go, network.go). What has another shape
 * is said to, and not guessed.
 */

import { isFields, type Fields } from "./journal.ts";

export interface RecordedInterface {
  /** Inside the guest: eth0, eth1, … */
  guestDevice: string;
  type: "tap" | "macvtap" | "unknown";
  /** Spec's override of the bridge; null where there is none. */
  bridge: string | null;
  /** A tap for metadata is attached to no bridge. */
  metadata: boolean;
  /** On the host: fltap…, flvtap…; null where it was not made yet. */
  hostDevice: string | null;
}

export interface MicrovmRecord {
  /** NAMESPACE/NAME/UID */
  id: string;
  namespace: string;
  name: string;
  uid: string;
  /** firecracker, cloudhypervisor; "" where the spec names none. */
  provider: string;
  version: number;
  interfaces: RecordedInterface[];
  /** pending, created, failed, deleting, … as stored. */
  state: string;
  retry: number;
  /** Seconds since the epoch; 0 where none. */
  notBefore: number;
  createdAt: number;
  updatedAt: number;
  /** Other than 0: on its way out. */
  deletedAt: number;
  /** Where this was read: the blob's path. */
  source: string;
}

/** How each version begins, whatever else may lie in a content store. */
export const recordBegins = '{"id":"';

export function parseRecord(text: string, source: string): { record: MicrovmRecord } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `${source} is no JSON` };
  }
  const wrong = (what: string): { problem: string } => ({ problem: `${source} is no MicroVM as this version of flintlock stores it: ${what}` });
  if (!isFields(value)) return wrong("not an object");
  const { id, version, spec, status } = value;
  if (typeof id !== "string") return wrong("no id");
  const parts = id.split("/");
  const [namespace = "", name = "", uid = ""] = parts;
  if (parts.length !== 3 || !parts.every(isFolderName)) return wrong("its id is not NAMESPACE/NAME/UID");
  if (!isFields(spec) || !isFields(status)) return wrong("no spec or no status");
  const numbers = [version, status["retry"], status["not_before"], spec["created_at"], spec["updated_at"], spec["deleted_at"]];
  if (!numbers.every(isWhole) || typeof status["state"] !== "string") return wrong("version, retry, not_before, a time or the state is missing");
  const interfaces = interfacesOf(spec["network_interfaces"], status["network_interfaces"]);
  if (interfaces === null) return wrong("its network interfaces cannot be read");
  const [versionNumber = 0, retry = 0, notBefore = 0, createdAt = 0, updatedAt = 0, deletedAt = 0] = numbers;
  const provider = typeof spec["provider"] === "string" ? spec["provider"] : "";
  return {
    record: {
      id,
      namespace,
      name,
      uid,
      provider,
      version: versionNumber,
      interfaces,
      state: status["state"],
      retry,
      notBefore,
      createdAt,
      updatedAt,
      deletedAt,
      source,
    },
  };
}

const isWhole = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);

/** It becomes part of a path: nothing that leads elsewhere. */
function isFolderName(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && part.length <= 255 && !part.includes("\0");
}

function interfacesOf(specified: unknown, made: unknown): RecordedInterface[] | null {
  if (specified === null || specified === undefined) return [];
  if (!Array.isArray(specified)) return null;
  const devices = isFields(made) ? made : {};
  const list: unknown[] = specified;
  const found = list.map((item) => (isFields(item) ? interfaceOf(item, devices) : null));
  return found.every((one) => one !== null) ? found : null;
}

function interfaceOf(item: Fields, devices: Fields): RecordedInterface | null {
  const guestDevice = item["guest_device_name"];
  if (typeof guestDevice !== "string") return null;
  const type = item["type"];
  // `branch_name` is flintlock's own spelling.
  const bridge = item["branch_name"];
  const device = Object.hasOwn(devices, guestDevice) ? devices[guestDevice] : null;
  const hostDevice = isFields(device) ? device["host_device_name"] : null;
  return {
    guestDevice,
    type: type === "tap" || type === "macvtap" ? type : "unknown",
    bridge: typeof bridge === "string" && bridge !== "" ? bridge : null,
    metadata: item["allow_mmds"] === true,
    hostDevice: typeof hostDevice === "string" && hostDevice !== "" ? hostDevice : null,
  };
}

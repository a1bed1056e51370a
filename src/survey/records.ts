/** flintlock's own records of its MicroVMs, in containerd's content store: the newest version of each. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

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

/** `unknown` where a record has a shape that flintlock.md's and containerd's sources do not tell: never guessed. */
export async function records(survey: Survey): Promise<Answer<MicrovmRecord[]>> {
  void survey;
  return unknown("TODO");
}

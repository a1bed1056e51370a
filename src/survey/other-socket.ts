/** Whether flintlockd's `containerd-socket` is that of the containerd unit, or another daemon's (k3s has a containerd of its own). */

import { valueOf } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface OtherSocket {
  /** What flintlockd is told. */
  socket: string;
  there: boolean;
  /** What the unit serves on, by its configuration. */
  own: string;
  unit: string;
}

/** Null: it is the same, or that cannot be told. */
export async function otherSocket(survey: Survey): Promise<OtherSocket | null> {
  const [layout, config] = [valueOf(await survey.layout()), valueOf(await survey.containerd())];
  if (!layout || !config) return null;
  const { socket, containerdUnit: unit } = layout;
  const own = config.address.replace(/^\/var\/run\//, "/run/");
  if (own === socket || (await survey.host.ask({ ask: "status", path: own })).kind !== "known") return null;
  const status = await survey.host.ask({ ask: "status", path: socket });
  if (status.kind === "unknown") return null;
  const target = valueOf(status)?.type === "link" ? valueOf(await survey.host.ask({ ask: "link", path: socket })) : undefined;
  return target === own ? null : { socket, there: status.kind === "known", own, unit };
}

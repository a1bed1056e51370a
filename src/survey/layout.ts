/** Which of dev and prod a host is, and what follows from it. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Profile } from "../report.ts";
import type { Survey } from "./survey.ts";

export interface Layout {
  profile: Profile;
  /** Why, in one line; where signs disagree, which. */
  reason: string;
  /** containerd-dev.service or containerd.service: the one flintlockd uses. */
  containerdUnit: string;
  flintlockdUnit: string;
  /** flintlockd's `containerd-socket`, absolute. */
  socket: string;
}

/** `absent`: this is no flintlock host (neither unit nor configuration); `why` says what was looked for. */
export async function layout(survey: Survey): Promise<Answer<Layout>> {
  void survey;
  return unknown("TODO");
}

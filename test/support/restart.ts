/** What a restart does to a host where it does no harm, and both daemons run. */

import type { RestartFacts } from "../../src/remediation.ts";
import { untold } from "../../src/survey/restart.ts";

export const harmless: RestartFacts = {
  ...untold,
  flintlockdEndsMicrovms: null,
  containerdEndsMicrovms: null,
  socket: "/run/containerd-dev/containerd.sock",
};

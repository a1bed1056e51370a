/** What a restart does to a host where it does no harm, and both daemons run. */

import type { RestartFacts } from "../../src/remediation.ts";

export const harmless: RestartFacts = {
  flintlockdEndsMicrovms: null,
  flintlockdDoublesMicrovms: null,
  containerdEndsMicrovms: null,
  containerdDoublesMicrovms: null,
  endpoints: [],
  flintlockdActive: true,
  containerdActive: true,
  flintlockdStoppedByUs: false,
  containerdStoppedByPerson: false,
  givenUp: [],
  containerdTakesFlintlockd: false,
  flintlockdSettled: true,
  ctr: "ctr",
  socket: "/run/containerd-dev/containerd.sock",
};

/** Why containerd's devmapper snapshotter did not load, in its own words (`ctr plugins ls --detailed`). */

import { pluginErrors } from "../facts/plugins.ts";
import { absent, known, unknown, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

/** `absent`: it has no error. */
export async function pluginError(survey: Survey): Promise<Answer<string>> {
  const layout = await survey.layout();
  if (layout.kind !== "known") return unknown(layout.why);
  const { socket } = layout.value;
  const there = await survey.host.ask({ ask: "status", path: socket });
  if (there.kind === "absent") return unknown(`containerd does not answer: its socket ${socket} is not there`);
  const listed = await survey.host.ask({
    ask: "command",
    argv: ["ctr", "--address", socket, "--connect-timeout", "5s", "plugins", "ls", "--detailed"],
    timeoutMs: 15_000,
  });
  if (listed.kind !== "known") return unknown(listed.why);
  if (listed.value.status !== 0) return unknown(`containerd does not answer on ${socket}`);
  const message = pluginErrors(listed.value.stdout).get("io.containerd.snapshotter.v1.devmapper");
  return message === undefined ? absent("the devmapper snapshotter has no error") : known(message, listed.at);
}

/** What flintlockd says when its API or controller cannot start; after that it waits for a signal (internal/command/run/run.go). */

import { parseLogLine, sayingOf } from "./logrus.ts";

export interface StallWords {
  kind: "containerd" | "port" | "name" | "address" | "endpoint" | "tls" | "other";
  text: string;
}

/** The first that is a cause: `http: Server closed` is the echo of another. */
export function stallWords(lines: readonly string[]): StallWords | null {
  for (const line of lines) {
    const text = sayingOf(parseLogLine(line));
    if (!/^failed (?:serving api|serving http api|running controllers): /.test(text) || text.endsWith("http: Server closed")) continue;
    return { kind: kindOf(text), text };
  }
  return null;
}

function kindOf(text: string): StallWords["kind"] {
  if (/creating containerd client|failed to dial/.test(text)) return "containerd";
  if (text.includes("address already in use")) return "port";
  if (text.includes(": lookup ")) return "name";
  if (text.includes("cannot assign requested address")) return "address";
  if (/missing port in address|too many colons|unknown port|invalid port/.test(text)) return "endpoint";
  return text.includes("validating tls config") ? "tls" : "other";
}

/**
 * Time between two looks. It is asked of the host as a command like everything else, so a captured host answers at once and
 * a test needs no clock.
 */

import type { Inspector } from "../host/inspector.ts";

export async function pause(host: Inspector, ms: number): Promise<void> {
  await host.ask({ ask: "command", argv: ["sleep", (ms / 1000).toFixed(1)], timeoutMs: ms + 10_000 });
}

/** `fix status`: how automation stands, and its last runs. */

import { accessSync, constants, existsSync } from "node:fs";
import { catalogue } from "../catalogue.generated.ts";
import { FixError } from "../errors.ts";
import { momentOf } from "../heal/moment.ts";
import { standingOf } from "../heal/standing.ts";
import { LinuxHost } from "../host/linux.ts";
import type { StatusOptions } from "./heal-arguments.ts";
import { policyInForce } from "./policy-of.ts";
import { print } from "./print.ts";

export async function status(options: StatusOptions): Promise<number> {
  const { policy } = policyInForce(
    { config: options.config },
    catalogue.map(({ id }) => id),
  );
  readable(policy.stateDir, "status");
  const now = momentOf(LinuxHost.clock());
  const standing = standingOf(policy.stateDir, now, policy);
  const { statusJson, statusText } = await import("../views/status.ts");
  print(options.json ? statusJson(standing, policy) : statusText(standing, policy, now));
  return 0;
}

/** Absent is no state yet; what only root may read is not taken for absent. */
export function readable(stateDir: string, word: string): void {
  try {
    if (existsSync(stateDir)) accessSync(stateDir, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new FixError("NOT_ROOT", `${stateDir} may be read by root alone`, `run it as root: sudo fix ${word}`, 6, { cause: error });
  }
}

/** `--format prometheus`: what the metrics file would hold now. */

import { momentOf } from "../heal/moment.ts";
import { standingOf } from "../heal/standing.ts";
import { LinuxHost } from "../host/linux.ts";
import { defaultPolicy } from "../policy.ts";
import type { Report } from "../report.ts";
import { version } from "../version.ts";
import { prometheus } from "../views/prometheus.ts";
import type { FixOptions } from "./arguments.ts";
import type { Aside } from "./fix.ts";

/** The state of this host says nothing about a captured one. */
export function metrics(report: Report, { from }: FixOptions, { pool, policy }: Aside): string {
  const brakes = policy ?? defaultPolicy;
  const standing = from === null && policy !== null ? standingOf(policy.stateDir, momentOf(LinuxHost.clock()), policy) : null;
  return prometheus({ report, pool, standing, brakes, version });
}

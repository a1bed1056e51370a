/** The metrics as a file of node_exporter's textfile collector: written beside and renamed, so that half a file is never read. */

import { renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { PoolUse } from "../detector.ts";
import { reasonOf } from "../errors.ts";
import { LinuxHost } from "../host/linux.ts";
import type { Policy } from "../policy.ts";
import type { Report } from "../report.ts";
import { version } from "../version.ts";
import { prometheus } from "../views/prometheus.ts";
import { momentOf } from "./moment.ts";
import { standingOf } from "./standing.ts";

export function writeMetrics(policy: Policy, report: Report, pool: PoolUse | null): void {
  const { metricsFile } = policy;
  if (metricsFile === null) return;
  const standing = standingOf(policy.stateDir, momentOf(LinuxHost.clock()), policy);
  // The collector reads *.prom: a name that ends otherwise is not read while it is written.
  const beside = join(dirname(metricsFile), `.${basename(metricsFile)}.${process.pid}.new`);
  try {
    writeFileSync(beside, prometheus({ report, pool, standing, brakes: policy, version }), { mode: 0o644 });
    renameSync(beside, metricsFile);
  } catch (error) {
    report.advice.push({ finding: null, message: `the metrics ${metricsFile} could not be written: ${reasonOf(error)}` });
  }
}

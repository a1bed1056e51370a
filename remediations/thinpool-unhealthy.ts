import { defineRemediation } from "../src/remediation.ts";
import type { Refusal } from "../src/report.ts";
import type { Step } from "../src/steps/action.ts";
import { finishDirectLvm } from "../src/steps/lvm.ts";
import { clearInactiveTable, growDevpool } from "../src/steps/pool.ts";
import { inspectPoolHealth, type UnhealthyPool } from "../src/survey/pool-health.ts";

const id = "thinpool-unhealthy";

export default defineRemediation<UnhealthyPool>({
  id,
  means:
    "The thin pool is there, but the kernel does not serve it as it should, or it is not what its files say: read-only, failed, to be checked, full, suspended, or with a second table left behind.",
  told: "dmsetup status, table and info of the pool (without a flush, so nothing is written), against the files, loop devices and file system that it lies on. An inactive table counts when it is seen twice, seconds apart.",
  cure: "A table that was left behind is cleared; a full pool on a sparse file grows as far as the file system really has room. Everything else is a person's: the refusal has the exact way, thin_check and thin_repair into a new file included. A suspended pool is never resumed: it may be somebody's operation.",
  harm: "Clearing touches a table that is not in force; growing adds blocks at the end. No restart, running MicroVMs go on.",
  signatures: [],
  breaks: ({ status, facts }) => (status === "unknown" || facts?.faults.some(({ breaks }) => breaks) === true ? ["pool"] : []),
  follows: ["thinpool-missing"],
  inspect: inspectPoolHealth,
  remedy: ({ facts }) => {
    const { pool, faults, growable, unfinished } = facts;
    const refusals: Refusal[] = faults.flatMap(({ reason }) => (reason ? [{ finding: id, ...reason }] : []));
    const steps: Step[] = [
      ...(faults.some(({ is }) => is === "inactive-table") ? [clearInactiveTable(pool, [id])] : []),
      ...(growable ? [growDevpool({ pool, data: growable, table: growable.table }, [id])] : []),
      ...(unfinished ? [finishDirectLvm(unfinished.volume, unfinished.writeProfile, [id])] : []),
    ];
    return { steps, refusals, advice: [] };
  },
});

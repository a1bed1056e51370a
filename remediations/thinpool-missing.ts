import { chooseDisk } from "../src/facts/disk-choice.ts";
import type { Reason } from "../src/facts/devpool.ts";
import { defineRemediation, type PlanContext, type Remedy } from "../src/remediation.ts";
import { activateDirectLvm, provisionDirectLvm } from "../src/steps/lvm.ts";
import { recreateDevpool } from "../src/steps/pool.ts";
import type { Step } from "../src/steps/action.ts";
import { bringUpContainerd } from "../src/steps/units.ts";
import type { MissingPool } from "../src/survey/missing-facts.ts";
import { inspectMissingPool } from "../src/survey/missing-pool.ts";

const id = "thinpool-missing";

export default defineRemediation<MissingPool>({
  id,
  means:
    "The device-mapper thin pool that containerd's devmapper snapshotter is told to use is not there. No volume of a MicroVM can be mounted or made. On a development host the pool lies on loop devices, which a reboot takes away; its files stay.",
  told: "pool_name in the config that containerd's unit names is no device-mapper device (sysfs, dmsetup). The files data and metadata, or LVM, say what is left of it; thin_check reads the metadata.",
  cure: "Development: data and metadata are attached to loop devices again, the metadata is checked, the pool gets the same table. New empty files only where both are gone, their file system is mounted and containerd remembers no snapshot. Production: the volume group's pool is activated; where there is no volume group, one is made on the disk that --disk names, with --allow destructive. Then containerd and flintlockd are restarted.",
  harm: "Attaching and activating touch no data. Making a volume group takes a whole disk: one that is empty, that was named, and that is looked at again in the moment of use. Running MicroVMs go on.",
  runbook: "Snapshotter not loaded",
  signatures: [{ name: "query-pool", unit: "containerd", pattern: /failed to query pool [^\n]{0,300}no such device or address/i }],
  breaks: () => ["pool"],
  inspect: inspectMissingPool,
  remedy: ({ facts }, context) => {
    switch (facts.way) {
      case "refused":
        return refused(facts.reason);
      case "devpool": {
        const { devpool, script } = facts;
        const name = devpool.pool.replace(/-thinpool$/, "");
        const byScript = script && { argv: [...script.argv, "devpool", "-t", name], sha256: script.sha256 };
        const advice = devpool.files === "existing" && devpool.overcommitted !== null ? [{ finding: id, message: devpool.overcommitted } as const] : [];
        return { steps: withRestarts(recreateDevpool(devpool, [id], byScript), context), refusals: [], advice };
      }
      case "activate":
        return { steps: withRestarts(activateDirectLvm(facts.volume, [id]), context), refusals: [], advice: [] };
      case "provision":
        return provision(facts, context);
    }
  },
});

function provision(
  { volume, from, disks, writeProfile, script, elsewhere, poolWhere }: Extract<MissingPool, { way: "provision" }>,
  context: PlanContext,
): Remedy {
  if (from !== "nothing")
    return { steps: withRestarts(provisionDirectLvm({ volume, from, disk: null, writeProfile, script: null }, [id]), context), refusals: [], advice: [] };
  const advice = elsewhere.map(
    (name) => ({ finding: id, message: `there is a thin pool ${name} on this host: if that is the one, set pool_name = "${name}" in ${poolWhere}` }) as const,
  );
  const choice = chooseDisk(disks, context.policy, volume.volumeGroup);
  if ("reason" in choice) return { ...refused(choice.reason), advice };
  return { steps: withRestarts(provisionDirectLvm({ volume, from, disk: choice.disk, writeProfile, script }, [id]), context), refusals: [], advice };
}

const withRestarts = (step: Step, context: PlanContext): Step[] => [step, ...bringUpContainerd(context, [id])];
const refused = (reason: Reason): Remedy => ({ steps: [], refusals: [{ finding: id, ...reason }], advice: [] });

/** A pool on LVM that is not there: what there is of its volume group, and which disks one could be made on. */

import { evidence } from "../evidence.ts";
import { chooseLvm, thinPools } from "../facts/direct-lvm.ts";
import { namesOf, profilePath } from "../facts/lvm.ts";
import { valueOf } from "../host/inspector.ts";
import { refusal, scriptFor, sure, Untold, type Found } from "./missing-facts.ts";
import { packaged } from "./programs.ts";
import { isReason } from "./provision-script.ts";
import type { Survey } from "./survey.ts";

export async function missingDirectLvm(survey: Survey, pool: string): Promise<Found> {
  const [answer, config, layout] = [await survey.lvm(), sure(await survey.containerd()), sure(await survey.layout())];
  if (answer.kind === "absent") return refusal(packaged("lvm"), "", []);
  const lvm = sure(answer);
  const names = namesOf(pool);
  const there = lvm.volumeGroups.some((row) => row["vg_name"] === names?.volumeGroup);
  const remembered = there ? null : valueOf(await survey.remembered());
  const choice = chooseLvm({
    pool,
    poolWhere: config.poolWhere,
    containerdUnit: layout.containerdUnit,
    lvm,
    remembered: there ? null : (remembered?.snapshots ?? null),
  });
  const groups = lvm.volumeGroups.map((row) => `${row["vg_name"] ?? ""} (${row["pv_count"] ?? "?"} PV, ${row["lv_count"] ?? "?"} LV, ${row["vg_size"] ?? ""})`);
  const seen = [
    evidence({ source: "command", ref: "vgs", at: answer.kind === "known" ? answer.at : null, excerpt: groups.join("\n") || "no volume group" }),
    ...(remembered?.evidence ?? []),
  ];
  if (choice.is === "refused") return refusal(choice.reason, there ? "; its volume group is there" : "", seen);
  if (choice.is === "activate")
    return { facts: { way: "activate", volume: choice.volume }, evidence: seen, because: `: volume group ${choice.volume.volumeGroup} is not active` };
  const profile = await survey.host.ask({ ask: "status", path: profilePath(choice.volume.volumeGroup) });
  if (profile.kind === "unknown") throw new Untold(profile.why);
  const script = await scriptFor(survey);
  if (script && isReason(script)) return refusal(script, "", seen);
  const disks = choice.from === "nothing" ? sure(await survey.disks()) : [];
  return {
    facts: {
      way: "provision",
      volume: choice.volume,
      from: choice.from,
      disks,
      writeProfile: profile.kind === "absent",
      script,
      elsewhere: thinPools(lvm.logicalVolumes),
      poolWhere: config.poolWhere,
    },
    evidence: seen,
    because:
      choice.from === "nothing"
        ? `: there is no volume group ${choice.volume.volumeGroup}`
        : `: a cut-off run of this tool left volume group ${choice.volume.volumeGroup} unfinished`,
  };
}

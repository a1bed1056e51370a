/** Conditions on loop devices, pools and disks. */

import { known, mapAnswer, unknown, type Answer, type Inspector } from "../../host/inspector.ts";
import { disksOf } from "../../survey/disks.ts";
import { liveState, presenceOf } from "../../survey/device-mapper.ts";
import type { Condition } from "../action.ts";

type StorageCondition = Extract<
  Condition,
  { is: "loop-backing" | "pool-absent" | "pool-active" | "pool-tableless" | "inactive-table" | "device-node" | "disk-blank" }
>;

export async function storageCondition(condition: StorageCondition, host: Inspector): Promise<Answer<boolean>> {
  switch (condition.is) {
    case "loop-backing": {
      const name = condition.loop.slice("/dev/".length);
      const backing = await host.ask({ ask: "file", path: `/sys/block/${name}/loop/backing_file` });
      return backing.kind === "absent" ? known(false) : mapAnswer(backing, ({ text }) => text.trimEnd() === condition.file);
    }
    case "pool-absent":
      return mapAnswer(await presenceOf(host, condition.pool), ({ there }) => !there);
    case "pool-active":
      return mapAnswer(await liveState(host, condition.pool), (state) => state?.target === "thin-pool" && !state.suspended);
    case "pool-tableless":
      return mapAnswer(await liveState(host, condition.pool), (state) => state?.target === "");
    case "inactive-table":
      return mapAnswer(await liveState(host, condition.pool), (state) => state?.inactive === true);
    case "device-node": {
      const node = await host.ask({ ask: "status", path: condition.path });
      return node.kind === "absent" ? known(false) : mapAnswer(node, () => true);
    }
    case "disk-blank":
      return diskBlank(condition, host);
  }
}

/** The very disk that the plan meant, and still nothing on it. */
async function diskBlank({ path, diskseq, bytes, serial }: Extract<Condition, { is: "disk-blank" }>, host: Inspector): Promise<Answer<boolean>> {
  const link = await host.ask({ ask: "link", path });
  // A link is followed; EINVAL: the path is the device itself.
  const name = (link.kind === "known" ? link.value : path).split("/").at(-1) ?? "";
  const found = await disksOf(host, name);
  if (found.kind !== "known") return found;
  const [disk] = found.value;
  if (!disk) return unknown(`${path} is no disk any more`);
  const same = disk.diskseq === diskseq && disk.bytes === bytes && disk.serial === serial;
  if (!same) return unknown(`${path} is another disk now (size, serial or diskseq changed)`);
  return disk.taken.length === 0 ? known(true, found.at) : unknown(`${path} is not empty: ${disk.taken.join("; ")}`);
}

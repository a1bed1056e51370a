/** containerd's configuration, as the unit's ExecStart names it. */

import type { Answer } from "../host/inspector.ts";
import { unknown } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface Containerd {
  configPath: string;
  /** Line of `pool_name`, from 1; null where it is not set. */
  poolLine: number | null;
  /** Device-mapper name; null where the devmapper snapshotter is not configured at all. */
  poolName: string | null;
  /** The snapshotter's `root_path`: metadata.db and, on a dev host, `data` and `metadata` are there. */
  rootPath: string | null;
  root: string;
  state: string;
  address: string;
}

export async function containerd(survey: Survey): Promise<Answer<Containerd>> {
  void survey;
  return unknown("TODO");
}

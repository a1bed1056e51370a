/**
 * The snapshots that containerd remembers of its pool, read from its own databases: while the plugin is in error no API
 * tells (containerd: plugins/snapshots/devmapper/{snapshotter,pool_device,metadata}.go, core/metadata/buckets.go).
 */

import { evidence } from "../evidence.ts";
import { known, unknown, type Answer, type BoltQuestion } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import type { Survey } from "./survey.ts";

export interface Remembered {
  /** The largest number that one of the databases has. */
  snapshots: number;
  /** Thin devices of the pool by containerd's own list. */
  devices: ThinDevice[];
  /** Each database that holds any, and a few of its names. */
  evidence: Evidence[];
}

export interface ThinDevice {
  name: string;
  /** device_info.go: 4 is Activated, 13 Faulty. */
  state: number;
  error: string;
}

export async function remembered(survey: Survey): Promise<Answer<Remembered>> {
  const config = await survey.containerd();
  if (config.kind !== "known") return unknown(config.why);
  const { rootPath, root, poolName } = config.value;
  if (rootPath === null || poolName === null) return unknown("containerd's configuration names no thin pool");
  const questions: BoltQuestion[] = [
    { ask: "bolt", path: `${rootPath}/metadata.db`, bucket: ["v1", "snapshots"] },
    { ask: "bolt", path: `${rootPath}/${poolName}.db`, bucket: ["devices"] },
    { ask: "bolt", path: `${root}/io.containerd.metadata.v1.bolt/meta.db`, bucket: ["v1", "*", "snapshots", "devmapper"] },
  ];
  const answers = await Promise.all(questions.map((question) => survey.host.ask(question)));
  const found: Remembered = { snapshots: 0, devices: [], evidence: [] };
  for (const [index, answer] of answers.entries()) {
    if (answer.kind === "unknown") return unknown(`what containerd remembers cannot be told: ${answer.why}`);
    if (answer.kind === "absent") continue;
    const { count, entries } = answer.value;
    found.snapshots = Math.max(found.snapshots, count);
    if (index === 1) found.devices = entries.map(({ key, value }) => deviceOf(key, value));
    const names = entries.slice(0, 3).map(({ key }) => key);
    if (count > 0)
      found.evidence.push(
        evidence({
          source: "file",
          ref: questions[index]?.path ?? "",
          at: null,
          excerpt: `${count} ${index === 1 ? "thin devices" : "snapshots"}: ${names.join(", ")}${count > names.length ? ", …" : ""}`,
        }),
      );
  }
  return known(found);
}

function deviceOf(key: string, value: string | null): ThinDevice {
  try {
    const stored: unknown = JSON.parse(value ?? "null");
    const { state, error } = typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
    return { name: key, state: typeof state === "number" ? state : -1, error: typeof error === "string" ? error : "" };
  } catch {
    return { name: key, state: -1, error: "" };
  }
}

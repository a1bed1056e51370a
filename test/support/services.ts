/** Recorded units of real hosts, in the order in which they are asked for, with changes. */

import { readFileSync } from "node:fs";
import { unitNames } from "../../src/survey/units.ts";

export const fixture = (name: string): string => readFileSync(new URL(`../fixtures/services/${name}`, import.meta.url), "utf8");

type Changes = Partial<Record<(typeof unitNames)[number], Record<string, string | null>>>;

/** What `systemctl show` said of the three units in that recording. */
export function shown(recording: string, changes: Changes = {}): string {
  const blocks = fixture(`${recording}.show`).trim().split("\n\n");
  return unitNames
    .map((name) => {
      const block = blocks.find((text) => text.split("\n").includes(`Id=${name}`)) ?? "";
      const changed = Object.entries(changes[name] ?? {});
      const kept = block.split("\n").filter((line) => !changed.some(([property]) => line.startsWith(`${property}=`)));
      return [...kept, ...changed.flatMap(([property, value]) => (value === null ? [] : [`${property}=${value}`]))].join("\n");
    })
    .join("\n\n");
}

export const unitFile =
  "[Unit]\nDescription=flintlock microvm service\nRequires=containerd-dev.service\n\n[Service]\nExecStartPre=which firecracker\nExecStartPre=which flintlockd\nExecStart=/usr/local/bin/flintlockd run\nRestart=always\nRestartSec=5\nUser=root\nKillMode=process\n";

/** The files of a provisioned dev host, as far as its services go. */
export const devFiles: Record<string, string> = {
  "/etc/opt/flintlockd/config.yaml": fixture("config.yaml"),
  "/etc/systemd/system/flintlockd.service": unitFile,
  "/usr/local/bin/firecracker": "x",
  "/usr/local/bin/flintlockd": "x",
  "/run/containerd-dev/containerd.sock": "",
  "/proc/net/tcp": fixture("proc-net-tcp"),
};

export const pluginList =
  "TYPE                            ID         PLATFORMS      STATUS    \nio.containerd.snapshotter.v1    devmapper  linux/amd64    ok        \n";

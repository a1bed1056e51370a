/** Why containerd's devmapper snapshotter is not loaded (containerd: plugins/snapshots/devmapper/pool_device.go, config.go). Pure. */

import type { Reason } from "./devpool.ts";
import type { ThinDevice } from "../survey/remembered.ts";

export interface PluginLook {
  /** The plugin's own error; empty where it could not be had. */
  message: string;
  poolName: string;
  /** Of the pool's data blocks none is in use. */
  poolEmpty: boolean;
  remembered: number | null;
  rootPath: string;
  root: string;
  units: { containerd: string; flintlockd: string };
}

/** Null: it was loaded before the pool was there, so a restart loads it. */
export function whyNotLoaded(look: PluginLook): Reason | null {
  const { message, poolName } = look;
  const tool =
    /(?:exec: |executable file not found|failed to find )\W{0,3}(dmsetup|blkdiscard)|(dmsetup|blkdiscard)\W{0,3}(?:: executable file not found| not found|: not available)/i.exec(
      message,
    );
  const program = tool?.[1] ?? tool?.[2];
  if (program !== undefined) {
    const name = program === "dmsetup" ? "dmsetup (Debian, Ubuntu) or device-mapper (Fedora, RHEL)" : "util-linux";
    return {
      code: "TOOL_MISSING",
      message: `containerd's snapshotter needs ${program}, which it does not find`,
      hint: `install package ${name}, then: systemctl restart ${look.units.containerd}`,
    };
  }
  if (look.poolEmpty && (look.remembered ?? 0) > 0) return emptied(look);
  if (/failed to activate[^\n]*(?:no data available|ENODATA)/i.test(message))
    return {
      code: "VOLUMES_NOT_IN_POOL",
      message: `pool ${poolName} does not hold every volume that containerd remembers: ${message.slice(0, 300)}`,
      hint: `the pool's files are not the ones that belong to ${look.rootPath}/metadata.db: restore both from the same backup. ${startAnew(look)}`,
    };
  if (
    /(?:pool_name|root_path|base_image_size) is required|failed to parse base image size|unsupported Filesystem|filesystem type cannot be empty/i.test(message)
  )
    return {
      code: "PLUGIN_MISCONFIGURED",
      message: `the snapshotter's configuration is not valid: ${message.slice(0, 300)}`,
      hint: `correct it, then: systemctl restart ${look.units.containerd}`,
    };
  return null;
}

/** The pool was made anew with empty files while containerd remembers the old snapshots. */
function emptied(look: PluginLook): Reason {
  return {
    code: "POOL_IS_EMPTY",
    message: `pool ${look.poolName} is empty, and containerd remembers ${look.remembered ?? 0} snapshot${look.remembered === 1 ? "" : "s"} in it: its files were made anew (provision.sh devpool does that), and the old ones are gone`,
    hint: `restore the pool's old data and metadata from a backup. ${startAnew(look)}`,
  };
}

function startAnew({ root, rootPath, units }: PluginLook): string {
  return `To give up every MicroVM of this host and keep the empty pool: systemctl stop ${units.flintlockd} ${units.containerd} && mv ${root} ${root}.old && mkdir -p ${rootPath} && mv ${root}.old${rootPath.slice(root.length)}/data ${root}.old${rootPath.slice(root.length)}/metadata ${rootPath}/ && fix --apply`;
}

/** device_info.go, DeviceState: Faulty is the last of them. */
const faultyState = 13;

export function faultyDevices(devices: readonly ThinDevice[]): string[] {
  return devices.filter(({ state }) => state === faultyState).map(({ name }) => name);
}

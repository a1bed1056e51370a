/** Why containerd's devmapper snapshotter is not loaded (containerd: plugins/snapshots/devmapper/pool_device.go, config.go). Pure. */

import type { ContainerdConfig } from "./containerd-config.ts";
import type { Reason } from "./devpool.ts";
import { lostVolumes, type LostVolumes } from "./lost-volumes.ts";
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
  /** Needed where volumes are missing. */
  beneath: LostVolumes["beneath"];
  containerdUnit: string;
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
      hint: `install package ${name}, then: systemctl restart ${look.containerdUnit}`,
    };
  }
  const lost = lossOf(look);
  if (lost) return lostVolumes({ ...look, ...lost, pool: poolName });
  if (
    /(?:pool_name|root_path|base_image_size) is required|failed to parse base image size|unsupported Filesystem|filesystem type cannot be empty/i.test(message)
  )
    return {
      code: "PLUGIN_MISCONFIGURED",
      message: `the snapshotter's configuration is not valid: ${message.slice(0, 300)}`,
      hint: `correct it, then: systemctl restart ${look.containerdUnit}`,
    };
  return null;
}

export function notConfigured({ configPath, replaced }: { configPath: string; replaced: ContainerdConfig["replaced"] }, unit: string): Reason {
  const section = `[plugins."io.containerd.snapshotter.v1.devmapper"]`;
  const keys = "pool_name, root_path and base_image_size";
  if (replaced)
    return {
      code: "POOL_NOT_CONFIGURED",
      message: `${replaced.by} replaces the whole section of the devmapper snapshotter that ${replaced.path} has, and names no pool`,
      hint: `copy ${keys} of ${section} from ${replaced.path} to ${replaced.by} (containerd config dump shows what is in force), then: systemctl restart ${unit}`,
    };
  return {
    code: "POOL_NOT_CONFIGURED",
    message: `${configPath} does not configure the devmapper snapshotter, which flintlock keeps the volumes of its MicroVMs in`,
    hint: `add ${section} with ${keys} to ${configPath}, then: systemctl restart ${unit}`,
  };
}

/** Null: containerd does not miss any of its volumes, as far as can be seen. */
function lossOf({ message, poolName, poolEmpty, remembered }: PluginLook): Pick<LostVolumes, "code" | "lost"> | null {
  const count = remembered ?? 0;
  if (poolEmpty && count > 0)
    return { code: "POOL_IS_EMPTY", lost: `pool ${poolName} is empty, and containerd remembers ${count} snapshot${count === 1 ? "" : "s"} in it` };
  if (/failed to activate[^\n]*(?:no data available|ENODATA)/i.test(message))
    return { code: "VOLUMES_NOT_IN_POOL", lost: `pool ${poolName} does not hold every volume that containerd remembers (${message.slice(0, 300)})` };
  return null;
}

/** device_info.go, DeviceState: Faulty is the last of them. */
const faultyState = 13;

export function faultyDevices(devices: readonly ThinDevice[]): string[] {
  return devices.filter(({ state }) => state === faultyState).map(({ name }) => name);
}

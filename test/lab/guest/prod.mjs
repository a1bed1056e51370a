// A host as `provision.sh all` leaves it: containerd.service, its own folders, the pool on LVM.

import { readFileSync, writeFileSync } from "node:fs";
import { config, flintlockd } from "./host.mjs";
import { must, sh, until } from "./sh.mjs";

export const prodPool = "flintlock-thinpool";

/** Takes the dev profile away and puts prod in its place; flintlockd and containerd are left stopped. */
export async function becomeProd() {
  await must("systemctl", "stop", flintlockd, "containerd-dev.service");
  for (const name of ["firecracker", "cloud-hypervisor-static"]) await sh(["pkill", "-KILL", "-x", name.slice(0, 15)]);
  await must("systemctl", "disable", "--quiet", "containerd-dev.service", "lab-pool.service");
  await must("rm", "-f", "/etc/systemd/system/containerd-dev.service");
  await must("rm", "-rf", "/var/lib/flintlock/vm");
  await must("mkdir", "-p", "/var/lib/flintlock/vm", "/var/lib/containerd/snapshotter/devmapper");
  await sh(["dmsetup", "remove_all", "--force"]);
  await sh(["losetup", "--detach-all"]);
  const toml = readFileSync("/etc/containerd/config-dev.toml", "utf8");
  writeFileSync("/etc/containerd/config.toml", toml.replaceAll("containerd-dev", "containerd").replace("flintlock-dev-thinpool", prodPool));
  writeFileSync(config, readFileSync(config, "utf8").replaceAll("containerd-dev", "containerd"));
  const unit = readFileSync("/etc/systemd/system/flintlockd.service", "utf8");
  writeFileSync("/etc/systemd/system/flintlockd.service", unit.replace("containerd-dev.service", "containerd.service"));
  await must("systemctl", "daemon-reload");
  await must("systemctl", "enable", "--quiet", "containerd.service");
}

/** The volume group and its pool, as provision.sh direct_lvm makes them. */
export async function makeVolumeGroup(disk) {
  await must("pvcreate", "--quiet", disk);
  await must("vgcreate", "--quiet", "flintlock", disk);
  await must("lvcreate", "--quiet", "--wipesignatures", "y", "-n", "thinpool", "flintlock", "-l", "90%VG");
  await must("lvcreate", "--quiet", "--wipesignatures", "y", "-n", "thinpoolmeta", "flintlock", "-l", "2%VG");
  await must("lvconvert", "--quiet", "-y", "--zero", "n", "-c", "512K", "--thinpool", "flintlock/thinpool", "--poolmetadata", "flintlock/thinpoolmeta");
}

export async function startProd() {
  await must("systemctl", "restart", "containerd.service");
  await must("systemctl", "restart", flintlockd);
  await until(
    "containerd answers",
    async () => (await sh(["ctr", "--connect-timeout", "3s", "-a", "/run/containerd/containerd.sock", "plugins", "ls"])).status === 0,
  );
}

export async function prodPluginStatus() {
  const { stdout } = await sh(["ctr", "--connect-timeout", "3s", "-a", "/run/containerd/containerd.sock", "plugins", "ls"]);
  return /io\.containerd\.snapshotter\.v1\s+devmapper\s+\S+\s+(\S+)/.exec(stdout)?.[1] ?? "no answer";
}

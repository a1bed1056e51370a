// The processes: Firecracker and Cloud Hypervisor with the argv, files and pid file that flintlock gives them, and its trust in any living PID.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { log } from "./log.mjs";

const names = { firecracker: "firecracker", cloudhypervisor: "cloudhypervisor" };

export const capabilities = { firecracker: { macvtap: false, metadata: true }, cloudhypervisor: { macvtap: true, metadata: false } };

export class Hypervisor {
  constructor(microvm, settings) {
    this.microvm = microvm;
    this.settings = settings;
    this.name = names[microvm.spec.provider];
    this.folder = `${settings["state-dir"]}/vm/${microvm.id}`;
    this.pidFile = `${this.folder}/${this.name}.pid`;
  }

  path(kind) {
    return `${this.folder}/${this.name}.${kind}`;
  }

  pid() {
    const text = readFileSync(this.pidFile, "utf8");
    const pid = Number(text.trim());
    if (!Number.isInteger(pid) || pid <= 0) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    return pid;
  }

  running() {
    log("info", "checking state of microvm", { controller: "microvm", service: `${this.name}_microvm`, vmid: this.microvm.id });
    if (!existsSync(this.pidFile)) return false;
    let pid;
    try {
      pid = this.pid();
    } catch (error) {
      throw new Error(`getting pid from file: ${error.message}`, { cause: error });
    }
    return alive(pid);
  }

  async start() {
    mkdirSync(this.folder, { recursive: true, mode: 0o755 });
    const [program, args] = this.name === "firecracker" ? this.firecracker() : this.cloudHypervisor();
    const [out, err] = ["stdout", "stderr"].map((kind) => openSync(this.path(kind), "a", 0o644));
    const tap = this.macvtap();
    const child = spawn(program, args(tap === null ? null : 3), {
      detached: this.settings[`${this.name}-detach`] !== "false",
      stdio: ["ignore", out, err, ...(tap === null ? [] : [tap])],
    });
    for (const file of [out, err, tap]) if (file !== null) closeSync(file);
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", () =>
        reject(new Error(`starting ${this.name} process: starting ${this.name} process: exec: "${program}": executable file not found in $PATH`)),
      );
    });
    child.unref();
    writeFileSync(this.pidFile, String(child.pid), { mode: 0o644 });
    await pause(50);
  }

  firecracker() {
    for (const kind of ["log", "metrics"]) writeFileSync(this.path(kind), "", { flag: "a", mode: 0o644 });
    const { status, spec, id } = this.microvm;
    const drives = [{ drive_id: "root", path_on_host: status.volumes.root.mount.source, is_root_device: true, is_read_only: false }];
    const interfaces = spec.network_interfaces.map(({ guest_device_name: guest }) => ({
      iface_id: guest,
      host_dev_name: status.network_interfaces[guest].host_device_name,
    }));
    writeFileSync(
      this.path("cfg"),
      JSON.stringify({ "boot-source": { kernel_image_path: `${status.kernel_mount.source}/boot/vmlinux` }, drives, "network-interfaces": interfaces }, null, 1),
    );
    writeFileSync(`${this.folder}/metadata.json`, JSON.stringify({ latest: {} }, null, 1));
    const args = ["--id", id.split("/")[2], "--boot-timer", "--no-api", "--config-file", this.path("cfg"), "--metadata", `${this.folder}/metadata.json`];
    return [this.settings["firecracker-bin"], () => args];
  }

  cloudHypervisor() {
    writeFileSync(this.path("log"), "", { flag: "a", mode: 0o644 });
    rmSync(this.path("sock"), { force: true });
    writeFileSync(`${this.folder}/cloud-init.img`, Buffer.alloc(8000));
    const { status, spec } = this.microvm;
    const nets = (fd) =>
      spec.network_interfaces.flatMap(({ guest_device_name: guest, guest_mac: mac = "", type }) => [
        "--net",
        type === "macvtap" ? `fd=${fd},mac=${mac}` : `tap=${status.network_interfaces[guest].host_device_name},mac=${mac}`,
      ]);
    const args = (fd) => [
      ...["--api-socket", this.path("sock"), "--log-file", this.path("log"), "-v", "--cmdline", "console=hvc0 root=/dev/vda rw reboot=k panic=1"],
      ...["--kernel", `${status.kernel_mount.source}/boot/vmlinux`, "--cpus", `boot=${spec.vcpu}`],
      ...["--disk", `path=${status.volumes.root.mount.source}`, `path=${this.folder}/cloud-init.img,readonly=on`, "--memory", `size=${spec.memory_inmb}M`],
      ...nets(fd),
    ];
    return [this.settings["cloudhypervisor-bin"], args];
  }

  /** The macvtap's character device, held open by the hypervisor. */
  macvtap() {
    const { spec, status } = this.microvm;
    const own = spec.network_interfaces.find(({ type }) => type === "macvtap");
    const device = own && `/dev/tap${status.network_interfaces[own.guest_device_name].index}`;
    return device && existsSync(device) ? openSync(device, "r+") : null;
  }

  /** Firecracker's provider signals whatever PID the file names. */
  async stop() {
    const pid = this.pid();
    log("info", `sending SIGHUP to ${pid}`, { controller: "microvm", service: `${this.name}_microvm`, vmid: this.microvm.id });
    process.kill(pid, "SIGHUP");
    for (const deadline = Date.now() + 10_000; alive(pid); await pause(100))
      if (Date.now() > deadline) throw new Error(`failed to wait for pid ${pid}: context deadline exceeded`);
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

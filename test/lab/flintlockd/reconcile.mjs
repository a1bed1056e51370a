// One MicroVM brought to what its record wants, and what follows a failure: core/application/reconcile.go and core/plans of flintlock.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { capabilities, Hypervisor } from "./hypervisors.mjs";
import { log } from "./log.mjs";
import * as network from "./network.mjs";

/** Seconds of pause per retry, times the lab's own factor in /etc/lab/pauses. */
const pauseSeconds = 20 * factor();

function factor() {
  try {
    return Number(readFileSync("/etc/lab/pauses", "utf8")) || 1;
  } catch {
    return 1;
  }
}

const controller = { controller: "microvm" };

export class Reconciler {
  constructor(store, settings, enqueue) {
    Object.assign(this, { store, settings, enqueue });
  }

  /** Throws an Error in flintlock's words where the MicroVM could not be brought up. */
  async reconcile(id) {
    const fields = { action: "reconcile", ...controller, vmid: id };
    const microvm = await this.store.get(id).catch((error) => {
      throw new Error(`getting microvm spec for reconcile: getting vm spec from store: finding content in store: ${error.message}`);
    });
    if (microvm === null) throw new Error(`getting microvm spec for reconcile: spec ${id} not found`);
    log("info", "Starting reconciliation", fields);
    log("info", "Generate plan", { ...fields, stage: "plan" });
    const { status } = microvm;
    if (status.retry > Number(this.settings["maximum-retry"])) {
      log("error", `microvm reconciliation for ${id} failed ${status.retry} times`, { action: "reconcile", ...controller });
      status.state = "failed";
      return this.store.save(microvm);
    }
    if (status.not_before > 0 && Date.now() < status.not_before * 1000) return undefined;
    const deleting = microvm.spec.deleted_at !== 0;
    const plan = { ...controller, execution_id: `01${Date.now()}`, plan_name: deleting ? "microvm_delete" : "microvm_create_update" };
    log("info", "started executing plan", plan);
    const begun = Date.now();
    const taken = () => ({ ...plan, execution_time: `${Date.now() - begun}ms`, num_steps: steps.count });
    const steps = { count: 0 };
    try {
      await (deleting ? this.tearDown(microvm, steps) : this.bringUp(microvm, steps));
    } catch (error) {
      log("error", "failed executing plan", taken());
      await this.reschedule(microvm, fields);
      throw new Error(`executing plan: executing plan steps: ${error.message}`, { cause: error });
    }
    log("info", "finished executing plan", taken());
    if (deleting || steps.count === 0) return undefined;
    Object.assign(status, { retry: 0, not_before: 0, state: "created" });
    return this.store.save(microvm);
  }

  async reschedule(microvm, fields) {
    const { status } = microvm;
    status.retry += 1;
    const seconds = Math.max(1, Math.round(status.retry * pauseSeconds));
    status.not_before = Math.floor(Date.now() / 1000) + seconds;
    const at = new Date(status.not_before * 1000).toISOString().replace("T", " ").replace(".000Z", " +0000 UTC");
    log("info", `[${status.retry}/${this.settings["maximum-retry"]}] reconciliation failed, rescheduled for next attempt at ${at}`, fields);
    await this.store.save(microvm).catch((error) => {
      throw new Error(`rescheduling failed: saving spec failed: ${error.message}`);
    });
    setTimeout(() => this.enqueue(microvm.id), seconds * 1000).unref();
  }

  async bringUp(microvm, steps) {
    const { spec, status } = microvm;
    status.volumes ??= {};
    status.network_interfaces ??= {};
    status.state = "pending";
    const failingPlan = (where) => (error) => {
      throw new Error(`creating plan for microvm_create_update: ${where}: ${error.message}`);
    };
    const lease = `flintlock/${microvm.id}`;
    const image = spec.root_volume.source.container.image;
    const root = `flintlock/${microvm.id}/${spec.root_volume.id}`;
    const volume = (status.volumes[spec.root_volume.id] ??= { mount: { type: "", source: "" } });
    const where = `adding image steps: adding root volume mount step: checking if step runtime_volume_mount should be included in plan: checking if image ${image} is mounted: checking for existence of snapshot ${root}`;
    const known = volume.mount.source !== "" && (await this.store.hasSnapshot("devmapper", root).catch(failingPlan(where)));
    if (!known) {
      steps.count += 1;
      const source = await this.store.snapshot("devmapper", root, lease).catch((error) => {
        const reason = error.message.replace(/^walking snapshots: /, "");
        throw new Error(
          `executing steps: executing step runtime_volume_mount: mount images ${image} for volume use: checking if image ${image} has been unpacked with snapshotter devmapper: ${reason}`,
        );
      });
      volume.mount = { type: "dev", source };
    }
    if (!status.kernel_mount?.source) {
      steps.count += 1;
      status.kernel_mount = { type: "hostpath", source: await this.store.snapshot("native", `flintlock/${microvm.id}/kernel`, lease) };
    }
    for (const iface of spec.network_interfaces) this.connect(iface, status.network_interfaces, steps);
    const hypervisor = new Hypervisor(microvm, this.settings);
    // One that ends at once is started a few times, then taken for running (it is a zombie for a moment).
    for (let tries = 0; tries < 3; tries++) {
      let running;
      try {
        running = hypervisor.running();
      } catch (error) {
        throw new Error(
          `creating plan for microvm_create_update: adding microvm create step: checking if step microvm_create should be included in plan: checking if microvm is running: ${error.message}`,
          { cause: error },
        );
      }
      if (running) return;
      steps.count += 1;
      await hypervisor.start().catch((error) => {
        throw new Error(`executing steps: executing step microvm_create: creating microvm: ${error.message}`);
      });
    }
  }

  connect(iface, statuses, steps) {
    const old = statuses[iface.guest_device_name]?.host_device_name;
    if (old && network.exists(old)) return;
    steps.count += 1;
    const link = old || network.newName(iface.type);
    statuses[iface.guest_device_name] ??= { host_device_name: link, index: 0, mac_address: "" };
    try {
      network.create(link, iface, { parent: this.settings["parent-iface"], bridge: this.settings["bridge-name"] });
    } catch (error) {
      throw new Error(`executing steps: executing step network_iface_create: creating network interface: ${error.message}`, { cause: error });
    }
    statuses[iface.guest_device_name] = network.details(link);
  }

  async tearDown(microvm, steps) {
    const hypervisor = new Hypervisor(microvm, this.settings);
    if (hypervisor.running()) {
      steps.count += 1;
      await hypervisor.stop().catch((error) => {
        throw new Error(`executing steps: executing step microvm_delete: deleting microvm: ${error.message}`);
      });
    }
    await this.store.forget(microvm.id);
    for (const { host_device_name: link } of Object.values(microvm.status.network_interfaces ?? {})) network.remove(link);
    rmSync(hypervisor.folder, { recursive: true, force: true });
  }
}

/** A CreateMicroVM request as a record, or an Error in flintlock's words where the provider cannot do it. */
export function recordOf(request, settings) {
  const wanted = request.microvm ?? request;
  const provider = wanted.provider || settings["default-provider"];
  const interfaces = (wanted.interfaces ?? []).map((iface) => ({
    guest_device_name: iface.device_id ?? iface.deviceId,
    type: [1, "TAP"].includes(iface.type) ? "tap" : "macvtap",
    ...((iface.overrides?.bridge_name ?? iface.overrides?.bridgeName) && { branch_name: iface.overrides.bridge_name ?? iface.overrides.bridgeName }),
  }));
  if (!capabilities[provider]) throw new Error(`microvm provider ${provider} isn't available`);
  if (!capabilities[provider].macvtap && interfaces.some(({ type }) => type === "macvtap"))
    throw new Error("macvtap network interfaces not supported by the microvm provider");
  const eth0 = {
    guest_device_name: "eth0",
    allow_mmds: true,
    guest_mac: "AA:FF:00:00:00:01",
    type: "tap",
    staticAddrss: { address: "169.254.0.1/16", nameservers: null },
  };
  const needsEth0 = capabilities[provider].metadata && !interfaces.some(({ guest_device_name: name }) => name === "eth0");
  mkdirSync(settings["state-dir"], { recursive: true });
  return {
    id: `${wanted.namespace}/${wanted.id}/${uid()}`,
    version: 0,
    spec: {
      provider,
      kernel: { image: wanted.kernel?.image, Filename: wanted.kernel?.filename, add_network_config: true },
      vcpu: wanted.vcpu,
      memory_inmb: wanted.memory_in_mb,
      network_interfaces: [...(needsEth0 ? [eth0] : []), ...interfaces],
      root_volume: { id: wanted.root_volume.id, source: { container: { image: wanted.root_volume.source.container_source } } },
      additional_volumes: null,
      metadata: wanted.metadata ?? {},
      allow_guest_agent: false,
      created_at: Math.floor(Date.now() / 1000),
      updated_at: 0,
      deleted_at: 0,
    },
    status: { state: "pending", volumes: null, kernel_mount: null, initrd_mount: null, network_interfaces: null, retry: 0, not_before: 0, vsock_path: "" },
  };
}

/** A ULID: 10 characters of time, 16 of chance. */
function uid() {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let time = Date.now();
  let head = "";
  for (let i = 0; i < 10; i++, time = Math.floor(time / 32)) head = alphabet[time % 32] + head;
  return head + Array.from({ length: 16 }, () => alphabet[Math.floor(Math.random() * 32)]).join("");
}

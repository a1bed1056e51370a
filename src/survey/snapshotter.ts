/** Whether containerd's devmapper snapshotter is loaded, and where it is not, whether a restart of containerd would load it. */

import { evidence, refOf } from "../evidence.ts";
import type { Reason } from "../facts/devpool.ts";
import type { PoolStatus } from "../facts/device-mapper.ts";
import { isDevmapper } from "../facts/plugins.ts";
import type { Beneath } from "../facts/lost-volumes.ts";
import { faultyDevices, notConfigured, whyNotLoaded } from "../facts/snapshotter.ts";
import { valueOf, type Answer } from "../host/inspector.ts";
import { healthy, problem, unknownBecause, type Diagnosis } from "../remediation.ts";
import type { Evidence } from "../report.ts";
import { ground } from "./ground.ts";
import { otherSocket } from "./other-socket.ts";
import { missingMount, superblockOf } from "./pool-files.ts";
import { lineOf, pluginsCommand, type Plugin } from "./plugins.ts";
import { shown } from "./stall-words.ts";
import { logEvidence, logFinding, waitingMicrovms } from "./storage-evidence.ts";
import type { Survey } from "./survey.ts";

export interface NotLoaded {
  /** Null: a restart of containerd loads it. */
  reason: Reason | null;
}

const id = "snapshotter-not-loaded";

/** Code of the reason that it is another daemon's socket. */
export const anothersCode = "CONTAINERD_SOCKET";

export async function inspectSnapshotter(survey: Survey): Promise<Diagnosis<NotLoaded>> {
  const [layout, units, config, pool] = await Promise.all([survey.layout(), survey.units(), survey.containerd(), survey.pool()]);
  if (layout.kind !== "known") return unknownBecause(layout.why);
  const { containerdUnit, socket } = layout.value;
  const unit = valueOf(units)?.[containerdUnit === "containerd-dev.service" ? "containerdDev" : "containerd"];
  // Without containerd there is no plugin to be in error; that it does not run is another finding.
  if (unit && unit.activeState !== "active" && unit.activeState !== "reloading")
    return healthy(`${containerdUnit} does not run (${unit.activeState}), so none of its plugins is in error: see service-down`);
  const [plugins, journal] = await Promise.all([survey.plugins(), survey.journal()]);
  const fresh = logFinding(journal, id);
  const logged = logEvidence(journal, id);
  if (plugins.kind !== "known") {
    if (!fresh || valueOf(pool)?.exists !== true) return unknownBecause(`whether the devmapper snapshotter is loaded cannot be told: ${plugins.why}`, logged);
    return problem(
      `flintlockd says that the devmapper snapshotter is not loaded, and containerd itself does not answer`,
      logged,
      { reason: await anothers(survey) },
      { microvms: fresh.microvms },
    );
  }
  const seen = [listed(plugins, socket), ...logged];
  const plugin = plugins.value.find(isDevmapper);
  if (plugin?.status === "ok") return usable(survey, seen);
  const another = await anothers(survey);
  if (another !== null)
    return problem(
      `the containerd that flintlockd is told to use has no devmapper snapshotter loaded`,
      seen,
      { reason: another },
      { microvms: fresh?.microvms ?? [] },
    );
  const configured = valueOf(config);
  if (configured?.poolName === null)
    return problem("containerd's devmapper snapshotter is not configured", seen, { reason: notConfigured(configured, containerdUnit) });
  if (configured?.disabled === true)
    return problem("containerd's devmapper snapshotter is disabled by its configuration", seen, { reason: disabled(configured.configPath, containerdUnit) });
  if (!plugin)
    return problem("containerd has no devmapper snapshotter", seen, {
      reason: {
        code: "NO_DEVMAPPER",
        message: "this containerd was built without the devmapper snapshotter",
        hint: "install a build that has it: ctr plugins ls | grep devmapper",
      },
    });
  return notLoaded(survey, plugins.value, plugin, seen, fresh?.microvms ?? []);
}

async function notLoaded(survey: Survey, all: readonly Plugin[], plugin: Plugin, seen: Evidence[], hit: readonly string[]): Promise<Diagnosis<NotLoaded>> {
  const [error, pool, remembered, config] = await Promise.all([survey.pluginError(), survey.pool(), survey.remembered(), survey.containerd()]);
  const message = valueOf(error) ?? "";
  const poolName = valueOf(config)?.poolName ?? "";
  const reason = whyNotLoaded({
    message,
    poolName,
    poolEmpty: isEmpty(valueOf(pool)?.device?.status),
    remembered: valueOf(remembered)?.snapshots ?? null,
    rootPath: valueOf(config)?.rootPath ?? "",
    root: valueOf(config)?.root ?? "",
    beneath: valueOf(pool)?.exists === true ? await beneath(survey, poolName) : { untold: "the pool is not there" },
    containerdUnit: valueOf(await survey.layout())?.containerdUnit ?? "",
  });
  const others = all.filter(({ status }) => status === "error").length - 1;
  const more = others > 0 ? `, and ${others} other plugin${others === 1 ? "" : "s"} with it` : "";
  const said = message === "" ? [] : [evidence({ source: "command", ref: "ctr plugins ls --detailed", at: null, excerpt: message })];
  const waiting = waitingMicrovms(valueOf(await survey.microvms()));
  return problem(
    `containerd's devmapper snapshotter is not loaded (${plugin.status})${more}`,
    [...seen, ...said],
    { reason },
    { microvms: [...new Set([...hit, ...waiting])] },
  );
}

async function beneath(survey: Survey, pool: string): Promise<Beneath | { untold: string }> {
  const lies = await ground(survey, pool);
  if (lies.kind !== "known") return { untold: lies.why };
  const { files } = lies.value;
  const [superblock, mount] = await Promise.all([superblockOf(survey.host, files), missingMount(survey.host, files.folder)]);
  return mount.kind === "known" ? { ground: lies.value, superblock: valueOf(superblock) ?? null, missingMount: mount.value } : { untold: mount.why };
}

/** Loaded; what it has to say of single volumes is said, and is no fault of the host. */
async function usable(survey: Survey, seen: Evidence[]): Promise<Diagnosis<NotLoaded>> {
  const remembered = valueOf(await survey.remembered());
  const faulty = faultyDevices(remembered?.devices ?? []);
  const advice =
    faulty.length === 0
      ? []
      : [`containerd marked ${faulty.length} of its volumes as faulty, and the MicroVMs on them will not start: ${faulty.slice(0, 5).join(", ")}`];
  return healthy("containerd's devmapper snapshotter is loaded", seen, advice);
}

/** A pool that failed tells nothing of what is in it. */
const isEmpty = (status: PoolStatus | null | undefined): boolean => status?.mode !== "fail" && status?.data.used === 0;

function listed(plugins: Answer<Plugin[]>, socket: string): Evidence {
  return evidence({
    source: "command",
    ref: refOf(pluginsCommand("ctr", socket)),
    at: plugins.kind === "known" ? plugins.at : null,
    excerpt: lineOf(plugins, "devmapper") || "no io.containerd.snapshotter.v1 devmapper",
  });
}

/** What another daemon lacks, no restart of the unit's containerd brings. */
async function anothers(survey: Survey): Promise<Reason | null> {
  const other = await otherSocket(survey);
  if (other === null) return null;
  const where = valueOf(await survey.settings())?.of("containerd-socket").where ?? "";
  return {
    code: anothersCode,
    message: `containerd-socket is ${shown(other.socket, 200)}${where === "" ? "" : ` (${where})`}, and that of ${other.unit} is ${other.own}: flintlockd uses another daemon, to which a restart of ${other.unit} would change nothing`,
    hint: `set containerd-socket to ${other.own}${where === "" ? "" : ` in ${where}`}, then: systemctl restart flintlockd.service; or give that other containerd a devmapper snapshotter and restart it`,
  };
}

function disabled(configPath: string, unit: string): Reason {
  return {
    code: "PLUGIN_DISABLED",
    message: `disabled_plugins in ${configPath} has io.containerd.snapshotter.v1.devmapper`,
    hint: `take it out of disabled_plugins, then: systemctl restart ${unit}`,
  };
}

/** What a restart of each unit would do to running MicroVMs, and how flintlockd is told to be serving again. */

import { someOf } from "../facts/network-needs.ts";
import { gaveUp, isUp, stoppedBy, type Unit } from "../facts/unit.ts";
import type { Inspector } from "../host/inspector.ts";
import { valueOf } from "../host/inspector.ts";
import type { RestartFacts } from "../remediation.ts";
import { isInstalled } from "./programs.ts";
import { expectedEndpoints } from "./serving.ts";
import type { Settings } from "./settings.ts";
import type { Survey } from "./survey.ts";

const cannotTell = "it could not be told what a restart does to running MicroVMs";

/** What is assumed of restarts where it could not be told: that they do harm. */
export const untold: RestartFacts = {
  flintlockdEndsMicrovms: cannotTell,
  containerdEndsMicrovms: cannotTell,
  flintlockdDoublesMicrovms: null,
  containerdDoublesMicrovms: null,
  endpoints: [],
  flintlockdActive: true,
  containerdActive: true,
  flintlockdStoppedByUs: false,
  containerdStoppedByPerson: false,
  givenUp: [],
  containerdTakesFlintlockd: false,
  flintlockdSettled: true,
  ctr: "ctr",
  socket: "/run/containerd/containerd.sock",
};

export async function restartFacts(survey: Survey): Promise<RestartFacts> {
  const [units, settings, layout, ledger] = await Promise.all([survey.units(), survey.settings(), survey.layout(), survey.ledger()]);
  const socket = valueOf(layout)?.socket ?? untold.socket;
  const endpoints = settings.kind === "known" ? expectedEndpoints(settings.value).map(({ setting }) => setting.value) : [];
  const common = { endpoints, ctr: (await canAskContainerd(survey)) ? "ctr" : null, socket };
  if (units.kind !== "known" || settings.kind !== "known") return { ...untold, ...common };
  const { flintlockd } = units.value;
  const containerd = valueOf(layout)?.containerdUnit === "containerd.service" ? units.value.containerd : units.value.containerdDev;
  const hypervisors = hypervisorNames(settings.value);
  const ours = valueOf(ledger)?.stoppedByUs ?? new Map<string, number>();
  const [endedWithFlintlockd, endedWithContainerd, children, doubled] = await Promise.all([
    endedByKill(survey.host, flintlockd, hypervisors),
    endedByKill(survey.host, containerd, hypervisors),
    attachedMicrovms(survey, settings.value, flintlockd),
    doubledMicrovms(survey),
  ]);
  const flintlockdEnds = endedWithFlintlockd ?? children;
  // A restart of containerd restarts flintlockd too (Requires=, systemd.unit(5)).
  const pulls = isUp(flintlockd) && (flintlockd.requires.includes(containerd.name) || flintlockd.bindsTo.includes(containerd.name));
  const settled = flintlockd.activeState === "active" && flintlockd.restarts === 0;
  return {
    ...common,
    flintlockdEndsMicrovms: flintlockdEnds,
    flintlockdDoublesMicrovms: doubled,
    containerdDoublesMicrovms: pulls ? doubled : null,
    containerdEndsMicrovms: endedWithContainerd ?? (pulls ? flintlockdEnds : null),
    flintlockdActive: isUp(flintlockd),
    containerdActive: isUp(containerd),
    flintlockdStoppedByUs: stoppedBy(flintlockd, ours) === "this-tool",
    containerdTakesFlintlockd: pulls && settled,
    flintlockdSettled: settled,
    givenUp: [flintlockd, containerd].filter(gaveUp).map(({ name }) => name),
    containerdStoppedByPerson: stoppedBy(containerd, ours) === "a-person",
  };
}

/** A ctr that is not there, hangs or is broken would keep a cure from ending well for a plugin that nobody can ask about. */
async function canAskContainerd(survey: Survey): Promise<boolean> {
  if (!(await isInstalled(survey.host, "ctr"))) return false;
  if ((await survey.plugins()).kind === "known") return true;
  // Whether it is ctr that does not answer, or containerd: for this alone it connects to nothing.
  const itself = await survey.host.ask({ ask: "command", argv: ["ctr", "--version"], timeoutMs: 10_000 });
  return itself.kind === "known" && itself.value.status === 0;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** By what a process is told to be a hypervisor: the names flintlockd starts them by, and the usual ones. */
function hypervisorNames(settings: Settings): Set<string> {
  const named = ["firecracker-bin", "cloudhypervisor-bin"].map((flag) => baseName(settings.of(flag).value));
  return new Set([...named, "firecracker", "cloud-hypervisor", "cloud-hypervisor-static"].filter(Boolean));
}

/** systemd.kill(5): with `process` and `none` the rest of the control group lives on; detached children are in it all the same. */
async function endedByKill(host: Inspector, unit: Unit, hypervisors: ReadonlySet<string>): Promise<string | null> {
  if (unit.killMode === "process" || unit.killMode === "none" || unit.controlGroup === "") return null;
  const pids = await membersOf(host, unit.controlGroup);
  const why = `KillMode=${unit.killMode} of ${unit.name} ends every process in its control group`;
  if (pids === null) return `${why}, and it could not be told whether MicroVMs are among them`;
  const names = await Promise.all(pids.filter((pid) => pid !== unit.mainPid).map((pid) => commandName(host, pid)));
  const count = names.filter((name) => name !== null && hypervisors.has(name)).length;
  return count === 0 ? null : `${why}, ${count === 1 ? "one MicroVM" : `${count} MicroVMs`} among them`;
}

/** cgroup v2, and the name=systemd hierarchy of v1 and hybrid hosts (systemd: docs/CGROUP_DELEGATION.md). Null: cannot be told. */
async function membersOf(host: Inspector, group: string): Promise<number[] | null> {
  const files = await Promise.all(
    ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"].map((root) => host.ask({ ask: "file", path: `${root}${group}/cgroup.procs` })),
  );
  const texts = files.flatMap((file) => (file.kind === "known" ? [file.value.text] : []));
  if (texts.length === 0) return null;
  return [
    ...new Set(
      texts.flatMap((text) =>
        text
          .split("\n")
          .filter((line) => /^\d+$/.test(line))
          .map(Number),
      ),
    ),
  ];
}

async function commandName(host: Inspector, pid: number): Promise<string | null> {
  const cmdline = await host.ask({ ask: "file", path: `/proc/${pid}/cmdline` });
  return cmdline.kind === "known" ? baseName(cmdline.value.text.split("\0")[0] ?? "") : null;
}

/** Not detached, a hypervisor is flintlockd's child and ends with it (flintlock: pkg/process, `firecracker-detach`). */
async function attachedMicrovms(survey: Survey, settings: Settings, flintlockd: Unit): Promise<string | null> {
  const attached = (["firecracker", "cloudhypervisor"] as const).filter((provider) => settings.of(`${provider}-detach`).value === "false");
  if (attached.length === 0 || !isUp(flintlockd)) return null;
  const told = attached.map((provider) => `${provider}-detach: false (${settings.of(`${provider}-detach`).where})`).join(", ");
  const microvms = await survey.microvms();
  if (microvms.kind !== "known" || (await survey.unread()) !== null)
    return `${told} makes MicroVMs children of flintlockd, and it could not be told whether one runs`;
  const byDefault = settings.of("default-provider").value;
  const running = microvms.value.filter(
    ({ process, record }) => (process.is === "running" || process.is === "unnamed") && attached.some((provider) => provider === (record.provider || byDefault)),
  );
  return running.length === 0 ? null : `${told} makes ${running.length === 1 ? "one MicroVM a child" : `${running.length} MicroVMs children`} of flintlockd`;
}

/** flintlockd goes by the pid file alone: where that does not name the hypervisor that lives, its start makes another one. */
async function doubledMicrovms(survey: Survey): Promise<string | null> {
  const microvms = valueOf(await survey.microvms()) ?? [];
  const doubled = microvms.flatMap(({ process, record }) =>
    process.is === "unnamed" && record.deletedAt === 0 ? [`${record.id} (process ${process.pid})`] : [],
  );
  return doubled.length === 0
    ? null
    : `flintlockd would start a second hypervisor on the disk of ${someOf(doubled)}, for the pid file does not name the one that runs`;
}

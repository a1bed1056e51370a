import { evidence, oneLine } from "../src/evidence.ts";
import { someOf } from "../src/facts/network-needs.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext } from "../src/remediation.ts";
import type { Evidence, Refusal } from "../src/report.ts";
import { clearStalePids, type StalePid } from "../src/steps/pid-file.ts";
import { bringUpFlintlockd } from "../src/steps/units.ts";
import type { Microvm } from "../src/survey/microvms.ts";

const id = "microvm-pid-reused" as const;

interface Facts {
  stale: StalePid[];
  /** Some of them come up once flintlockd looks again: not given up, not being deleted, not tried by its timer. */
  restart: boolean;
  /** Pid files in a folder whose name has a brace in it, which stands for something else in a plan. */
  unnameable: { microvm: string; path: string }[];
  /** Their own hypervisor lives under another number. */
  unnamed: Unnamed[];
}

interface Unnamed {
  microvm: string;
  pid: number;
  path: string;
  says: string;
}

export default defineRemediation<Facts>({
  id,
  means:
    "A MicroVM's pid file, which outlives a reboot, does not name its hypervisor. flintlockd goes by that number alone: it takes another process that has it for the MicroVM and never starts it (on a delete it would even signal that process), fails for ever where there is no number in it, and starts a second hypervisor on the same disk where its own lives under another one.",
  told: "The process that the pid file names lives, and its command line has neither --id UID nor --api-socket with the MicroVM's own socket; or the file holds no number. Where it leads to no hypervisor of the MicroVM, one is looked for among all processes.",
  cure: "The pid file is renamed beside its old place, with the date, and flintlockd restarted: it starts the MicroVM. Where its own hypervisor lives under another number nothing is done: the one command that puts it right is said, and until then flintlockd is not started again without --allow destructive.",
  harm: "None: the other process is not touched; flintlockd is restarted, running MicroVMs go on.",
  signatures: [],
  breaks: () => [],
  inspect: async (survey) => {
    const [microvms, clock] = await Promise.all([survey.microvms(), survey.clock()]);
    if (microvms.kind === "absent") return healthy("no MicroVM is stored");
    if (microvms.kind === "unknown") return unknownBecause(`what the pid files of MicroVMs name cannot be told: ${microvms.why}`);
    const stale = microvms.value.flatMap(staleOf);
    const unnamed = microvms.value.flatMap(unnamedOf);
    const untold = microvms.value.filter(({ process }) => process.is === "unknown");
    const ids = [...stale, ...unnamed].map(({ microvm }) => microvm);
    const cannotTell = untold.map(
      ({ record, process }) => `what the pid file of ${oneLine(record.id)} names cannot be told: ${process.is === "unknown" ? oneLine(process.why) : ""}`,
    );
    if (ids.length === 0 && untold.length > 0)
      return unknownBecause(
        someOf(cannotTell),
        [],
        untold.map(({ record }) => record.id),
      );
    if (ids.length === 0) return healthy("every pid file of a MicroVM names its own hypervisor, or nothing that lives");
    const nameable = stale.filter(({ path }) => !/[{}]/.test(path));
    const named = new Set(nameable.map(({ microvm }) => microvm));
    const nowMs = clock.kind === "known" ? clock.value.nowMs : 0;
    const facts: Facts = {
      stale: nameable,
      restart: microvms.value.some((microvm) => named.has(microvm.record.id) && comesUp(microvm, nowMs)),
      unnameable: stale.filter(({ path }) => /[{}]/.test(path)).map(({ microvm, path }) => ({ microvm, path })),
      unnamed,
    };
    const seen = microvms.value.flatMap((microvm) => evidenceOf(microvm, microvms.at)).slice(0, 6);
    return problem([...sentences(stale, unnamed), ...cannotTell.slice(0, 3)].join("; "), seen, facts, { microvms: ids });
  },
  remedy: ({ facts }, context) => {
    const steps = facts.stale.length === 0 ? [] : [...clearStalePids(facts.stale, [id]), ...(facts.restart ? bringUpFlintlockd(context, [id]) : [])];
    return { steps, refusals: [...facts.unnameable.map((one) => unsafeName(one, context)), ...facts.unnamed.map(unnamedRefusal)], advice: [] };
  },
});

function staleOf({ record, process, pidFile, pidFileMs }: Microvm): StalePid[] {
  if (pidFile === null) return [];
  const file = { microvm: record.id, path: pidFile, writtenMs: pidFileMs };
  if (process.is === "foreign") return [{ ...file, holds: { is: process.is, pid: process.pid, startTicks: process.startTicks } }];
  return process.is === "garbled" ? [{ ...file, holds: { is: process.is, sha256: process.sha256 } }] : [];
}

function unnamedOf({ record, process }: Microvm): Unnamed[] {
  return process.is === "unnamed" ? [{ microvm: record.id, pid: process.pid, path: process.pidFile, says: process.says }] : [];
}

/** By a restart. What failed and waits for its `not_before` would only lose its timer by it. */
function comesUp({ record, process, state }: Microvm, nowMs: number): boolean {
  return state !== "gave-up" && record.deletedAt === 0 && (process.is === "foreign" || record.notBefore * 1000 <= nowMs);
}

function sentences(stale: readonly StalePid[], unnamed: readonly Unnamed[]): string[] {
  const of = (is: StalePid["holds"]["is"]): string[] => stale.flatMap(({ microvm, holds }) => (holds.is === is ? [microvm] : []));
  const say = (ids: readonly string[], what: string): string[] => (ids.length === 0 ? [] : [`the pid file of ${someOf(ids)} ${what}`]);
  return [
    ...say(of("foreign"), "names a process that is not its hypervisor: flintlockd will not start it"),
    ...say(of("garbled"), "holds no process number: flintlockd fails on it each time, until it gives up"),
    ...say(
      unnamed.map(({ microvm }) => microvm),
      "does not name its hypervisor, which runs: flintlockd would start a second one on the same disk",
    ),
  ];
}

function evidenceOf({ process, pidFile }: Microvm, at: string): Evidence[] {
  const shown = (argv: readonly string[]): string => (argv.length === 0 ? "a thread of the kernel" : oneLine(argv.join(" "), 200));
  const file = (ref: string, excerpt: string): Evidence => evidence({ source: "file", ref: oneLine(ref), at, excerpt });
  switch (process.is) {
    case "foreign":
      return [file(pidFile ?? "", `${process.pid}, which is ${shown(process.argv)}`)];
    case "garbled":
      return [file(pidFile ?? "", process.why)];
    case "unnamed":
      return [file(process.pidFile, `the pid file ${process.says}`), file(`/proc/${process.pid}/cmdline`, shown(process.argv))];
    default:
      return [];
  }
}

function unsafeName({ microvm, path }: Facts["unnameable"][number], { units }: PlanContext): Refusal {
  return {
    finding: id,
    code: "UNSAFE_NAME",
    message: `the folder of ${oneLine(microvm)} has a brace in its name`,
    hint: `put ${oneLine(path)} aside by hand, then: systemctl restart ${units.flintlockd}`,
  };
}

/** Nothing that a caller of the API chose comes into a command. */
function unnamedRefusal({ microvm, pid, path, says }: Unnamed): Refusal {
  return {
    finding: id,
    code: "HYPERVISOR_UNDER_OTHER_PID",
    message: `${oneLine(microvm)} runs as process ${pid}, but its pid file ${oneLine(says)}: flintlockd would start a second hypervisor on its disk`,
    hint: /^\/[\w./@:+-]+$/.test(path) ? `name the one that runs: echo ${pid} > ${path}` : `write the number ${pid} into its pid file: ${oneLine(path)}`,
  };
}

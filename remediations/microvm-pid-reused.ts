import { oneLine } from "../src/evidence.ts";
import { someOf } from "../src/facts/network-needs.ts";
import { defineRemediation, healthy, problem, unknownBecause } from "../src/remediation.ts";
import type { Evidence, Refusal } from "../src/report.ts";
import { clearStalePids, type StalePid } from "../src/steps/pid-file.ts";
import { bringUpFlintlockd } from "../src/steps/units.ts";
import type { Microvm } from "../src/survey/microvms.ts";

const id = "microvm-pid-reused" as const;

interface Facts {
  stale: StalePid[];
  /** Some of them come up once flintlockd looks again: not given up, not being deleted. */
  restart: boolean;
  /** Pid files in a folder whose name has a brace in it, which stands for something else in a plan. */
  unnameable: StalePid[];
}

export default defineRemediation<Facts>({
  id,
  means:
    "a MicroVM's pid file, which outlives a reboot, names a process that is not its hypervisor. flintlockd only asks whether a process of that number exists, takes it for the MicroVM and never starts it; on a delete it would even signal that process.",
  told: "the process that the pid file names lives, and its command line has neither --id UID nor --api-socket with the MicroVM's own socket.",
  cure: "the pid file is renamed beside its old place, with the date, and flintlockd restarted: it starts the MicroVM.",
  harm: "none: the other process is not touched; flintlockd is restarted, running MicroVMs go on.",
  signatures: [],
  breaks: () => [],
  inspect: async (survey) => {
    const microvms = await survey.microvms();
    if (microvms.kind === "absent") return healthy("no MicroVM is stored");
    if (microvms.kind === "unknown") return unknownBecause(`what the pid files of MicroVMs name cannot be told: ${microvms.why}`);
    const found = microvms.value.flatMap((microvm) => staleOf(microvm));
    if (found.length === 0) return healthy("every pid file of a MicroVM names its own hypervisor, or nothing that lives");
    const stale = found.filter(({ path }) => !/[{}]/.test(path));
    const ids = found.map(({ microvm }) => microvm);
    const facts: Facts = {
      stale: stale.map(({ microvm, path, pid, startTicks, writtenMs }) => ({ microvm, path, pid, startTicks, writtenMs })),
      restart: stale.some(({ comesUp }) => comesUp),
      unnameable: found.filter((one) => !stale.includes(one)),
    };
    const evidence: Evidence[] = found.slice(0, 5).map(({ path, pid, argv }) => ({
      source: "file",
      ref: oneLine(path),
      at: microvms.at,
      excerpt: `${pid}, which is ${argv.length === 0 ? "a thread of the kernel" : oneLine(argv.join(" "), 200)}`,
    }));
    return problem(`the pid file of ${someOf(ids)} names a process that is not its hypervisor: flintlockd will not start it`, evidence, facts, {
      microvms: ids,
    });
  },
  remedy: ({ facts }, context) => {
    const steps = facts.stale.length === 0 ? [] : [...clearStalePids(facts.stale, [id]), ...(facts.restart ? bringUpFlintlockd(context, [id]) : [])];
    const refusals: Refusal[] = facts.unnameable.map(({ microvm, path }) => ({
      finding: id,
      code: "UNSAFE_NAME",
      message: `the folder of ${oneLine(microvm)} has a brace in its name`,
      hint: `put ${oneLine(path)} aside by hand, then: systemctl restart ${context.units.flintlockd}`,
    }));
    return { steps, refusals, advice: [] };
  },
});

function staleOf({ record, process, pidFile, pidFileMs, state }: Microvm): (StalePid & { argv: string[]; comesUp: boolean })[] {
  if (process.is !== "foreign" || pidFile === null) return [];
  return [
    {
      microvm: record.id,
      path: pidFile,
      pid: process.pid,
      startTicks: process.startTicks,
      writtenMs: pidFileMs,
      argv: process.argv,
      comesUp: state !== "gave-up" && record.deletedAt === 0,
    },
  ];
}

/** host → findings. Every remediation looks, at the same time, over one survey of the host; nothing is decided here. */

import { reasonOf } from "./errors.ts";
import { valueOf, type Clock } from "./host/inspector.ts";
import { isChosen, type Policy } from "./policy.ts";
import { unknownBecause, type BrokenPool, type Diagnosis, type Finding, type Remediation, type RestartFacts } from "./remediation.ts";
import type { Profile } from "./report.ts";
import { brokenPool } from "./survey/broken-pool.ts";
import type { LogEvidence } from "./survey/journal.ts";
import type { Layout } from "./survey/layout.ts";
import type { Microvm } from "./survey/microvms.ts";
import { hostAdvice } from "./survey/host-advice.ts";
import type { PoolFacts } from "./survey/pool.ts";
import { untold } from "./survey/restart.ts";
import type { Survey } from "./survey/survey.ts";

/** What one look told: plain data. */
export interface Look {
  host: { name: string; bootId: string; profile: Profile; kernel: string };
  /** Milliseconds since the epoch, by the host's clock. */
  nowMs: number;
  /** In the order of the catalogue. */
  findings: Finding[];
  microvms: Microvm[];
  units: { flintlockd: string; containerd: string };
  restart: RestartFacts;
  /** Set where this is no flintlock host, or nothing could be told about it: what was looked for and how to go on. */
  unobservable: string | null;
  log: Pick<LogEvidence, "notOurs" | "caveats" | "memory"> | null;
  /** No fault by itself, and yet worth knowing. */
  advice: string[];
  brokenPool?: BrokenPool | null;
  /** How full the thin pool is; absent where that cannot be told. */
  pool?: PoolUse;
}

/** Blocks, as the kernel counts them: data blocks are of the pool's own size, metadata blocks of 4 KiB. */
export interface PoolUse {
  name: string;
  data: { used: number; total: number };
  metadata: { used: number; total: number };
}

/** `catalogue` may hold any number of remediations; `only` and `skip` of the policy choose among them. */
export async function look(survey: Survey, catalogue: readonly Remediation[]): Promise<Look> {
  const { policy } = survey;
  const chosen = catalogue.filter(({ id }) => isChosen(policy, id));
  const [clock, layout] = await Promise.all([survey.clock(), survey.layout()]);
  const noHost = layout.kind === "absent" ? layout.why : null;
  const findings = noHost === null ? await diagnoseAll(chosen, survey) : [];
  const [microvms, restart, journal, advice, pool] =
    noHost === null ? await Promise.all([survey.microvms(), survey.restart(), survey.journal(), hostAdvice(survey), survey.pool()]) : [];
  return {
    host: {
      name: valueOf(clock)?.hostName ?? "",
      bootId: valueOf(clock)?.bootId ?? "",
      kernel: valueOf(clock)?.kernel ?? "",
      profile: valueOf(layout)?.profile ?? "unknown",
    },
    nowMs: valueOf(clock)?.nowMs ?? 0,
    findings,
    microvms: (microvms && valueOf(microvms)) ?? [],
    units: unitsOf(valueOf(layout), policy),
    restart: (restart && valueOf(restart)) ?? untold,
    unobservable: noHost,
    log: (journal && valueOf(journal)) ?? null,
    advice: [...((advice && valueOf(advice)) ?? []), ...privileges(valueOf(clock)), ...doubts(valueOf(layout))],
    ...useOf(pool && valueOf(pool)),
    brokenPool: pool ? brokenPool(pool) : null,
  };
}

/** Nothing is wrong, nothing unclear, and no MicroVM waits. */
export function isWell({ findings, microvms, unobservable }: Look): boolean {
  return unobservable === null && findings.every(({ status }) => status === "healthy") && microvms.every(({ state }) => state === "running");
}

function useOf(pool: PoolFacts | undefined): Pick<Look, "pool"> {
  const status = pool?.device?.status;
  return pool && status && status.data.total > 0 ? { pool: { name: pool.name, data: status.data, metadata: status.metadata } } : {};
}

/** What is wrong with the MicroVMs whose records can be read is wrong; what is well has to be so without guessing at the others. */
async function diagnoseAll(chosen: readonly Remediation[], survey: Survey): Promise<Finding[]> {
  const found = await Promise.all(chosen.map(async (remediation) => ({ remediation, finding: await diagnose(remediation, survey) })));
  const strict = await survey.withoutGuesses();
  return Promise.all(found.map(async ({ remediation, finding }) => (strict && finding.status === "healthy" ? diagnose(remediation, strict) : finding)));
}

async function diagnose(remediation: Remediation, survey: Survey): Promise<Finding> {
  let diagnosis: Diagnosis<unknown>;
  try {
    diagnosis = await remediation.inspect(survey);
  } catch (error) {
    // A check that fails is a check that knows nothing; the others go on.
    diagnosis = unknownBecause(`this check failed: ${reasonOf(error)}`);
  }
  const { status, summary, evidence = [], advice = [] } = diagnosis;
  const { microvms = [] } = diagnosis.status === "healthy" ? {} : diagnosis;
  const facts = diagnosis.status === "problem" ? diagnosis.facts : null;
  return { id: remediation.id, status, summary, evidence, microvms, facts, advice };
}

function privileges(clock: Clock | undefined): string[] {
  return clock && clock.uid !== 0 ? ["this look was made without root, so much of it could not be told: run it with sudo"] : [];
}

function doubts(layout: Layout | undefined): string[] {
  return layout?.profile === "unknown"
    ? [`it cannot be told whether this is a dev or a prod host, so which containerd flintlockd is to use: ${layout.reason}`]
    : [];
}

function unitsOf(layout: Layout | undefined, policy: Policy): Look["units"] {
  return {
    flintlockd: layout?.flintlockdUnit ?? "flintlockd.service",
    containerd: layout?.containerdUnit ?? (policy.profile === "prod" ? "containerd.service" : "containerd-dev.service"),
  };
}

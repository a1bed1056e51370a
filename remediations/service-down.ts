import { evidence } from "../src/evidence.ts";
import { lastWords } from "../src/facts/last-words.ts";
import { isUp, stoppedBy, type Unit } from "../src/facts/unit.ts";
import { valueOf } from "../src/host/inspector.ts";
import { poolLeftOut } from "../src/left-out.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext, type Remedy } from "../src/remediation.ts";
import type { Evidence, Refusal } from "../src/report.ts";
import type { Resource } from "../src/steps/action.ts";
import { bringUpContainerd, bringUpFlintlockd } from "../src/steps/units.ts";
import { newestWords } from "../src/survey/last-words.ts";
import { pause } from "../src/survey/pause.ts";
import type { Survey } from "../src/survey/survey.ts";
import { unitNow } from "../src/survey/units.ts";

const id = "service-down";

type Why =
  | "not-found"
  | "masked"
  | "broken"
  | "disabled"
  | "condition"
  /** Failed, and systemd does not start it again. */
  | "failed"
  /** It ran in this boot and was stopped without an error. */
  | "stopped"
  | "stopped-by-us"
  /** Enabled, and not started since the boot. */
  | "not-started"
  /** It runs, and the file of its socket is gone: nobody can reach it. */
  | "no-socket";

interface Down {
  role: "flintlockd" | "containerd";
  unit: string;
  why: Why;
  /** systemd's or the daemon's own words. */
  words: string;
  /** Runs in spite of it: masked, or a file of it deleted, since it was started. */
  running: boolean;
}

export default defineRemediation<Down[]>({
  id,
  means: "flintlockd, or the containerd that it works with, does not run, or nobody can reach it.",
  told: "systemd's state of the units: inactive, failed, masked, missing, disabled; and the file of containerd's socket, which is gone. Of the two containerd units only the one counts that flintlockd uses.",
  cure: "A containerd whose socket is gone is restarted. A unit that is enabled and merely stopped is started, containerd first. One that a person stopped is started only when a person runs fix; one that fix itself stopped, by any run. Masked, disabled or broken units are somebody's decision: the exact command is said.",
  harm: "None: MicroVMs run on while the daemons are down, and when they come up.",
  signatures: [],
  // Where systemd cannot be asked, nothing is restarted.
  breaks: ({ facts }) => facts?.flatMap(brokenBy) ?? ["containerd-startable", "flintlockd-startable"],
  inspect,
  remedy: ({ facts }, context) => remedy(facts, context),
});

async function inspect(survey: Survey): Promise<ReturnType<typeof problem<Down[]>>> {
  const [layout, units, ledger] = await Promise.all([survey.layout(), survey.units(), survey.ledger()]);
  if (layout.kind !== "known") return unknownBecause(layout.why);
  if (units.kind !== "known") return unknownBecause(units.why);
  const { flintlockd } = units.value;
  const containerd = layout.value.containerdUnit === "containerd.service" ? units.value.containerd : units.value.containerdDev;
  const ours = valueOf(ledger)?.stoppedByUs ?? new Map<string, number>();
  const pulled = flintlockd.requires.includes(containerd.name) && flintlockd.unitFileState !== "disabled";
  const down = [
    whyDown(containerd, "containerd", ours, pulled) ?? (await unreachable(survey, containerd)),
    whyDown(flintlockd, "flintlockd", ours, false),
  ].filter((each) => each !== null);
  const advice = [containerd, flintlockd].flatMap(adviceOf);
  if (down.length === 0)
    return healthy(
      `${containerd.name} and ${flintlockd.name} are ${state(containerd) === state(flintlockd) ? state(containerd) : `${state(containerd)} and ${state(flintlockd)}`}`,
      [],
      advice,
    );
  const told = await Promise.all(down.map(async (each) => withWords(survey, each)));
  const seen = told.flatMap(({ seen: own }) => own);
  return problem(
    told.map(({ down: each }) => sentence(each)).join("; "),
    [...[containerd, flintlockd].filter(({ name }) => down.some(({ unit }) => unit === name)).map((unit) => stateEvidence(unit, units.at)), ...seen],
    told.map(({ down: each }) => each),
    { advice },
  );
}

const state = ({ activeState, subState, jobPending }: Unit): string =>
  activeState === "active"
    ? "active"
    : subState.startsWith("auto-restart")
      ? "about to be started again by systemd"
      : jobPending
        ? "about to be started by systemd"
        : activeState;

/** Null: it runs, systemd is at starting it, or `service-crash-loop` speaks of it. `pulled`: an enabled flintlockd requires it, so it need not be enabled itself. */
function whyDown(unit: Unit, role: Down["role"], ours: ReadonlyMap<string, number>, pulled: boolean): Down | null {
  const running = isUp(unit);
  const down = (why: Why, words = ""): Down => ({ role, unit: unit.name, why, words, running });
  if (unit.loadState === "masked") return down("masked", unit.loadError);
  if (unit.loadState === "not-found") return down("not-found", unit.loadError);
  if (unit.loadState !== "loaded") return down("broken", unit.loadError);
  if (running || unit.activeState === "deactivating" || unit.jobPending) return null;
  if (unit.activeState === "failed")
    return unit.restarts > 0 || unit.result === "start-limit-hit" ? null : down("failed", `${unit.result}, exit status ${unit.execMainStatus}`);
  if (stoppedBy(unit, ours) === "this-tool") return down("stopped-by-us");
  if (["disabled", "masked", "masked-runtime", "bad"].includes(unit.unitFileState) && !pulled) return down("disabled");
  if (!unit.conditionMet) return down("condition");
  return down(unit.activeExitUs > 0 ? "stopped" : "not-started");
}

/** containerd makes its socket before it says that it is ready (sd_notify(3)), and never looks for it again. */
async function unreachable(survey: Survey, unit: Unit): Promise<Down | null> {
  const address = valueOf(await survey.containerd())?.address ?? "";
  if (!isUp(unit) || !address.startsWith("/")) return null;
  const isGone = async (): Promise<boolean> => (await survey.host.ask({ ask: "status", path: address })).kind === "absent";
  if (!(await isGone())) return null;
  // A restart that is under way makes it anew.
  await pause(survey.host, 1_000);
  const now = valueOf(await unitNow(survey.host, unit.name));
  if (now?.mainPid !== unit.mainPid || !(await isGone())) return null;
  return { role: "containerd", unit: unit.name, why: "no-socket", words: address, running: true };
}

function adviceOf(unit: Unit): string[] {
  const reload = unit.needDaemonReload ? [`the files of ${unit.name} were changed, and systemd has not read them yet: systemctl daemon-reload`] : [];
  const enable =
    isUp(unit) && unit.unitFileState === "disabled" && unit.loadState === "loaded"
      ? [`${unit.name} runs, but is disabled: it will not come up by itself after a reboot (systemctl enable ${unit.name})`]
      : [];
  return unit.name === "flintlockd.service" ? [...reload, ...enable] : reload;
}

async function withWords(survey: Survey, down: Down): Promise<{ down: Down; seen: Evidence[] }> {
  if (down.why === "no-socket") return { down, seen: [evidence({ source: "file", ref: down.words, at: null, excerpt: "does not exist" })] };
  if (down.why !== "failed" && down.why !== "not-started") return { down, seen: [] };
  const lines = await newestWords(survey, down.unit);
  const words = lines.kind === "known" ? lastWords(lines.value) : null;
  if (!words) return { down, seen: [] };
  const seen = evidence({ source: "journal", ref: down.unit, at: new Date(words.realtimeUs / 1000).toISOString(), excerpt: words.message });
  return { down: { ...down, words: down.why === "failed" ? `${seen.excerpt} (${down.words})` : seen.excerpt }, seen: [seen] };
}

function stateEvidence(unit: Unit, at: string): Evidence {
  const excerpt = `LoadState=${unit.loadState} UnitFileState=${unit.unitFileState} ActiveState=${unit.activeState} SubState=${unit.subState} Result=${unit.result}${unit.loadError === "" ? "" : ` ${unit.loadError}`}`;
  return evidence({ source: "command", ref: `systemctl show ${unit.name}`, at, excerpt });
}

function sentence({ unit, why, words, running }: Down): string {
  const still = running ? ", though it still runs from before" : "";
  const sentences: Record<Why, string> = {
    "not-found": `there is no unit ${unit}${still}`,
    masked: `${unit} is masked${still}`,
    broken: `the unit file of ${unit} cannot be used${still}: ${words}`,
    disabled: `${unit} does not run and is disabled`,
    condition: `${unit} was not started, because a condition in its unit file does not hold`,
    failed: `${unit} has failed: ${words}`,
    stopped: `${unit} was stopped`,
    "stopped-by-us": `${unit} was stopped by fix, whose run ended before it was started again`,
    "not-started": `${unit} was not started since the boot${words === "" ? "" : `: ${words}`}`,
    "no-socket": `${unit} runs, and its socket ${words} is gone, so nobody can reach it`,
  };
  return sentences[why];
}

function brokenBy({ role, why, running }: Down): Resource[] {
  const startable: Resource = role === "containerd" ? "containerd-startable" : "flintlockd-startable";
  const cannotStart = !["stopped", "stopped-by-us", "not-started", "no-socket"].includes(why);
  return [...(running && why !== "no-socket" ? [] : [role]), ...(cannotStart ? [startable] : [])];
}

/** A unit that a person stopped is started by a person alone, and a containerd that may be the wrong one by nobody. */
function mayStart({ role, why }: Down, { policy, profile }: PlanContext): boolean {
  if (role === "containerd" && profile === "unknown") return false;
  return why === "no-socket" || why === "stopped-by-us" || why === "not-started" || (why === "stopped" && !policy.unattended);
}

function remedy(down: readonly Down[], context: PlanContext): Remedy {
  const ready = down.filter((each) => mayStart(each, context));
  const containerd = ready.some(({ role }) => role === "containerd");
  const flintlockd = ready.some(({ role }) => role === "flintlockd");
  const leftOut = containerd ? poolLeftOut(context, id) : null;
  const refusals = [...down.filter((each) => !ready.includes(each)).map((each) => refusalOf(each, context)), ...(leftOut ? [leftOut] : [])];
  if (leftOut) return { steps: [], refusals, advice: [] };
  const steps = containerd ? bringUpContainerd(context, [id], { anyRun: flintlockd }) : flintlockd ? bringUpFlintlockd(context, [id], { anyRun: true }) : [];
  return { steps, refusals, advice: [] };
}

function refusalOf(down: Down, { profile }: PlanContext): Refusal {
  const { role, unit, why, words, running } = down;
  const start = `systemctl start ${unit}`;
  if (role === "containerd" && profile === "unknown")
    return {
      finding: id,
      code: "PROFILE_UNKNOWN",
      message: `${sentence(down)}, and it cannot be told whether it is the containerd that flintlockd is to use`,
      hint: "say which with --profile dev or --profile prod, or have containerd-socket and the unit's Requires= name the same one",
    };
  switch (why) {
    case "not-found":
      return {
        finding: id,
        code: "UNIT_NOT_FOUND",
        message: `there is no unit ${unit}`,
        hint: `install it (provision.sh ${role === "containerd" ? "containerd" : "flintlock"}); or put its file back, then: systemctl daemon-reload && ${start}`,
      };
    case "masked": {
      const harm = running ? " Do not stop it while it is masked: systemd has forgotten its KillMode, and a stop ends every MicroVM." : "";
      return {
        finding: id,
        code: "UNIT_MASKED",
        message: `${unit} is masked: somebody decided that it must not start.${harm}`,
        hint: `if it should: systemctl unmask ${unit} (where its file in /etc/systemd/system was replaced by a link to /dev/null, put the file back, then systemctl daemon-reload), then ${start}`,
      };
    }
    case "broken":
      return {
        finding: id,
        code: "UNIT_BROKEN",
        message: `the unit file of ${unit} cannot be used: ${words}`,
        hint: `see: systemd-analyze verify ${unit}; systemctl cat ${unit}; then systemctl daemon-reload && ${start}`,
      };
    case "disabled":
      return {
        finding: id,
        code: "UNIT_DISABLED",
        message: `${unit} is disabled: somebody decided that it is not started`,
        hint: `if it should run: systemctl enable --now ${unit}`,
      };
    case "condition":
      return {
        finding: id,
        code: "CONDITION_NOT_MET",
        message: `a condition in the unit file of ${unit} does not hold`,
        hint: `see which: systemctl status ${unit}; systemctl cat ${unit}`,
      };
    case "failed":
      return {
        finding: id,
        code: "UNIT_FAILED",
        message: `${unit} has failed: ${words}`,
        hint: `mend that, then: systemctl reset-failed ${unit} && ${start}. All it said: journalctl --boot --unit ${unit}`,
      };
    case "stopped":
    case "stopped-by-us":
    case "not-started":
    case "no-socket":
      return {
        finding: id,
        code: "STOPPED_BY_A_PERSON",
        message: `${unit} was stopped, not by this tool: a run by itself does not start it`,
        hint: `start it: ${start}, or by hand: fix --apply`,
      };
  }
}

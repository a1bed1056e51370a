import { evidence } from "../src/evidence.ts";
import { lastWords } from "../src/facts/last-words.ts";
import type { Unit } from "../src/facts/unit.ts";
import { defineRemediation, healthy, problem, unknownBecause } from "../src/remediation.ts";
import type { Evidence, Refusal } from "../src/report.ts";
import type { Resource } from "../src/steps/action.ts";
import { newestWords } from "../src/survey/last-words.ts";
import { startBlockers, type Blocker } from "../src/survey/start-blockers.ts";
import { steadiness, type Looked } from "../src/survey/steadiness.ts";
import type { Survey } from "../src/survey/survey.ts";

const id = "service-crash-loop";

interface Loop {
  unit: string;
  /** Started again and again by systemd, or given up on by it; null: it runs, and would not start again. */
  how: "crash-loop" | "gave-up" | null;
  words: string | null;
}

interface CrashLoop {
  loops: Loop[];
  blockers: Blocker[];
  flintlockd: string;
}

export default defineRemediation<CrashLoop>({
  id,
  means:
    "A daemon ends soon after each start and systemd starts it again, or has given up on it; or flintlockd runs, but its configuration or a program it looks for is broken, so that it would not start again.",
  told: "SubState auto-restart, NRestarts rising between two looks, the start limit; flintlockd's config file, its unit's ExecStartPre and its own last words say why.",
  cure: "Nothing by itself: where neither bridge-name nor parent-iface is set, setting one cures it (bridge-name-missing, parent-iface-missing). Otherwise the cause is named with the way out; systemd's own next try finds it gone.",
  harm: "None: nothing is done.",
  signatures: [
    { name: "unknown-provider", unit: "flintlockd", pattern: /^Error: the provided default provider name .{0,200} isn't a supported provider/ },
    {
      name: "bad-flag",
      unit: "flintlockd",
      pattern: /^Error: (?:unknown flag|unknown shorthand flag|invalid argument|flag needs an argument|unknown command)/,
    },
    { name: "containerd-config", unit: "containerd", pattern: /^containerd: failed to (?:load|unmarshal) TOML/ },
  ],
  // A flintlockd whose configuration cannot be told might not come up again.
  breaks: ({ facts }) => (facts ? brokenBy(facts) : ["flintlockd-startable"]),
  follows: ["bridge-name-missing", "parent-iface-missing"],
  inspect,
  remedy: ({ facts }, { findings }) => {
    const spokenOf = (["bridge-name-missing", "parent-iface-missing"] as const).some((other) => findings.get(other)?.status === "problem");
    return { steps: [], refusals: refusalsOf(facts, spokenOf), advice: [] };
  },
});

async function inspect(survey: Survey): Promise<ReturnType<typeof problem<CrashLoop>>> {
  const [layout, settings] = await Promise.all([survey.layout(), survey.settings()]);
  if (layout.kind !== "known") return unknownBecause(layout.why);
  if (settings.kind !== "known") return unknownBecause(`flintlockd's settings cannot be told: ${settings.why}`);
  const [looked, units] = await Promise.all([steadiness(survey, layout.value.containerdUnit), survey.units()]);
  if (looked.kind !== "known") return unknownBecause(looked.why);
  if (units.kind !== "known") return unknownBecause(units.why);
  const { flintlockd, containerd } = looked.value;
  const blockers = (await startBlockers(survey.host, units.value.flintlockd, settings.value)).filter((blocker) => counts(blocker, looked.value));
  const looping = ([flintlockd, containerd] as const).filter((unit) => isLooping(looked.value, unit));
  const notRead = settings.value.notRead.map(
    ({ name, where }) =>
      `${name} (${where}) is never read by flintlockd: it would want the name with hyphens, which systemd does not pass on; use the flag or the config file`,
  );
  if (looping.length === 0 && blockers.length === 0)
    return healthy(`${flintlockd.name} and ${containerd.name} do not restart by themselves${restartsOf([flintlockd, containerd])}`, [], notRead);
  const loops = await Promise.all(looping.map(async (unit) => loopOf(survey, unit, looked.value, looked.at)));
  const seen = loops.map(({ seen: own }) => own);
  const facts: CrashLoop = { loops: loops.map(({ loop }) => loop), blockers, flintlockd: flintlockd.name };
  return problem(summaryOf(facts, looked.value), [...seen.flat(), ...blockers.map(blockerEvidence)], facts, { advice: notRead });
}

/** Of a flintlockd that stays down or cannot be found, `service-down` speaks. That neither setting is there is a fault of its own only where it does not run. */
function counts(blocker: Blocker, { steadiness: { flintlockd } }: Looked): boolean {
  return blocker.is !== "neither" || flintlockd === "crash-loop" || flintlockd === "gave-up";
}

const isLooping = ({ flintlockd, steadiness: how }: Looked, unit: Unit): boolean =>
  ["crash-loop", "gave-up"].includes(unit === flintlockd ? how.flintlockd : how.containerd);

const restartsOf = (units: readonly Unit[]): string =>
  units
    .filter(({ restarts }) => restarts > 0)
    .map(({ name, restarts }) => `; ${name} was started again ${restarts === 1 ? "once" : `${restarts} times`} since it was last started by hand`)
    .join("");

async function loopOf(survey: Survey, unit: Unit, { flintlockd, steadiness: how }: Looked, at: string): Promise<{ loop: Loop; seen: Evidence[] }> {
  const [lines, config] = await Promise.all([newestWords(survey, unit.name), unit === flintlockd ? null : survey.containerd()]);
  const words = lines.kind === "known" ? lastWords(lines.value) : null;
  // containerd 2 names the line, and not the file.
  const file = config !== null && config.kind !== "known" ? evidence({ source: "file", ref: "", at: null, excerpt: config.why }).excerpt : "";
  const state = `ActiveState=${unit.activeState} SubState=${unit.subState} Result=${unit.result} NRestarts=${unit.restarts} ExecMainStatus=${unit.execMainStatus}`;
  const seen = [
    evidence({ source: "command", ref: `systemctl show ${unit.name}`, at, excerpt: state }),
    ...(words ? [evidence({ source: "journal", ref: unit.name, at: new Date(words.realtimeUs / 1000).toISOString(), excerpt: words.message })] : []),
  ];
  const said = words
    ? evidence({ source: "journal", ref: "", at: null, excerpt: words.message }).excerpt
    : `exit status ${unit.execMainStatus} (${unit.result})`;
  const kind = unit === flintlockd ? how.flintlockd : how.containerd;
  return {
    loop: {
      unit: unit.name,
      how: kind === "gave-up" ? "gave-up" : "crash-loop",
      words: file === "" ? said : `${said} (${file})`,
    },
    seen,
  };
}

function summaryOf({ loops, blockers, flintlockd }: CrashLoop, { flintlockd: unit }: Looked): string {
  const why = blockers.map(blockerText).join("; ");
  const looping = loops.map((loop) => {
    const how =
      loop.how === "gave-up" ? "was started again too often, and systemd gave up" : "ends soon after each start, and systemd starts it again and again";
    return `${loop.unit} ${how}: ${loop.unit === flintlockd && why !== "" ? why : (loop.words ?? "")}`;
  });
  if (loops.some((loop) => loop.unit === flintlockd) || why === "") return looping.join("; ");
  const state = unit.activeState === "active" ? `${flintlockd} runs, but would not come up the same after a restart` : `${flintlockd} would not start`;
  return [...looping, `${state}: ${why}`].join("; ");
}

function blockerText(blocker: Blocker): string {
  switch (blocker.is) {
    case "config":
      return `${blocker.text}; flintlockd ignores such a file without a word and starts with its defaults${blocker.neither ? ", which have neither bridge-name nor parent-iface" : ""}`;
    case "neither":
      return "neither bridge-name nor parent-iface is set";
    case "program":
      return `there is no ${blocker.program}${blocker.searched === blocker.program ? "" : ` in ${blocker.searched}`}, which ${blocker.where} asks for`;
    case "provider":
      return `default-provider is ${JSON.stringify(blocker.value)} (${blocker.where}), and flintlockd knows firecracker and cloudhypervisor only`;
  }
}

function blockerEvidence(blocker: Blocker): Evidence {
  switch (blocker.is) {
    case "config":
      return evidence({ source: "file", ref: blocker.where, at: null, excerpt: blocker.text });
    case "neither":
      return evidence({
        source: "file",
        ref: blocker.path,
        at: null,
        excerpt: "neither bridge-name nor parent-iface in it, nor on the command line of the unit",
      });
    case "program":
      return evidence({
        source: "file",
        ref: blocker.where,
        at: null,
        excerpt: `${blocker.program} is not there${blocker.searched === blocker.program ? "" : `; looked for in ${blocker.searched}`}`,
      });
    case "provider":
      return evidence({ source: "file", ref: blocker.where, at: null, excerpt: `default-provider: ${blocker.value}` });
  }
}

/** What waits for flintlockd or its restart is not planned on top of a cause that would end it again. */
function brokenBy({ loops, blockers, flintlockd }: CrashLoop): Resource[] {
  const looping = (name: boolean): boolean => loops.some(({ unit }) => (unit === flintlockd) === name);
  const own: Resource[] = blockers.map(({ is }) => (is === "neither" || is === "config" ? "config" : "flintlockd-startable"));
  const unexplained = looping(true) && blockers.length === 0;
  return [
    ...own,
    ...(unexplained ? (["flintlockd-startable"] as const) : []),
    ...(looping(true) ? (["flintlockd"] as const) : []),
    ...(looping(false) ? (["containerd", "containerd-startable"] as const) : []),
  ];
}

function refusalsOf({ loops, blockers, flintlockd }: CrashLoop, spokenOf: boolean): Refusal[] {
  const own = blockers.flatMap((blocker) => refusalOf(blocker, flintlockd, spokenOf));
  const rest = loops.filter(({ unit }) => unit !== flintlockd || blockers.length === 0);
  return [
    ...own,
    ...rest.map(({ unit, how, words }): Refusal => ({
      finding: id,
      code: how === "gave-up" ? "START_LIMIT" : "CRASH_LOOP",
      message: `${unit} ends by itself: ${words ?? "it said nothing"}`,
      hint:
        how === "gave-up"
          ? `mend that, then: systemctl reset-failed ${unit} && systemctl start ${unit}`
          : `mend that; systemd goes on trying, so no restart is needed. All it said: journalctl --boot --unit ${unit}`,
    })),
  ];
}

function refusalOf(blocker: Blocker, flintlockd: string, spokenOf: boolean): Refusal[] {
  switch (blocker.is) {
    case "config":
      return [
        {
          finding: id,
          code: `CONFIG_${blocker.code}`,
          message: blocker.text,
          hint: `put ${blocker.path} right by hand, then: systemctl restart ${flintlockd}. It is not written to as it is`,
        },
      ];
    case "neither":
      // bridge-name-missing and parent-iface-missing set one, or say what to choose from.
      if (spokenOf) return [];
      return [
        {
          finding: id,
          code: "NEITHER_SET",
          message: `neither bridge-name nor parent-iface is set, and ${flintlockd} does not start without`,
          hint: "say which: --bridge-name NAME, --parent-iface NAME, or both (with the findings bridge-name-missing and parent-iface-missing)",
        },
      ];
    case "program":
      return [
        {
          finding: id,
          code: "PROGRAM_MISSING",
          message: blockerText(blocker),
          hint: `install ${blocker.program} (provision.sh does), or mend the unit file; systemd's next try then finds it`,
        },
      ];
    case "provider":
      return [{ finding: id, code: "UNKNOWN_PROVIDER", message: blockerText(blocker), hint: `set default-provider to firecracker or cloudhypervisor there` }];
  }
}

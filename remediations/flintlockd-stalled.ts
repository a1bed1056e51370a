import { evidence } from "../src/evidence.ts";
import { parseStat } from "../src/facts/process.ts";
import type { Unit } from "../src/facts/unit.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext, type Remedy } from "../src/remediation.ts";
import type { Evidence, FindingId } from "../src/report.ts";
import { bringUpFlintlockd } from "../src/steps/units.ts";
import type { Layout } from "../src/survey/layout.ts";
import { pause } from "../src/survey/pause.ts";
import { expectedEndpoints, servingOf } from "../src/survey/serving.ts";
import { stallCauses, type StallCauses } from "../src/survey/stall-causes.ts";
import type { Survey } from "../src/survey/survey.ts";
import { unitNow } from "../src/survey/units.ts";

const id = "flintlockd-stalled";

/** It dials containerd for up to 10 s before it listens; the rest is for a slow host. */
const settleMs = 15_000;

/** Findings whose cure brings containerd up: flintlockd comes after it. */
const mendContainerd: readonly FindingId[] = ["service-down", "service-crash-loop", "thinpool-missing", "snapshotter-not-loaded"];

interface Stalled extends StallCauses {
  missing: string[];
}

export default defineRemediation<Stalled>({
  id,
  means:
    "flintlockd is active, but serves nothing and reconciles nothing: something kept its API or its controller from starting, and then it does not exit. Each crash of containerd leaves it like this.",
  told: "Longer after its start than it may take, flintlockd's main process listens on no grpc-endpoint (or http-endpoint with enable-http); its own log says why. With disable-api nothing has to listen: there its own words since its start tell. Or its process is stopped by a signal.",
  cure: "flintlockd is restarted once what stopped it is gone: containerd answers, the port is free, the name resolves. Where it is not gone, it is said what it is.",
  harm: "A restart of flintlockd; running MicroVMs go on (but see firecracker-detach and KillMode).",
  signatures: [
    { name: "api-failed", unit: "flintlockd", pattern: /^failed serving (?:http )?api: (?!.{0,200}http: Server closed$)/ },
    { name: "controllers-failed", unit: "flintlockd", pattern: /^failed running controllers: / },
  ],
  // Restarted while that stands, it would stall again.
  breaks: ({ facts }) =>
    facts?.standing.some(({ code }) => code !== "CONTAINERD_NOT_ANSWERING") === true ? ["flintlockd", "flintlockd-startable"] : ["flintlockd"],
  follows: ["service-down", "service-crash-loop"],
  inspect,
  remedy: ({ facts }, context) => remedy(facts, context),
});

async function inspect(survey: Survey): Promise<ReturnType<typeof problem<Stalled>>> {
  const [layout, units, settings, clock] = await Promise.all([survey.layout(), survey.units(), survey.settings(), survey.clock()]);
  if (layout.kind !== "known") return unknownBecause(layout.why);
  if (units.kind !== "known") return unknownBecause(units.why);
  if (settings.kind !== "known") return unknownBecause(`flintlockd's settings cannot be told: ${settings.why}`);
  if (clock.kind !== "known") return unknownBecause(clock.why);
  const { flintlockd } = units.value;
  const expected = expectedEndpoints(settings.value).map(({ setting }) => setting.value);
  if (flintlockd.activeState !== "active" || flintlockd.mainPid === 0)
    return healthy(`${flintlockd.name} does not run, so it cannot be stalled (see service-down, service-crash-loop)`);
  const ageMs = (clock.value.monotonicUs - flintlockd.execMainStartUs) / 1000;
  const first = await survey.serving();
  if (first.kind === "absent") return doesNotStay(flintlockd);
  if (first.kind !== "known") return unknownBecause(`what flintlockd listens on cannot be told: ${first.why}`);
  const missing = expected.filter((endpoint) => !first.value.listening.includes(endpoint));
  const held = await heldIn(survey, flintlockd.mainPid);
  if (held !== null) return held;
  const startMs = clock.value.nowMs - ageMs;
  const stalled = async (): Promise<ReturnType<typeof problem<Stalled>>> => {
    const causes = await stallCauses(survey, settings.value, flintlockd, startMs);
    const why = causes.standing[0]?.text ?? causes.words?.text ?? "its log does not say why";
    const what = missing.length === 0 ? "looks after no MicroVM" : `does not listen on ${missing.join(" and ")}`;
    const seen = evidenceOf(flintlockd, missing, causes, startMs, first.at);
    return problem(`flintlockd is active, but ${what}: ${why}`, seen, { ...causes, missing }, { advice: forGood(flintlockd, layout.value, causes) });
  };
  if (expected.length === 0) return first.value.failed === null ? healthy("flintlockd is told to serve no API (disable-api)") : stalled();
  if (missing.length === 0) return healthy(`flintlockd listens on ${expected.join(" and ")}`);
  // Where one part of it fails, it closes everything; so this one was started with other settings.
  if (first.value.sockets.length > 0 && ageMs >= settleMs)
    return healthy(
      `flintlockd listens on ${first.value.sockets.join(" and ")}`,
      [],
      [`flintlockd was started before it was told to listen on ${missing.join(" and ")}: that comes with its next restart`],
    );
  const later = ageMs < settleMs ? await whenSettled(survey, flintlockd, settleMs - ageMs, expected) : null;
  return later ?? stalled();
}

/** Its sockets stay, and nobody answers on them. Null: its process goes on (proc_pid_stat(5): T is stopped by a signal, t by a tracer). */
async function heldIn(survey: Survey, pid: number): Promise<ReturnType<typeof problem<Stalled>> | null> {
  const ref = `/proc/${pid}/stat`;
  const stat = await survey.host.ask({ ask: "file", path: ref });
  const held = stat.kind === "known" ? parseStat(stat.value.text)?.state : undefined;
  if (stat.kind !== "known" || (held !== "T" && held !== "t")) return null;
  const text = `process ${pid} is ${held === "T" ? "stopped by a signal" : "held by a debugger"} (state ${held})`;
  const seen = [evidence({ source: "file", ref, at: stat.at, excerpt: text })];
  const hint = `end the debugger, or have it let go of the process: grep TracerPid /proc/${pid}/status`;
  const standing = held === "t" ? [{ code: "TRACED", text, hint, seen: { source: "file" as const, ref } }] : [];
  const advice = held === "T" ? [`where a person stopped it: kill -CONT ${pid} lets it go on without a restart`] : [];
  return problem(`flintlockd is active, but answers nobody: ${text}`, seen, { words: null, standing, missing: [] }, { advice });
}

/** What is stalled stays: one process, that waits for a signal. */
const doesNotStay = ({ name }: Unit): ReturnType<typeof healthy> =>
  healthy(`the process of ${name} ended while it was looked at, so it is not stalled (see service-crash-loop)`);

/** Null: it is the same process, and still does not serve. */
async function whenSettled(survey: Survey, before: Unit, leftMs: number, expected: string[]): Promise<ReturnType<typeof problem<Stalled>> | null> {
  await pause(survey.host, Math.ceil(leftMs / 500) * 500);
  const now = await unitNow(survey.host, before.name);
  if (now.kind !== "known") return unknownBecause(now.why);
  if (now.value.mainPid !== before.mainPid) return doesNotStay(before);
  const seen = await servingOf(survey.host, before.mainPid, expected);
  if (seen.kind === "absent") return doesNotStay(before);
  if (seen.kind !== "known") return unknownBecause(seen.why);
  return seen.value.listening.length === expected.length ? healthy(`flintlockd listens on ${expected.join(" and ")}, since a moment ago`) : null;
}

function evidenceOf(unit: Unit, missing: readonly string[], { words, standing }: StallCauses, startMs: number, at: string): Evidence[] {
  const started = new Date(startMs).toISOString();
  return [
    evidence({ source: "command", ref: `systemctl show ${unit.name}`, at, excerpt: `ActiveState=active MainPID=${unit.mainPid}, started ${started}` }),
    ...(missing.length === 0
      ? []
      : [
          evidence({
            source: "file",
            ref: `/proc/${unit.mainPid}/net/tcp`,
            at,
            excerpt: `process ${unit.mainPid} listens on nothing; expected: ${missing.join(", ")}`,
          }),
        ]),
    ...(words ? [evidence({ source: "journal", ref: unit.name, at: started, excerpt: words.text })] : []),
    ...standing.filter(({ text }) => text !== words?.text).map(({ text, seen }) => evidence({ ...seen, at, excerpt: text })),
  ];
}

/** systemd.unit(5): `Requires=` without `After=` starts both at the same moment. */
function forGood(unit: Unit, { containerdUnit }: Layout, { words, standing }: StallCauses): string[] {
  if (unit.after.includes(containerdUnit) || (words !== null && words.kind !== "containerd")) return [];
  if (standing.some(({ code }) => code === "CONTAINERD_SOCKET")) return [];
  return [
    `${unit.name} has no After=${containerdUnit}, so each crash of containerd leaves flintlockd like this; for good: a drop-in with "[Unit]" and "After=${containerdUnit}" (systemctl edit ${unit.name}), which fix install also adds`,
  ];
}

function remedy({ standing }: Stalled, context: PlanContext): Remedy {
  const mended = mendContainerd.some((other) => context.findings.get(other)?.status === "problem");
  const hinders = standing.filter(({ code }) => code !== "CONTAINERD_NOT_ANSWERING" || !mended);
  if (hinders.length > 0) return { steps: [], refusals: hinders.map(({ code, text, hint }) => ({ finding: id, code, message: text, hint })), advice: [] };
  // A containerd that does not answer yet comes with a cure that waits for the pool.
  return { steps: bringUpFlintlockd(context, [id], { needs: standing.length > 0 ? ["pool"] : [] }), refusals: [], advice: [] };
}

/**
 * Restarts of the two daemons. A restart of containerd pulls flintlockd with it through `Requires=`, without waiting for
 * containerd's socket; so flintlockd is stopped first and started last, once (flintlockd.service; systemd.unit(5), Requires=).
 */

import type { PlanContext, RestartFacts } from "../remediation.ts";
import type { FindingId, Risk } from "../report.ts";
import type { Action, Resource, Step } from "./action.ts";

/** How long a unit may take to be active, and flintlockd to serve: it dials containerd for up to 10 s. */
const startMs = 60_000;
const servingMs = 45_000;
/** A process that is still the same after so long is taken to have settled: a crash on a bad setting comes within 1 s. */
const steadyMs = 3_000;

const noMicrovm = "no running MicroVM is touched";

/** What a unit's end does to running MicroVMs, and what flintlockd's start does. */
function riskOf(ends: string | null, doubles: string | null, otherwise: Risk = "disruptive"): { risk: Risk; impact: string } {
  const impact = [
    ...(ends === null ? [] : [`running MicroVMs end: ${ends}`]),
    ...(doubles === null ? [] : [`data of a running MicroVM is destroyed: ${doubles}`]),
  ];
  return impact.length === 0 ? { risk: otherwise, impact: noMicrovm } : { risk: "destructive", impact: impact.join("; ") };
}

export function stopFlintlockd({ restart, units }: PlanContext, because: FindingId[]): Step[] {
  if (!restart.flintlockdActive) return [];
  return [
    {
      key: "stop-flintlockd",
      id: "stop-flintlockd",
      title: `stop ${units.flintlockd} while its storage is put right`,
      because,
      ...riskOf(restart.flintlockdEndsMicrovms, null),
      actions: [{ do: "run", argv: ["systemctl", "stop", units.flintlockd], timeoutMs: 100_000 }],
      done: { is: "unit-inactive", unit: units.flintlockd },
      provides: ["flintlockd-stopped"],
      after: [],
      needs: ["flintlockd-startable"],
      onlyBefore: ["pool", "containerd"],
    },
  ];
}

/** Restarts containerd, or starts it where it is not running; with flintlockd stopped before and brought up after. */
export function bringUpContainerd(context: PlanContext, because: FindingId[], options: { anyRun?: boolean } = {}): Step[] {
  const { restart, units } = context;
  const verb = restart.containerdActive ? "restart" : "start";
  return [
    ...stopFlintlockd(context, because),
    {
      key: "containerd",
      id: `${verb}-containerd`,
      title: `${verb} ${units.containerd}`,
      because,
      ...riskOf(restart.containerdEndsMicrovms, restart.containerdDoublesMicrovms),
      actions: [
        ...bringUp(verb, units.containerd, restart),
        { do: "await", that: { is: "unit-active", unit: units.containerd }, withinMs: startMs },
        ...untilLoaded(restart),
      ],
      provides: ["containerd"],
      after: ["pool", "pool-upkeep", "flintlockd-stopped"],
      needs: ["pool", "containerd-startable", ...(restart.containerdTakesFlintlockd ? (["config", "flintlockd-startable"] as const) : [])],
    },
    ...bringUpFlintlockd(context, because, { ...options, needs: ["pool"] }),
  ];
}

function bringUp(verb: "start" | "restart", unit: string, { givenUp }: RestartFacts): Action[] {
  const reset: Action[] = givenUp.includes(unit) ? [{ do: "run", argv: ["systemctl", "reset-failed", unit] }] : [];
  return [...reset, { do: "run", argv: ["systemctl", verb, unit], timeoutMs: 100_000 }];
}

/** Without ctr nobody can ask: then the unit itself says when it is ready (Type=notify), and the last look that the plugin could not be told. */
function untilLoaded({ ctr, socket }: RestartFacts): Action[] {
  return ctr === null ? [] : [{ do: "await", that: { is: "plugin-ok", ctr, socket }, withinMs: startMs }];
}

/**
 * Restarts flintlockd, or starts it where it is not running, and waits until it serves. `anyRun`: it is known that no person stopped it.
 * It comes up without a pool, too, and MicroVMs then fail as they do anyway: `needs` is for whoever restarts it for what is on the pool.
 */
export function bringUpFlintlockd(
  { restart, units, policy }: PlanContext,
  because: FindingId[],
  { anyRun = false, microvms = [], needs = [] }: { anyRun?: boolean; microvms?: string[]; needs?: Resource[] } = {},
): Step[] {
  // A unit that a person stopped stays stopped unless a person runs this (the contract, `service-down`).
  if (!restart.flintlockdActive && policy.unattended && !restart.flintlockdStoppedByUs && !anyRun) return [];
  const verb = restart.flintlockdActive ? "restart" : "start";
  return [
    {
      key: "flintlockd",
      id: `${verb}-flintlockd`,
      title: `${verb} ${units.flintlockd}`,
      because,
      ...(microvms.length > 0 ? { microvms } : {}),
      ...(verb === "restart"
        ? riskOf(restart.flintlockdEndsMicrovms, restart.flintlockdDoublesMicrovms)
        : riskOf(null, restart.flintlockdDoublesMicrovms, "safe")),
      actions: [
        ...bringUp(verb, units.flintlockd, restart),
        { do: "await", that: { is: "serving", unit: units.flintlockd, endpoints: restart.endpoints, steadyMs }, withinMs: servingMs },
      ],
      provides: ["flintlockd"],
      after: ["pool", "pool-upkeep", "containerd", "modules", "config", "taps", "pid-files", "flintlockd-stopped"],
      needs: [...needs, "containerd", "config", "flintlockd-startable"],
      confirms: ["config"],
      compensates: "stop-flintlockd",
    },
  ];
}

import { describe, expect, test } from "@jest/globals";
import macvtapUnavailable from "../../../remediations/macvtap-unavailable.ts";
import microvmGaveUp from "../../../remediations/microvm-gave-up.ts";
import microvmNotStarted from "../../../remediations/microvm-not-started.ts";
import microvmPidReused from "../../../remediations/microvm-pid-reused.ts";
import thinpoolUnhealthy from "../../../remediations/thinpool-unhealthy.ts";
import { look } from "../../../src/detector.ts";
import { plan, type Plan } from "../../../src/planner.ts";
import { defaultPolicy } from "../../../src/policy.ts";
import type { Finding, Remediation } from "../../../src/remediation.ts";
import type { FindingId } from "../../../src/report.ts";
import { commandsOf, type Step } from "../../../src/steps/action.ts";
import { Survey } from "../../../src/survey/survey.ts";
import { fakeHost, type FakeHost } from "../../support/fake-host.ts";
import { a, blobs, bootId, c, clock, rebooted } from "../../support/rebooted.ts";
import { shown } from "../../support/services.ts";

const catalogue: Remediation[] = [microvmNotStarted, microvmPidReused, microvmGaveUp];
const folder = (id: string): string => `/var/lib/flintlock/vm/${id}`;
const uidOf = (id: string): string => id.split("/")[2] ?? "";
const stat = (pid: string): Record<string, string> => ({ [`/proc/${pid}/stat`]: `${pid} (x) S ${"1 ".repeat(18)}500 0` });
const runs = (id: string, pid: string, file = "firecracker"): Record<string, string> => ({
  [`${folder(id)}/${file}.pid`]: pid,
  ...stat(pid),
  [`/proc/${pid}/cmdline`]: `x\0--id\0${uidOf(id)}\0`,
});
const cRuns = runs(c, "88", "cloudhypervisor");

/** Both records, with the newest status of each changed. */
const stored = (changes: Record<string, { state?: string; retry?: number; notBefore?: number }>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(blobs).map(([path, text]) => {
      const { state, retry, notBefore } = Object.entries(changes).find(([id]) => text.includes(id))?.[1] ?? {};
      const status = text.indexOf('"status"');
      const changed = text
        .slice(status)
        .replace(/"state":"[^"]*"/, (old) => (state === undefined ? old : `"state":"${state}"`))
        .replace(/"retry":\d+/, (old) => (retry === undefined ? old : `"retry":${retry}`))
        .replace(/"not_before":\d+/, (old) => (notBefore === undefined ? old : `"not_before":${notBefore}`));
      return [path, text.slice(0, status) + changed];
    }),
  );

/** Seconds since the epoch at which flintlockd was started, and an hour later. */
const started = 1_795_555_129;
const later = { ...clock, nowMs: clock.nowMs + 3_600_000, monotonicUs: clock.monotonicUs + 3_600_000_000 };

/** Ten minutes later. */
const soon = { ...clock, nowMs: clock.nowMs + 600_000, monotonicUs: clock.monotonicUs + 600_000_000 };

const bringUpModules: Omit<Step, "because"> = {
  ...{ key: "load-macvlan", id: "load-macvlan", title: "", risk: "safe", impact: "", actions: [] },
  ...{ provides: ["modules"], after: [], needs: [] },
};

async function seen(host: FakeHost, others: Partial<Finding>[] = [], planners = catalogue): Promise<{ finding: (id: FindingId) => Finding; plan: Plan }> {
  const survey = new Survey(
    fakeHost(host),
    defaultPolicy,
    catalogue.flatMap(({ id, signatures }) => signatures.map((signature) => ({ finding: id, signature }))),
  );
  const told = await look(survey, catalogue);
  const findings = [
    ...told.findings,
    ...others.map((other) => ({ status: "problem", summary: "", evidence: [], microvms: [], facts: {}, advice: [], ...other }) as Finding),
  ];
  const restart = { ...told.restart, flintlockdEndsMicrovms: null, containerdEndsMicrovms: null, flintlockdActive: true };
  const made = plan(planners, {
    policy: defaultPolicy,
    profile: "dev",
    findings: new Map(findings.map((one) => [one.id, one])),
    nowMs: told.nowMs,
    units: told.units,
    microvms: told.microvms,
    restart,
  });
  const finding = (id: FindingId): Finding => {
    const one = told.findings.find((each) => each.id === id);
    if (!one) throw new Error(id);
    return one;
  };
  return { finding, plan: made };
}

/** The plan cures it by these steps, or by none. */
const cures = (remediation: Remediation, own: Step[]): Remediation => ({ ...remediation, remedy: () => ({ steps: own, refusals: [], advice: [] }) });

const steps = (made: Plan): string[] => made.steps.map(({ id }) => id);
const codes = (made: Plan): string[] => made.refusals.map(({ code }) => code);

describe("microvm-not-started", () => {
  const overdue = { state: "pending", retry: 2, notBefore: started + 10 };

  test("tried again by its own timer: no fault", async () => {
    const { finding, plan: made } = await seen(rebooted());
    expect(finding("microvm-not-started")).toMatchObject({ status: "healthy", summary: "2 MicroVMs wait and are tried again" });
    expect(steps(made)).toEqual([]);
  });

  test("passed over at flintlockd's start, due since: one restart of flintlockd", async () => {
    // It failed in the process before: not_before minus its backoff lies before the start.
    const { finding, plan: made } = await seen(rebooted({ clock: later, files: { ...stored({ [a]: overdue, [c]: {} }), ...cRuns } }));
    expect(finding("microvm-not-started")).toMatchObject({ status: "problem", microvms: [a] });
    expect(steps(made)).toEqual(["restart-flintlockd"]);
    expect(codes(made)).toEqual([]);
  });

  test("not while another's not_before lies ahead: a restart would take its timer", async () => {
    const ahead = { state: "pending", retry: 3, notBefore: Math.floor(later.nowMs / 1000) + 30 };
    const { finding, plan: made } = await seen(rebooted({ clock: later, files: stored({ [a]: overdue, [c]: ahead }) }));
    expect(finding("microvm-not-started").status).toBe("healthy");
    expect(steps(made)).toEqual([]);
  });

  test("not while flintlockd is at work on another", async () => {
    const busy = JSON.stringify({
      __MONOTONIC_TIMESTAMP: "31000000",
      __REALTIME_TIMESTAMP: "1795555150000000",
      _BOOT_ID: bootId,
      _SYSTEMD_UNIT: "flintlockd.service",
      _SYSTEMD_INVOCATION_ID: "656c116f18394eb2aa707559fbdd9d6b",
      _UID: "0",
      _TRANSPORT: "stdout",
      MESSAGE: 'level=info msg="started executing plan"',
    });
    const { finding } = await seen(rebooted({ clock: soon, files: { ...stored({ [a]: overdue }), ...cRuns }, commands: { journalctl: busy } }));
    expect(finding("microvm-not-started").status).toBe("healthy");
  });

  test("its hypervisor died, by no fault of its own: a restart", async () => {
    const { plan: made } = await seen(
      rebooted({ clock: later, files: { ...stored({ [a]: { state: "created", retry: 0, notBefore: 0 } }), ...cRuns, [`${folder(a)}/firecracker.pid`]: "77" } }),
    );
    expect(steps(made)).toEqual(["restart-flintlockd"]);
  });

  test.each([
    ["at once", clock],
    ["an hour later", later],
  ])("its pid file was put aside by a run that was killed before the restart, %s: that restart", async (_, when) => {
    const ledger = JSON.stringify({ at: "x", bootId, run: "r", event: "step-begins", step: "clear-stale-pid", monotonicUs: 20_000_000 });
    const files = { ...stored({ [a]: { state: "created", retry: 0, notBefore: 0 } }), ...cRuns, "/var/lib/flintlock-fix/ledger.jsonl": ledger };
    const { finding, plan: made } = await seen(rebooted({ clock: when, files }));
    expect(finding("microvm-not-started")).toMatchObject({ status: "problem", microvms: [a] });
    expect([steps(made), codes(made)]).toEqual([["restart-flintlockd"], []]);
  });

  /** Lines of the ledger: flintlockd was restarted for these (undefined: for all), and `after` happened since. */
  const restartedFor = (microvms: string[] | undefined, after: object[] = []): Record<string, string> => ({
    "/var/lib/flintlock-fix/ledger.jsonl": [
      { event: "step-begins", step: "restart-flintlockd", because: ["microvm-not-started"], microvms, monotonicUs: 10_000_000 },
      { event: "step-ends", step: "restart-flintlockd", outcome: "done", monotonicUs: 15_000_000 },
      ...after,
    ]
      .map((line) => JSON.stringify({ at: "x", bootId, run: "r", ...line }))
      .join("\n"),
  });
  const provedWell = { event: "run-ends", exitCode: 0, monotonicUs: 16_000_000 };
  const endedIll = { event: "run-ends", exitCode: 3, monotonicUs: 16_000_000 };
  const created = stored({ [a]: { state: "created", retry: 0, notBefore: 0 } });

  test.each<[string, string[] | undefined, object[], number, string[], string[]]>([
    ["but not a second time for the same: then it is a riddle", [a], [], -600, [], ["NOT_STARTED_UNEXPLAINED"]],
    ["nor where that was for all", undefined, [], -600, [], ["NOT_STARTED_UNEXPLAINED"]],
    ["nor where its hypervisor was started by that and died without a word", [a], [endedIll], 5, [], ["HYPERVISOR_FAILED"]],
    ["nor where that was for all, and it died likewise", undefined, [], 5, [], ["HYPERVISOR_FAILED"]],
    ["again where its hypervisor was seen to run since, and died", [a], [provedWell], 5, ["restart-flintlockd"], []],
    ["again where that was for another one", [c], [], -600, ["restart-flintlockd"], []],
  ])("%s", async (_name, microvms, after, pidFileAge, planned, refused) => {
    const mtimes = { [`${folder(a)}/firecracker.pid`]: (started + pidFileAge) * 1000 };
    const files = { ...created, ...cRuns, [`${folder(a)}/firecracker.pid`]: "77", ...restartedFor(microvms, after) };
    const { plan: made } = await seen(rebooted({ clock: later, files, mtimes }));
    expect([steps(made), codes(made)]).toEqual([planned, refused]);
    expect(made.steps.flatMap((step) => step.microvms ?? [])).toEqual(planned.length > 0 ? [a] : []);
  });

  /** So soon after flintlockd's start that it may still be at it. */
  const atOnce = { ...clock, nowMs: (started + 9) * 1000, monotonicUs: clock.monotonicUs - (clock.nowMs - (started + 9) * 1000) * 1000 };
  const ended = [["at once", atOnce] as const, ["an hour later", later] as const];
  test.each(
    ended.flatMap(([when, now]) => [
      { when, now, name: "with words in .log alone", log: 5, ledger: {}, refused: ["HYPERVISOR_FAILED"], says: "firecracker.log says: no /dev/kvm" },
      {
        when,
        now,
        name: "with words in .log, once flintlockd was restarted for it",
        log: 5,
        ledger: restartedFor([a]),
        refused: ["HYPERVISOR_FAILED"],
        says: "says: no",
      },
      {
        when,
        now,
        name: "without a word, once flintlockd was restarted for it",
        log: -900,
        ledger: restartedFor([a]),
        refused: ["HYPERVISOR_FAILED"],
        says: "without a word",
      },
      { when, now, name: "that ran on: .log is its everyday talk", log: 5, ran: { stdout: 7.5 }, ledger: {}, refused: [], says: "" },
      { when, now, name: "that ran on, by its metrics", log: 5, ran: { metrics: 65 }, ledger: {}, refused: [], says: "" },
      { when, now, name: "that wrote to .log while it ran", log: 8, ledger: {}, refused: [], says: "" },
    ]),
  )("a hypervisor that flintlockd started and that ended $name, looked at $when", async ({ now, log, ran = {}, ledger, refused, says }) => {
    const path = (ending: string): string => `${folder(a)}/firecracker.${ending}`;
    const files = { ...created, ...cRuns, ...ledger, [path("pid")]: "77", [path("stderr")]: "", [path("log")]: "no /dev/kvm\n" };
    const mtimes: Record<string, number> = { [path("pid")]: (started + 5) * 1000, [path("log")]: (started + log) * 1000 };
    const signs = Object.fromEntries(Object.keys(ran).map((ending) => [path(ending), ""]));
    for (const [ending, seconds] of Object.entries(ran)) mtimes[path(ending)] = (started + seconds) * 1000;
    const { plan: made } = await seen(rebooted({ clock: now, files: { ...files, ...signs }, mtimes }));
    expect(codes(made)).toEqual(refused);
    expect(steps(made)).toEqual(refused.length > 0 || now === atOnce ? [] : ["restart-flintlockd"]);
    expect(made.refusals.map(({ message }) => message).join()).toContain(says);
  });

  test("tried again by its own timer, it is left to that, also where its hypervisor died without a word", async () => {
    const ahead = { state: "pending", retry: 1, notBefore: Math.floor(clock.nowMs / 1000) + 10 };
    const files = { ...stored({ [a]: ahead }), ...cRuns, [`${folder(a)}/firecracker.pid`]: "77", ...restartedFor([a]) };
    const mtimes = { [`${folder(a)}/firecracker.pid`]: (started + 5) * 1000 };
    const { finding } = await seen(rebooted({ files, mtimes }));
    expect(finding("microvm-not-started").status).toBe("healthy");
  });

  test("the hypervisor itself failed since flintlockd's start: its last words, and no restart", async () => {
    const [pid, stderr] = [`${folder(a)}/firecracker.pid`, `${folder(a)}/firecracker.stderr`];
    const files = {
      ...stored({ [a]: { state: "created", retry: 0, notBefore: 0 } }),
      ...cRuns,
      [pid]: "77",
      [stderr]: "Error: no \u001b[31mkvm\nError: no \u001b[31mkvm\n",
    };
    const mtimes = { [pid]: (started + 5) * 1000, [stderr]: (started + 5) * 1000 };
    const { finding, plan: made } = await seen(rebooted({ clock: later, files, mtimes }));
    expect(finding("microvm-not-started").evidence).toEqual([
      { source: "file", ref: stderr, at: "2026-11-24T21:18:54.000Z", excerpt: "Error: no \\u{1b}[31mkvm" },
    ]);
    expect(steps(made)).toEqual([]);
    expect(codes(made)).toEqual(["HYPERVISOR_FAILED"]);
    expect(made.refusals[0]?.message).toContain("Error: no \\u{1b}[31mkvm");
    // What it said at an earlier start is no reason.
    const old = await seen(rebooted({ clock: later, files, mtimes: { ...mtimes, [stderr]: (started - 600) * 1000 } }));
    expect(steps(old.plan)).toEqual(["restart-flintlockd"]);
  });

  test("flintlockd took it up at its start and nothing came of it: status 4 with flintlockd's words", async () => {
    const { plan: made } = await seen(rebooted({ clock: later, files: { ...stored({ [a]: { state: "pending", retry: 0, notBefore: 0 } }), ...cRuns } }));
    expect(steps(made)).toEqual([]);
    expect(codes(made)).toEqual(["NOT_STARTED_UNEXPLAINED"]);
    expect(made.refusals[0]?.message).toContain("snapshotter not loaded");
  });

  test("what explains it is shown, and nothing is done for it here", async () => {
    const host = rebooted({ clock: later, files: { ...stored({ [a]: overdue }), ...cRuns } });
    const pool = await seen(host, [{ id: "thinpool-missing" }]);
    expect(steps(pool.plan)).toEqual([]);
    expect(pool.plan.explainedBy.get("microvm-not-started")).toBe("thinpool-missing");
    const touched = await seen(host, [{ id: "bridge-name-missing", microvms: [a] }]);
    expect(touched.plan.explainedBy.get("microvm-not-started")).toBe("bridge-name-missing");
    const other = await seen(host, [{ id: "bridge-name-missing", microvms: [c] }]);
    expect(other.plan.explainedBy.get("microvm-not-started")).toBeUndefined();
    expect(steps(other.plan)).toEqual(["restart-flintlockd"]);
  });

  const macvtapOf = (cured: boolean): Remediation => cures(macvtapUnavailable, cured ? [{ ...bringUpModules, because: ["macvtap-unavailable"] }] : []);
  const grows: Step = { ...bringUpModules, key: "grow", id: "grow-devpool", provides: ["pool"], because: ["thinpool-unhealthy"] };
  const poolOf = (cured: boolean): Remediation => cures({ ...thinpoolUnhealthy, breaks: () => ["pool"] }, cured ? [grows] : []);
  test.each<[string, Remediation, string[]]>([
    ["macvtap, which the plan brings: the restart follows it", macvtapOf(true), ["load-macvlan", "restart-flintlockd"]],
    ["macvtap, which it does not bring: no restart", macvtapOf(false), []],
    ["a full pool, which the plan grows: the restart follows it", poolOf(true), ["grow-devpool", "restart-flintlockd"]],
    ["a pool that it does not cure: no restart", poolOf(false), []],
  ])("passed over, and hindered only by %s", async (_name, other, planned) => {
    const files = { ...stored({ [c]: overdue }), ...runs(a, "77") };
    const { plan: made } = await seen(rebooted({ clock: later, files }), [{ id: other.id, microvms: [c] }], [other, ...catalogue]);
    expect(steps(made)).toEqual(planned);
    expect(made.explainedBy.get("microvm-not-started")).toBe(other.id);
  });

  test.each<[string, boolean, string[]]>([
    ["both", true, [a, c]],
    ["one", false, [a]],
  ])("two are passed over, and one of them is hindered by macvtap: the restart is for %s", async (_name, cured, microvms) => {
    const files = stored({ [a]: overdue, [c]: overdue });
    const { plan: made } = await seen(rebooted({ clock: later, files }), [{ id: "macvtap-unavailable", microvms: [c] }], [macvtapOf(cured), ...catalogue]);
    const restart = made.steps.find(({ id }) => id === "restart-flintlockd");
    expect([...(restart?.microvms ?? [])].sort()).toEqual([...microvms].sort());
  });

  test("a fault of the pool that does not keep it from serving hinders nobody", async () => {
    const files = { ...stored({ [c]: overdue }), ...runs(a, "77") };
    const { plan: made } = await seen(rebooted({ clock: later, files }), [{ id: "thinpool-unhealthy" }]);
    expect(steps(made)).toEqual(["restart-flintlockd"]);
    expect(made.explainedBy.get("microvm-not-started")).toBeUndefined();
  });

  test("flintlockd is stopped: nobody tries, and that is another finding's", async () => {
    const stopped = shown("rebooted", { "flintlockd.service": { ActiveState: "inactive", SubState: "dead", MainPID: "0" } });
    const { finding, plan: made } = await seen(rebooted({ commands: { "systemctl show": stopped } }), [{ id: "service-down" }]);
    expect(finding("microvm-not-started").status).toBe("problem");
    expect(made.explainedBy.get("microvm-not-started")).toBe("service-down");
    expect(codes(made)).toEqual([]);
  });

  test("what cannot be read is unknown", async () => {
    const { finding } = await seen(
      rebooted({
        unreadable: { [Object.keys(blobs)[0] ?? ""]: "denied", "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256": "denied" },
        commands: { "ctr --connect-timeout 2s -a /run/containerd-dev/containerd.sock -n flintlock content ls": { status: 1 } },
      }),
    );
    for (const { id } of catalogue) expect(finding(id).status).toBe("unknown");
  });
});

describe("microvm-pid-reused", () => {
  const pidFile = `${folder(a)}/firecracker.pid`;
  const foreign = { [pidFile]: "77", ...stat("77"), "/proc/77/cmdline": "/usr/sbin/cron\0-f\0" };

  test("the pid file goes aside, then flintlockd is restarted", async () => {
    const { finding, plan: made } = await seen(rebooted({ files: { ...foreign, ...cRuns } }));
    expect(finding("microvm-pid-reused")).toMatchObject({
      status: "problem",
      microvms: [a],
      evidence: [{ ref: pidFile, excerpt: "77, which is /usr/sbin/cron -f" }],
    });
    expect(steps(made)).toEqual(["clear-stale-pid", "restart-flintlockd"]);
    expect(made.steps.flatMap(commandsOf)[0]).toEqual(["mv", "--no-clobber", "--", pidFile, `${pidFile}.stale-20261124T200000Z`]);
    expect(made.steps[0]?.actions[0]).toMatchObject({ unless: { is: "pid-not", path: pidFile, pid: 77, startTicks: 500 } });
  });

  test("of one that was given up: aside, for a delete would signal that process; no restart helps", async () => {
    const { finding, plan: made } = await seen(rebooted({ files: { ...stored({ [a]: { state: "failed", retry: 11 } }), ...foreign, ...cRuns } }));
    expect(finding("microvm-pid-reused").status).toBe("problem");
    expect(steps(made)).toEqual(["clear-stale-pid"]);
    expect(made.refusals).toEqual([expect.objectContaining({ code: "GAVE_UP", hint: expect.stringContaining("names somebody else's process") })]);
  });

  test("a name with a brace, which means something in a plan, is left to a person", async () => {
    const id = a.replace("/a/", "/{data-loop}/");
    const renamed = Object.fromEntries(Object.entries(blobs).map(([path, text]) => [path, text.replaceAll(`"id":"${a}"`, `"id":"${id}"`)]));
    const files = { ...renamed, ...cRuns, [`${folder(id)}/firecracker.pid`]: "77", ...stat("77"), "/proc/77/cmdline": "cron\0" };
    const { plan: made } = await seen(rebooted({ files }));
    expect(steps(made)).toEqual([]);
    expect(codes(made)).toEqual(["UNSAFE_NAME"]);
  });

  const garbled = { [pidFile]: "" };
  const soonTried = Math.floor(clock.nowMs / 1000) + 20;
  test.each<[string, { state?: string; retry?: number; notBefore?: number }, string[], string[]]>([
    ["aside, and a restart takes it up", { state: "created", retry: 0, notBefore: 0 }, ["clear-stale-pid", "restart-flintlockd"], []],
    ["aside, and its own timer takes it up: a restart would end that", { retry: 2, notBefore: soonTried }, ["clear-stale-pid"], []],
    ["given up: aside, for a delete would fail on it too", { state: "failed", retry: 11 }, ["clear-stale-pid"], ["GAVE_UP"]],
  ])("no number in it: %s", async (_name, status, planned, refused) => {
    const { finding, plan: made } = await seen(rebooted({ files: { ...stored({ [a]: status }), ...garbled, ...cRuns } }));
    expect(finding("microvm-pid-reused")).toMatchObject({ status: "problem", microvms: [a], evidence: [{ ref: pidFile }] });
    expect([steps(made), codes(made)]).toEqual([planned, refused]);
    expect(made.steps[0]?.actions[0]).toMatchObject({ argv: expect.arrayContaining(["mv", pidFile]), unless: { is: "file-not", path: pidFile } });
    expect(finding("microvm-not-started")).toMatchObject({ status: "healthy" });
    expect(finding("microvm-not-started").summary).not.toMatch(/every MicroVM that is wanted runs(?!, or was given up$)/);
  });

  test("one that cannot be read: unknown, with the MicroVM and the reason, and what is known is cured all the same", async () => {
    const files = stored({ [a]: { state: "created", retry: 0, notBefore: 0 } });
    const { finding, plan: made } = await seen(rebooted({ files: { ...files, ...cRuns }, unreadable: { [pidFile]: "denied" } }));
    for (const id of ["microvm-pid-reused", "microvm-not-started"] as const)
      expect(finding(id)).toMatchObject({ status: "unknown", microvms: [a], summary: expect.stringMatching(new RegExp(`${a}.*denied`)) });
    expect(finding("microvm-gave-up").status).toBe("healthy");
    expect(steps(made)).toEqual([]);
    const other = await seen(rebooted({ files: { ...files, [`${folder(c)}/cloudhypervisor.pid`]: "77", ...foreign }, unreadable: { [pidFile]: "denied" } }));
    expect(other.finding("microvm-pid-reused")).toMatchObject({ status: "problem", microvms: [c], summary: expect.stringMatching(new RegExp(`${a}.*denied`)) });
    expect(steps(other.plan)).toEqual(["clear-stale-pid", "restart-flintlockd"]);
    const given = await seen(rebooted({ files: { ...files, ...stored({ [a]: { state: "failed", retry: 11 } }) }, unreadable: { [pidFile]: "denied" } }));
    expect(given.finding("microvm-gave-up")).toMatchObject({ status: "problem", microvms: [a] });
  });

  test.each([
    ["not there", {}],
    ["of another process", foreign],
    ["of no process", { [pidFile]: "79" }],
    ["without a number", garbled],
  ])("%s, and its own hypervisor lives: nothing that starts a second one, and the way out", async (_name, named) => {
    const own = { ...stat("78"), "/proc/78/cmdline": `firecracker\0--id\0${uidOf(a)}\0` };
    const host = rebooted({
      clock: later,
      files: { ...named, ...own, ...stored({ [a]: { state: "created", retry: 0, notBefore: 0 }, [c]: { retry: 2, notBefore: started + 10 } }) },
    });
    const { finding, plan: made } = await seen(host);
    expect(finding("microvm-pid-reused")).toMatchObject({
      status: "problem",
      microvms: [a],
      evidence: [{ ref: pidFile }, { ref: "/proc/78/cmdline", excerpt: `firecracker --id ${uidOf(a)}` }],
    });
    // The other one waits for a restart, which would start a second hypervisor of this one.
    expect(finding("microvm-not-started")).toMatchObject({ status: "problem", microvms: [c] });
    expect(steps(made)).toEqual([]);
    expect(codes(made).sort()).toEqual(["DESTRUCTIVE_WITHOUT_CONSENT", "HYPERVISOR_UNDER_OTHER_PID"]);
    expect(made.refusals.map(({ hint }) => hint)).toContain(`name the one that runs: echo 78 > ${pidFile}`);
    expect(made.refusals.map(({ message }) => message).join()).toContain(`second hypervisor on the disk of ${a} (process 78)`);
  });

  test("its own hypervisor, or none, is healthy", async () =>
    expect((await seen(rebooted({ files: { ...runs(a, "77"), ...cRuns } }))).finding("microvm-pid-reused").status).toBe("healthy"));
});

describe("microvm-gave-up", () => {
  const given = { ...stored({ [a]: { state: "failed", retry: 11, notBefore: started + 60 } }), ...cRuns };

  test("which, why, whether the host could serve it now, and how to make it again", async () => {
    const { finding, plan: made } = await seen(rebooted({ files: given }));
    expect(finding("microvm-gave-up")).toMatchObject({ status: "problem", microvms: [a] });
    expect(finding("microvm-gave-up").evidence[0]).toMatchObject({ excerpt: `${a}: state failed, retry 11` });
    const [refusal] = made.refusals;
    expect(refusal).toMatchObject({ code: "GAVE_UP", message: expect.stringContaining("snapshotter not loaded") });
    expect(refusal?.message).toContain("the host could serve it now");
    const uid = uidOf(a);
    expect(refusal?.hint).toMatch(new RegExp(`keep its spec: jq '.*' /var/lib/containerd/[\\w./]+ >${uid}.json;`));
    expect(refusal?.hint).toContain(`curl -fsS -X DELETE http://127.0.0.1:8090/v1alpha1/microvm/${uid}`);
    expect(refusal?.hint).toContain(`curl -fsS -X POST --data-binary @${uid}.json http://127.0.0.1:8090/v1alpha1/microvm`);
    expect(refusal?.hint).toContain("after 2026-11-24T21:19:49.000Z, and not before, delete it: ");
    expect(made.advice.map(({ message }) => message).join()).toContain("maximum-retry: 21");
    expect(steps(made)).toEqual([]);
  });

  test("the host could not serve it yet: what hinders it", async () => {
    const { plan: made } = await seen(rebooted({ files: given }), [{ id: "bridge-name-missing", microvms: [a] }]);
    expect(made.refusals[0]?.message).toContain("could not serve it yet: bridge-name-missing");
  });

  test("without the HTTP gateway: grpcurl, with a place for the token", async () => {
    const config = "bridge-name: br0\ncontainerd-socket: /run/containerd-dev/containerd.sock\ngrpc-endpoint: 0.0.0.0:9090\nbasic-auth-token: hunter2\n";
    const { plan: made } = await seen(rebooted({ files: { ...given, "/etc/opt/flintlockd/config.yaml": config } }));
    const hint = made.refusals[0]?.hint ?? "";
    expect(hint).toContain(
      `grpcurl -H "authorization: Basic $(printf %s 'TOKEN' | base64 -w0)" -d '{"uid":"${uidOf(a)}"}' 127.0.0.1:9090 microvm.services.api.v1alpha1.MicroVM/DeleteMicroVM`,
    );
    expect(hint).not.toContain("hunter2");
  });

  test("what a caller chose comes into no command", async () => {
    const id = a.replace("ns1/", "$(reboot)/");
    const renamed = Object.fromEntries(Object.entries(given).map(([path, text]) => [path, text.replaceAll(`"id":"${a}"`, `"id":"${id}"`)]));
    const { plan: made } = await seen(rebooted({ files: renamed }));
    expect(made.refusals[0]?.hint).not.toContain("reboot");
    expect(made.refusals[0]?.hint).toContain("curl -fsS -X DELETE");
  });
});

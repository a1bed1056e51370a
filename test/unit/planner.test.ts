import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { order, plan, type StepRuling } from "../../src/planner.ts";
import { defaultPolicy, type Policy } from "../../src/policy.ts";
import type { Finding, PlanContext, Remediation, Remedy } from "../../src/remediation.ts";
import type { FindingId, FindingStatus } from "../../src/report.ts";
import { commandsOf, type Resource, type Step } from "../../src/steps/action.ts";
import { bringUpContainerd, bringUpFlintlockd } from "../../src/steps/units.ts";
import type { Microvm } from "../../src/survey/microvms.ts";
import { harmless } from "../support/restart.ts";

const step = (key: string, changes: Partial<Step> = {}): Step => ({
  key,
  id: "load-macvlan",
  title: key,
  because: [],
  risk: "safe",
  impact: "",
  actions: [],
  provides: [],
  after: [],
  needs: [],
  ...changes,
});

interface Fake {
  id: FindingId;
  remedy: (context: PlanContext) => Partial<Remedy>;
  breaks?: Resource[];
  follows?: FindingId[];
  followsWhereTouched?: FindingId[];
}

const fake = ({ id, remedy, breaks = [], follows = [], followsWhereTouched = [] }: Fake): Remediation => ({
  id,
  means: "",
  told: "",
  cure: "",
  harm: "",
  signatures: [],
  breaks: () => breaks,
  follows,
  followsWhereTouched,
  inspect: () => Promise.reject(new Error("not looked at")),
  remedy: (_finding, context) => ({ steps: [], refusals: [], advice: [], ...remedy(context) }),
});

const finding = (id: FindingId, status: FindingStatus = "problem"): Finding => ({ id, status, summary: "", evidence: [], microvms: [], facts: {}, advice: [] });

const contextOf = (
  findings: Finding[],
  changes: { policy?: Partial<Policy>; restart?: Partial<PlanContext["restart"]>; microvms?: Microvm[]; nowMs?: number } = {},
): PlanContext => ({
  policy: { ...defaultPolicy, ...changes.policy },
  profile: "dev",
  findings: new Map(findings.map((each) => [each.id, each])),
  nowMs: changes.nowMs ?? 1_000_000,
  units: { flintlockd: "flintlockd.service", containerd: "containerd-dev.service" },
  microvms: changes.microvms ?? [],
  restart: { ...harmless, endpoints: ["127.0.0.1:9090"], socket: "/s", ...changes.restart },
});

const pool = fake({
  id: "thinpool-missing",
  breaks: ["pool"],
  remedy: (context) => ({
    steps: [
      step("pool", { id: "recreate-devpool", provides: ["pool"], after: ["flintlockd-stopped"], because: ["thinpool-missing"] }),
      ...bringUpContainerd(context, ["thinpool-missing"]),
    ],
  }),
});
const plugin = fake({
  id: "snapshotter-not-loaded",
  follows: ["thinpool-missing"],
  remedy: (context) => ({ steps: bringUpContainerd(context, ["snapshotter-not-loaded"]) }),
});
const bridge = fake({
  id: "bridge-name-missing",
  remedy: (context) => ({
    steps: [
      step("config", { id: "set-bridge-name", provides: ["config"], because: ["bridge-name-missing"] }),
      ...bringUpFlintlockd(context, ["bridge-name-missing"]),
    ],
  }),
});
const macvtap = fake({ id: "macvtap-unavailable", remedy: () => ({ steps: [step("modules", { provides: ["modules"], because: ["macvtap-unavailable"] })] }) });
const catalogue = [bridge, macvtap, plugin, pool];

const idsOf = (findings: Finding[], changes = {}): string[] => plan(catalogue, contextOf(findings, changes)).steps.map(({ id }) => id);

describe("the planner", () => {
  test.each([
    ["ctr", ["run", "unit-active", "plugin-ok"]],
    [null, ["run", "unit-active"]],
  ])("what tells that containerd is up, with ctr %j", (ctr, expected) => {
    const { steps } = plan(catalogue, contextOf([finding("snapshotter-not-loaded")], { restart: { ctr } }));
    const actions = steps.find(({ id }) => id === "restart-containerd")?.actions ?? [];
    expect(actions.map((action) => (action.do === "await" ? action.that.is : action.do))).toEqual(expected);
  });

  test("a missing pool: stopped first, started last, each once", () => {
    expect(idsOf([finding("snapshotter-not-loaded"), finding("thinpool-missing")])).toEqual([
      "stop-flintlockd",
      "recreate-devpool",
      "restart-containerd",
      "restart-flintlockd",
    ]);
  });

  test("everything at once: pool, modules and settings before the daemons", () => {
    const ids = idsOf(catalogue.map(({ id }) => finding(id)));
    expect(ids).toHaveLength(6);
    expect(ids.slice(-2)).not.toContain("set-bridge-name");
    expect(ids.at(-1)).toBe("restart-flintlockd");
    expect(ids.indexOf("restart-containerd")).toBeGreaterThan(ids.indexOf("recreate-devpool"));
  });

  test("a step that two findings want names both", () => {
    const { steps } = plan(catalogue, contextOf([finding("snapshotter-not-loaded"), finding("thinpool-missing")]));
    expect(steps.find(({ id }) => id === "restart-containerd")?.because).toEqual(["snapshotter-not-loaded", "thinpool-missing"]);
  });

  test("nothing is restarted for a pool that stays away", () => {
    const refusing = fake({
      id: "thinpool-missing",
      breaks: ["pool"],
      remedy: () => ({ refusals: [{ finding: "thinpool-missing", code: "CORRUPT", message: "", hint: "" }] }),
    });
    expect(plan([plugin, refusing], contextOf([finding("snapshotter-not-loaded"), finding("thinpool-missing")])).steps).toEqual([]);
  });

  test("what depends on an unknown check waits, what does not goes on", () => {
    expect(idsOf([finding("snapshotter-not-loaded"), finding("thinpool-missing", "unknown"), finding("macvtap-unavailable")])).toEqual(["load-macvlan"]);
  });

  test.each<[string, Finding]>([
    ["cannot be told", finding("thinpool-missing", "unknown")],
    ["is not cured", finding("thinpool-unhealthy")],
  ])("a setting and its restart do not wait for a pool that %s; what is restarted for the pool does", (_name, other) => {
    const unhealthy = fake({ id: "thinpool-unhealthy", breaks: ["pool"], remedy: () => ({}) });
    const { steps } = plan([...catalogue, unhealthy], contextOf([finding("bridge-name-missing"), finding("snapshotter-not-loaded"), other]));
    expect(steps.map(({ id, because }) => [id, because])).toEqual([
      ["set-bridge-name", ["bridge-name-missing"]],
      ["restart-flintlockd", ["bridge-name-missing"]],
    ]);
  });

  describe("a finding that keeps no step", () => {
    const broken = (status: FindingStatus, changes: Partial<Fake> = {}) =>
      plan(
        [plugin, fake({ id: "thinpool-unhealthy", breaks: ["pool"], remedy: () => ({}), ...changes })],
        contextOf([finding("snapshotter-not-loaded"), { ...finding("thinpool-unhealthy", status), summary: "why" }]),
      ).refusals.map(({ finding: of, code, message }) => [of, code, message]);

    test.each<[string, FindingStatus, string, string]>([
      ["a fault", "problem", "DEPENDS_ON_OTHER_FAULT", "waits for thinpool-unhealthy, which this plan does not cure: why"],
      ["what cannot be told", "unknown", "DEPENDS_ON_UNKNOWN", "depends on thinpool-unhealthy, which cannot be told: why"],
    ])("is told that it waits for %s", (_name, status, code, words) =>
      expect(broken(status)).toEqual([["snapshotter-not-loaded", code, `"restart containerd-dev.service" ${words}`]]),
    );

    test("but not where that is cured", () =>
      expect(broken("problem", { remedy: () => ({ steps: [step("grow", { provides: ["pool"], because: ["thinpool-unhealthy"] })] }) })).toEqual([]));

    test("nor where it is told under that one", () =>
      expect(
        plan(
          [{ ...plugin, follows: ["thinpool-unhealthy"] }, fake({ id: "thinpool-unhealthy", breaks: ["pool"], remedy: () => ({}) })],
          contextOf([finding("snapshotter-not-loaded"), finding("thinpool-unhealthy")]),
        ).refusals,
      ).toEqual([]));
  });

  test.each<[string, Partial<Remediation>, StepRuling]>([
    ["flintlockd would not start", { breaks: () => ["flintlockd-startable"] }, { is: "allowed" }],
    ["it may not be restarted", {}, { is: "left-out" }],
  ])("half a cure falls with the other half, where %s", (_name, changes, ruling) => {
    const whole: Remediation = {
      ...bridge,
      ...changes,
      remedy: (_finding, context) => ({
        steps: [step("config", { onlyWith: "flintlockd", provides: ["config"] }), ...bringUpFlintlockd(context, ["bridge-name-missing"])],
        refusals: [],
        advice: [],
      }),
    };
    const made = plan([whole], contextOf([finding("bridge-name-missing")]), ({ key }) => (key === "flintlockd" ? ruling : { is: "allowed" }));
    expect(made.steps).toEqual([]);
  });

  test("a restart that would end MicroVMs needs consent", () => {
    const ends = { restart: { flintlockdEndsMicrovms: "KillMode=control-group" } };
    const context = contextOf([finding("bridge-name-missing")], ends);
    const refused = plan(catalogue, context);
    expect(refused.steps.map(({ id }) => id)).toEqual(["set-bridge-name"]);
    expect(refused.refusals).toEqual([expect.objectContaining({ finding: "bridge-name-missing", code: "DESTRUCTIVE_WITHOUT_CONSENT" })]);
    expect(idsOf([finding("bridge-name-missing")], { ...ends, policy: { allowDestructive: true } })).toEqual(["set-bridge-name", "restart-flintlockd"]);
  });

  const doubles = {
    restart: {
      flintlockdDoublesMicrovms: "flintlockd would start a second hypervisor",
      containerdDoublesMicrovms: "flintlockd would start a second hypervisor",
    },
  };
  test.each<[string, Partial<PlanContext["restart"]>, string[]]>([
    ["restarted", {}, []],
    ["started", { flintlockdActive: false, containerdDoublesMicrovms: null }, ["restart-containerd"]],
  ])("where flintlockd would start a second hypervisor on a disk, it is not %s without consent", (_name, restart, others) => {
    const changes = { restart: { ...doubles.restart, ...restart } };
    expect(idsOf([finding("thinpool-missing")], changes)).toEqual(["recreate-devpool", ...others]);
    const { refusals } = plan(catalogue, contextOf([finding("thinpool-missing")], changes));
    expect(refusals).toEqual([expect.objectContaining({ code: "DESTRUCTIVE_WITHOUT_CONSENT", message: expect.stringContaining("second hypervisor") })]);
    expect(idsOf([finding("thinpool-missing")], { ...changes, policy: { allowDestructive: true } })).toContain(
      restart.flintlockdActive === false ? "start-flintlockd" : "restart-flintlockd",
    );
  });

  test("containerd is not restarted where that takes down a flintlockd that would not come back", () => {
    const loops = fake({ id: "service-crash-loop", breaks: ["flintlockd-startable"], remedy: () => ({}) });
    const planned = (containerdTakesFlintlockd: boolean) =>
      plan([pool, loops], contextOf([finding("thinpool-missing"), finding("service-crash-loop")], { restart: { containerdTakesFlintlockd } }));
    expect(planned(true).steps.map(({ id }) => id)).toEqual(["recreate-devpool"]);
    expect(planned(false).steps.map(({ id }) => id)).toEqual(["recreate-devpool", "restart-containerd"]);
  });

  test("a unit that systemd gave up on is forgiven its failures first, or its start would be refused", () => {
    const restart = { flintlockdActive: false, givenUp: ["flintlockd.service"] };
    const { steps } = plan(catalogue, contextOf([finding("bridge-name-missing")], { restart }));
    expect(steps.filter(({ id }) => id === "start-flintlockd").flatMap(commandsOf)).toEqual([
      ["systemctl", "reset-failed", "flintlockd.service"],
      ["systemctl", "start", "flintlockd.service"],
    ]);
  });

  test("a stopped flintlockd is started, and by nobody unattended", () => {
    const stopped = { restart: { flintlockdActive: false } };
    expect(idsOf([finding("thinpool-missing")], stopped)).toEqual(["recreate-devpool", "restart-containerd", "start-flintlockd"]);
    expect(idsOf([finding("thinpool-missing")], { ...stopped, policy: { unattended: true } })).toEqual(["recreate-devpool", "restart-containerd"]);
    expect(idsOf([finding("thinpool-missing")], { restart: { flintlockdActive: false, flintlockdStoppedByUs: true }, policy: { unattended: true } })).toContain(
      "start-flintlockd",
    );
  });

  test("a finding that another explains is told under it", () => {
    expect([...plan(catalogue, contextOf([finding("snapshotter-not-loaded"), finding("thinpool-missing")])).explainedBy]).toEqual([
      ["snapshotter-not-loaded", "thinpool-missing"],
    ]);
    expect([...plan(catalogue, contextOf([finding("snapshotter-not-loaded"), finding("thinpool-missing", "healthy")])).explainedBy]).toEqual([]);
  });

  describe("explained by what hit the same MicroVMs", () => {
    const notStarted = fake({ id: "microvm-not-started", followsWhereTouched: ["macvtap-unavailable"], remedy: () => ({}) });
    const explained = (own: string[], others: string[], status: FindingStatus = "problem") => [
      ...plan(
        [macvtap, notStarted],
        contextOf([
          { ...finding("microvm-not-started"), microvms: own },
          { ...finding("macvtap-unavailable", status), microvms: others },
        ]),
      ).explainedBy,
    ];

    test("all of them", () => {
      expect(explained(["a", "b"], ["b", "a", "c"])).toEqual([["microvm-not-started", "macvtap-unavailable"]]);
    });

    test.each<[string, string[], string[], FindingStatus]>([
      ["not all of them", ["a", "b"], ["a", "c"], "problem"],
      ["none are named", [], ["a"], "problem"],
      ["the other is no problem", ["a"], ["a"], "unknown"],
    ])("not where %s", (_name, own, others, status) => {
      expect(explained(own, others, status)).toEqual([]);
    });
  });

  describe("a restraint", () => {
    const because: FindingId[] = ["macvtap-unavailable", "bridge-name-missing"];
    const both = fake({ id: "macvtap-unavailable", remedy: () => ({ steps: [step("modules", { provides: ["modules"], because }), step("other")] }) });
    const words = { code: "BUDGET_SPENT", message: "three attempts", hint: "later" };
    const restrained = (ruling: StepRuling, refusals: Remedy["refusals"] = []) =>
      plan(
        [fake({ id: "bridge-name-missing", remedy: () => ({ refusals }) }), both],
        contextOf([finding("bridge-name-missing"), finding("macvtap-unavailable")]),
        ({ key }) => (key === "modules" ? ruling : { is: "allowed" }),
      );

    test("a refused step falls, and each of its findings is told why", () => {
      const { steps, refusals } = restrained({ is: "refused", ...words });
      expect(steps.map(({ key }) => key)).toEqual(["other"]);
      expect(refusals).toEqual(because.map((id) => ({ finding: id, ...words })));
    });

    test("what was told already is not told again; another reason is", () => {
      const already = { finding: "bridge-name-missing" as const, ...words, message: "said before" };
      expect(restrained({ is: "refused", ...words }, [already]).refusals).toEqual([already, { finding: "macvtap-unavailable", ...words }]);
      const another = { ...already, code: "AMBIGUOUS_BRIDGE" };
      expect(restrained({ is: "refused", ...words }, [another]).refusals).toHaveLength(3);
    });

    test("what is left out falls without a word", () => {
      const { steps, refusals } = restrained({ is: "left-out" });
      expect(steps.map(({ key }) => key)).toEqual(["other"]);
      expect(refusals).toEqual([]);
    });
  });

  test("a finding that was refused already gets no second refusal for want of consent", () => {
    const refusal = { finding: "macvtap-unavailable" as const, code: "AMBIGUOUS_BRIDGE", message: "m", hint: "h" };
    const wiping = fake({
      id: "macvtap-unavailable",
      remedy: () => ({
        refusals: [refusal],
        steps: [step("wipe", { title: "wipe", impact: "all data", risk: "destructive", because: ["macvtap-unavailable", "bridge-name-missing"] })],
      }),
    });
    expect(plan([wiping], contextOf([finding("macvtap-unavailable")])).refusals).toEqual([
      refusal,
      {
        finding: "bridge-name-missing",
        code: "DESTRUCTIVE_WITHOUT_CONSENT",
        message: "wipe: all data",
        hint: "add --allow destructive if that is what you want",
      },
    ]);
  });

  test("advice: of problems first, then of other findings, then of remedies; each once", () => {
    const advising = (id: FindingId, words: string) => fake({ id, remedy: () => ({ advice: [{ finding: id, message: words }] }) });
    const { advice } = plan(
      [advising("bridge-name-missing", "twice"), advising("macvtap-unavailable", "of the remedy"), pool],
      contextOf([
        { ...finding("thinpool-missing", "healthy"), advice: ["of a healthy one"] },
        { ...finding("bridge-name-missing"), advice: ["twice", "of a problem"] },
        finding("macvtap-unavailable"),
      ]),
    );
    expect(advice.map(({ message }) => message)).toEqual(["twice", "of a problem", "of a healthy one", "of the remedy"]);
  });

  test("a problem that no remediation knows changes nothing", () => {
    expect(plan([pool], contextOf([finding("macvtap-unavailable")]))).toMatchObject({ steps: [], refusals: [], advice: [] });
  });

  test("a step that was wanted twice keeps its first place and words", () => {
    const twice = fake({ id: "macvtap-unavailable", remedy: () => ({ steps: [step("b", { title: "first" }), step("a"), step("b", { title: "second" })] }) });
    expect(plan([twice], contextOf([finding("macvtap-unavailable")])).steps.map(({ key, title }) => [key, title])).toEqual([
      ["b", "first"],
      ["a", "a"],
    ]);
  });

  describe("what only makes way", () => {
    const way = (steps: Step[]) =>
      plan([fake({ id: "macvtap-unavailable", remedy: () => ({ steps }) })], contextOf([finding("macvtap-unavailable")])).steps.map(({ key }) => key);
    const stop = step("stop", { onlyBefore: ["pool"] });
    const made = step("made", { provides: ["pool"] });
    const start = step("start", { compensates: "stop" });

    test("stays where something is left that it makes way for, and something makes it good", () =>
      expect(way([stop, made, start])).toEqual(["stop", "made", "start"]));
    test("falls where nothing is left that it makes way for", () => expect(way([stop, start])).toEqual(["start"]));
    test("falls where nothing makes it good", () => expect(way([stop, made])).toEqual(["made"]));
  });

  describe("--wait", () => {
    const waiting = (notBefore: number, nextTryMs: number | null): Microvm => ({
      record: {
        id: "ns1/a/u",
        namespace: "ns1",
        name: "a",
        uid: "u",
        provider: "firecracker",
        version: 1,
        interfaces: [],
        state: "pending",
        retry: 1,
        notBefore,
        createdAt: 1,
        updatedAt: 1,
        deletedAt: 0,
        source: "",
      },
      folder: "",
      pidFile: null,
      pidFileMs: 0,
      process: { is: "none" },
      nextTryMs,
      state: "waiting",
      due: "timer",
      passedOver: "no",
      tooFarAhead: false,
      reason: "",
    });
    const perhaps = (microvm: Microvm): Microvm => ({ ...microvm, passedOver: "perhaps" });
    const wait = { policy: { waitMs: 300_000 } };

    test.each([
      ["no --wait", {}, [waiting(1_060, null)], []],
      ["nobody waits", wait, [], []],
      ["its own timer will fire", wait, [waiting(1_060, 1_060_000)], []],
      ["its timer died with the process: only the resync is left", wait, [waiting(1_060, 1_600_000)], ["restart-flintlockd-again"]],
      ["no next try is known", wait, [waiting(1_060, null)], ["restart-flintlockd-again"]],
      ["its not_before has passed", wait, [waiting(900, 1_600_000)], []],
      [
        "the same, and flintlockd passed over it",
        wait,
        [{ ...waiting(900, 1_600_000), due: "resync" as const, passedOver: "yes" as const }],
        ["restart-flintlockd-again"],
      ],
      ["its own timer may be that of the process before", wait, [perhaps(waiting(1_060, 1_060_000))], ["restart-flintlockd-again"]],
      ["it is being tried, or was passed over", wait, [perhaps({ ...waiting(995, 1_000_000), due: "under-way" })], ["restart-flintlockd-again"]],
      ["it is being tried", wait, [{ ...waiting(995, 1_000_000), due: "under-way" as const }], []],
    ])("healthy host, %s", (_name, changes, microvms, expected) => {
      expect(idsOf([], { ...changes, microvms })).toEqual(expected);
    });

    test("not where a fault that nothing cures would only make it fail again", () => {
      const microvms: Microvm[] = [{ ...waiting(900, 1_600_000), due: "resync", passedOver: "yes" }];
      const blocked = { ...finding("tap-detached"), microvms: ["ns1/a/u"] };
      expect(idsOf([blocked], { ...wait, microvms })).toEqual([]);
    });

    test("nor is it restarted once more without consent where that does harm", () => {
      const microvms = [waiting(1_060, null)];
      expect(idsOf([], { ...wait, ...doubles, microvms })).toEqual([]);
      expect(idsOf([], { policy: { ...wait.policy, allowDestructive: true }, ...doubles, microvms })).toEqual(["restart-flintlockd-again"]);
    });

    test("a restart takes the timers away, so another one follows it", () => {
      expect(idsOf([finding("bridge-name-missing")], { ...wait, microvms: [waiting(1_060, 1_060_000)] })).toEqual([
        "set-bridge-name",
        "restart-flintlockd",
        "restart-flintlockd-again",
      ]);
    });

    test.each<[string, Partial<Microvm>, active: boolean, expected: string[]]>([
      ["one that is being tried may fail once more before flintlockd is stopped", { due: "under-way" }, true, ["restart-flintlockd-again"]],
      ["so may one that the resync is about to take up", { due: "resync", nextTryMs: 1_020_000 }, true, ["restart-flintlockd-again"]],
      ["one that waits for a far resync is taken up by the restart", { due: "resync", nextTryMs: 1_600_000 }, true, []],
      ["as is one for which there is none", { due: "resync", nextTryMs: null }, true, []],
      ["where flintlockd does not run, nothing is tried before", { due: "service", nextTryMs: null }, false, []],
    ])("with a restart: %s", (_name, changes, flintlockdActive, expected) => {
      const microvms: Microvm[] = [{ ...waiting(995, 1_600_000), ...changes }];
      const ids = idsOf([finding("bridge-name-missing")], { ...wait, restart: { flintlockdActive }, microvms });
      expect(ids.slice(2)).toEqual(expected);
    });
  });
});

describe("properties of any plan", () => {
  const anyFindings = fc
    .uniqueArray(
      fc.record({ id: fc.constantFrom(...catalogue.map(({ id }) => id)), status: fc.constantFrom<FindingStatus>("healthy", "problem", "unknown") }),
      { selector: ({ id }) => id },
    )
    .map((all) => all.map(({ id, status }) => finding(id, status)));
  const anyContext = fc
    .record({ findings: anyFindings, active: fc.boolean(), unattended: fc.boolean(), allowDestructive: fc.boolean(), ends: fc.option(fc.constant("KillMode")) })
    .map(({ findings, active, unattended, allowDestructive, ends }) =>
      contextOf(findings, { policy: { unattended, allowDestructive }, restart: { flintlockdActive: active, flintlockdEndsMicrovms: ends } }),
    );

  test("deterministic, without duplicates, in the order of its needs", () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        const { steps } = plan(catalogue, context);
        expect(plan(catalogue, context).steps).toEqual(steps);
        expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length);
        for (const [index, each] of steps.entries())
          for (const later of steps.slice(index + 1)) expect(each.after.some((resource) => later.provides.includes(resource))).toBe(false);
      }),
    );
  });

  test("nothing destructive without consent, nothing for a host that is healthy", () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        const { steps } = plan(catalogue, context);
        if (!context.policy.allowDestructive) expect(steps.filter(({ risk }) => risk === "destructive")).toEqual([]);
        if ([...context.findings.values()].every(({ status }) => status !== "problem")) expect(steps).toEqual([]);
      }),
    );
  });

  test("whoever is stopped is started again", () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        const ids = plan(catalogue, context).steps.map(({ id }) => id);
        expect(!ids.includes("stop-flintlockd") || ids.includes("restart-flintlockd")).toBe(true);
      }),
    );
  });

  test("an order keeps all steps, and keeps the order of what is independent", () => {
    const keys = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/));
    fc.assert(fc.property(keys, (list) => expect(order(list.map((key) => step(key))).map(({ key }) => key)).toEqual(list)));
    const resource = fc.subarray<Resource>(["pool", "containerd", "config", "modules"]);
    const steps = fc.array(fc.record({ provides: resource, after: resource })).map((all) => all.map((part, index) => step(String(index), part)));
    fc.assert(
      fc.property(steps, (all) =>
        expect(
          order(all)
            .map(({ key }) => key)
            .sort(),
        ).toEqual(all.map(({ key }) => key).sort()),
      ),
    );
  });
});

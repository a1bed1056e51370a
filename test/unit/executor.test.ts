import { describe, expect, test } from "@jest/globals";
import { FixError } from "../../src/errors.ts";
import { execute, type Hands } from "../../src/executor.ts";
import type { Condition, Step } from "../../src/steps/action.ts";

interface World {
  /** What was done, in order. */
  log: string[];
  /** Status of a command, by its first word; 0 where none is given. */
  status: Record<string, number[]>;
  stdout: Record<string, string>;
  holds: (condition: Condition) => boolean | undefined;
  stop: AbortController;
}

const world = (changes: Partial<World> = {}): World => ({ log: [], status: {}, stdout: {}, holds: () => true, stop: new AbortController(), ...changes });

const handsOf = ({ log, status, stdout, holds, stop }: World): Hands => ({
  holds: (condition) => Promise.resolve({ holds: holds(condition), why: `${condition.is} is ${String(holds(condition))}` }),
  until: (condition) => Promise.resolve({ holds: holds(condition) === true, why: `${condition.is} never came`, attempts: 3 }),
  operator: {
    run: (argv) => {
      log.push(argv.join(" "));
      const code = status[argv[0] ?? ""]?.shift() ?? 0;
      return Promise.resolve({ status: code, stdout: stdout[argv[0] ?? ""] ?? "", why: code === 0 ? "" : `${argv[0] ?? ""} exited ${String(code)}` });
    },
    setKey: ({ key, value }) => void log.push(`set ${key}=${value}`),
    restoreKey: ({ key }) => void log.push(`restore ${key}`),
    writeFile: ({ path }) => void log.push(`write ${path}`),
    pause: () => Promise.resolve(),
    inhibitShutdown: () => {
      log.push("inhibit");
      return Promise.resolve(() => void log.push("release"));
    },
  },
  witness: { stepBegins: () => undefined, commandBegins: () => undefined, commandEnds: () => undefined, stepEnds: () => undefined },
  stop: stop.signal,
});

const step = (key: string, changes: Partial<Step> = {}): Step => ({
  key,
  id: "load-macvlan",
  title: key,
  because: [],
  risk: "safe",
  impact: "",
  actions: [{ do: "run", argv: [key] }],
  provides: [],
  after: [],
  needs: [],
  ...changes,
});

const outcomes = async (steps: Step[], w: World): Promise<string[]> => (await execute(steps, handsOf(w))).map(({ outcome }) => outcome);

describe("the executor", () => {
  test("runs the actions of each step in order", async () => {
    const w = world();
    expect(await outcomes([step("a"), step("b")], w)).toEqual(["done", "done"]);
    expect(w.log).toEqual(["a", "b"]);
  });

  test("fills in what an earlier command told, and nothing else", async () => {
    const w = world({ stdout: { losetup: "/dev/loop7\n" } });
    const steps = [
      step("x", {
        actions: [
          { do: "run", argv: ["losetup", "f"], bind: { name: "data-loop", pattern: "/dev/loop\\d+" } },
          { do: "run", argv: ["dmsetup", "0 1 {data-loop} {other}"] },
        ],
      }),
    ];
    expect(await outcomes(steps, w)).toEqual(["done"]);
    expect(w.log).toEqual(["losetup f", "dmsetup 0 1 /dev/loop7 {other}"]);
  });

  test("an answer that is not what was expected stops the step", async () => {
    const w = world({ stdout: { losetup: "/dev/sda\n" } });
    const steps = [
      step("x", {
        actions: [
          { do: "run", argv: ["losetup"], bind: { name: "data-loop", pattern: "/dev/loop\\d+" } },
          { do: "run", argv: ["dmsetup"] },
        ],
      }),
    ];
    const [result] = await execute(steps, handsOf(w));
    expect(result).toMatchObject({ outcome: "failed", error: { code: "UNEXPECTED_OUTPUT" } });
    expect(w.log).toEqual(["losetup"]);
  });

  test("what is done already is not done again", async () => {
    const w = world();
    expect(await outcomes([step("a", { done: { is: "path-absent", path: "/x" } })], w)).toEqual(["already-done"]);
    expect(w.log).toEqual([]);
  });

  test("what is not done yet is done, and a stop sign that holds lets it go on", async () => {
    const w = world({ holds: ({ is }) => is === "path-absent" });
    const guarded = step("b", {
      done: { is: "unit-active", unit: "u" },
      actions: [
        { do: "require", that: { is: "path-absent", path: "/x" }, because: "x came up" },
        { do: "run", argv: ["b"] },
      ],
    });
    expect(await outcomes([guarded], w)).toEqual(["done"]);
    expect(w.log).toEqual(["b"]);
  });

  test("a command is left out where what it is for is there already", async () => {
    const run = (unless: boolean): Promise<string[]> => {
      const w = world({ holds: () => unless });
      return execute([step("x", { actions: [{ do: "run", argv: ["x"], unless: { is: "unit-active", unit: "u" } }] })], handsOf(w)).then(() => w.log);
    };
    expect(await run(true)).toEqual([]);
    expect(await run(false)).toEqual(["x"]);
  });

  test("a condition is asked with the names that a command told", async () => {
    const asked: Condition[] = [];
    const w = world({ stdout: { losetup: "/dev/loop7" }, holds: (condition) => asked.push(condition) > 0 });
    const actions: Step["actions"] = [
      { do: "run", argv: ["losetup"], bind: { name: "data-loop", pattern: "/dev/loop\\d+" } },
      { do: "require", that: { is: "file-size", path: "{data-loop}", bytes: 5 }, because: "" },
    ];
    expect(await outcomes([step("x", { actions })], w)).toEqual(["done"]);
    expect(asked[0]).toEqual({ is: "file-size", path: "/dev/loop7", bytes: 5 });
  });

  test("what does not come in time is told, with how long and how often it was asked", async () => {
    const waits = step("a", { actions: [{ do: "await", that: { is: "unit-active", unit: "u" }, withinMs: 2_000 }], provides: ["pool"] });
    const [late, next] = await execute([waits, step("b", { needs: ["pool"] })], handsOf(world({ holds: () => false })));
    expect(late).toMatchObject({ outcome: "failed", attempts: 3, error: { code: "NOT_IN_TIME", message: "unit-active never came (waited 2 s)" } });
    expect(next).toMatchObject({ outcome: "not-run", attempts: 0, error: { code: "NEEDS_EARLIER_STEP", message: expect.stringContaining('"a"') } });
    expect(await outcomes([waits], world())).toEqual(["done"]);
  });

  test("what need not come leaves its step out, and the rest of the plan goes on", async () => {
    const actions: Step["actions"] = [
      { do: "await", that: { is: "microvms-due" }, withinMs: 2_000, optional: true },
      { do: "run", argv: ["x"] },
    ];
    const w = world({ holds: () => false });
    const [late, next] = await execute([step("a", { actions }), step("b")], handsOf(w));
    expect(late).toMatchObject({ outcome: "not-run", error: { code: "STILL_WAITING", message: expect.stringContaining("microvms-due never came") } });
    expect(next).toMatchObject({ outcome: "done" });
    expect(w.log).toEqual(["b"]);
    expect(await outcomes([step("a", { actions })], world())).toEqual(["done"]);
  });

  test("what was there already is as good as what was made", async () => {
    const w = world();
    const there = step("a", { done: { is: "unit-active", unit: "u" }, provides: ["pool", "config"] });
    expect(await outcomes([there, step("b", { needs: ["pool"] })], w)).toEqual(["already-done", "done"]);
    expect(w.log).toEqual(["b"]);
  });

  test("a later step that provides what is needed stands in nobody's way", async () => {
    expect(await outcomes([step("a", { needs: ["pool"] }), step("b", { provides: ["pool"] })], world())).toEqual(["done", "done"]);
  });

  test("what goes wrong in a way that nobody thought of fails the step, with its words", async () => {
    const hands = handsOf(world());
    const broken: Hands = { ...hands, operator: { ...hands.operator, run: () => Promise.reject(new Error("odd")) } };
    expect(await execute([step("a")], broken)).toMatchObject([{ outcome: "failed", error: { code: "FAILED", message: "odd" } }]);
  });

  test("a file is written, and nothing of it goes back where a step fails that does not prove it", async () => {
    const w = world({ status: { b: [1] } });
    const file = step("a", { actions: [{ do: "write-file", path: "/f", text: "", mode: 0o644, before: null, diff: "" }], provides: ["modules"] });
    expect(await outcomes([file, step("b", { confirms: ["config"] })], w)).toEqual(["done", "failed"]);
    expect(w.log).toEqual(["write /f", "b"]);
  });

  test("a stop sign that cannot be told stops as well", async () => {
    const w = world({ holds: () => undefined });
    const steps = [
      step("a", {
        actions: [
          { do: "require", that: { is: "path-absent", path: "/x" }, because: "x must be absent" },
          { do: "run", argv: ["a"] },
        ],
      }),
    ];
    expect(await outcomes(steps, w)).toEqual(["failed"]);
    expect(w.log).toEqual([]);
  });

  test("what needs a failed step does not run, what does not need it does", async () => {
    const w = world({ status: { pool: [1] } });
    const steps = [
      step("pool", { provides: ["pool"] }),
      step("containerd", { needs: ["pool"], provides: ["containerd"] }),
      step("module", { provides: ["modules"] }),
    ];
    expect(await outcomes(steps, w)).toEqual(["failed", "not-run", "done"]);
    expect(w.log).toEqual(["pool", "module"]);
  });

  test("a daemon that was stopped is started again, whatever failed in between", async () => {
    const w = world({ status: { pool: [1] } });
    const steps = [
      step("stop-flintlockd", { provides: ["flintlockd-stopped"] }),
      step("pool", { provides: ["pool"] }),
      step("start", { needs: ["pool"], after: ["pool"], compensates: "stop-flintlockd" }),
    ];
    expect(await outcomes(steps, w)).toEqual(["done", "failed", "done"]);
  });

  test("told to stop, it begins nothing new but makes good what it has begun", async () => {
    const w = world();
    w.stop.abort();
    expect(await outcomes([step("a")], w)).toEqual(["not-run"]);
    const later = world();
    const hands = handsOf(later);
    hands.witness.stepEnds = () => later.stop.abort();
    const results = await execute([step("stop-flintlockd"), step("b"), step("start", { compensates: "stop-flintlockd" })], hands);
    expect(results.map(({ outcome }) => outcome)).toEqual(["done", "not-run", "done"]);
  });

  test("a command that may be tried again is, and says how often", async () => {
    const w = world({ status: { vgchange: [5, 5, 0] } });
    const [result] = await execute([step("a", { actions: [{ do: "run", argv: ["vgchange"], retries: 3 }] })], handsOf(w));
    expect(result).toMatchObject({ outcome: "done", attempts: 3 });
  });

  test("a setting that flintlockd does not come back with goes back, and flintlockd with it", async () => {
    const edit: Step = step("config", {
      provides: ["config"],
      actions: [{ do: "set-key", path: "/c", key: "bridge-name", value: "br0", before: "1", after: "2", diff: "" }],
    });
    const restart = step("flintlockd", {
      needs: ["config"],
      confirms: ["config"],
      actions: [
        { do: "run", argv: ["restart"] },
        { do: "await", that: { is: "unit-active", unit: "x" }, withinMs: 5 },
      ],
    });
    const w = world({ holds: () => false });
    expect(await outcomes([edit, restart], w)).toEqual(["rolled-back", "failed"]);
    expect(w.log).toEqual(["set bridge-name=br0", "restart", "restore bridge-name", "restart"]);
  });

  test("an edit that cannot go back is a failed step, not a rolled-back one", async () => {
    const edit: Step = step("config", {
      provides: ["config"],
      actions: [{ do: "set-key", path: "/c", key: "k", value: "v", before: "1", after: "2", diff: "" }],
    });
    const restart = step("flintlockd", { confirms: ["config"], actions: [{ do: "run", argv: ["restart"] }] });
    const w = world({ status: { restart: [1] } });
    const hands = handsOf(w);
    hands.operator.restoreKey = () => {
      throw new FixError("CHANGED_SINCE_PLAN", "somebody changed it", "look");
    };
    const told: string[] = [];
    hands.witness.stepEnds = ({ key }, _index, { outcome }) => told.push(`${key} ${outcome}`);
    expect((await execute([edit, restart], hands)).map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
    // The ledger and the journal said that it was done.
    expect(told).toEqual(["config done", "config failed", "flintlockd failed"]);
  });

  test("a shutdown waits for a step that must not be cut, and only for it", async () => {
    const w = world({ status: { wipe: [1] } });
    await execute([step("wipe", { inhibitShutdown: true })], handsOf(w));
    expect(w.log).toEqual(["inhibit", "wipe", "release"]);
  });
});

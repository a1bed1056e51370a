import { describe, expect, test } from "@jest/globals";
import { runProcess } from "../../../src/host/process.ts";
import { query } from "../../../src/host/query.ts";

const limits = { timeoutMs: 20_000, maxBytes: 1_000_000 };
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.each([
  ["carried out", runProcess],
  ["asked", query],
] as const)("a program that is %s", (_how, start) => {
  test("tells status, stdout and stderr", async () => {
    expect(await start(["sh", "-c", "echo out; echo err >&2; exit 3"], limits)).toEqual({
      kind: "ended",
      result: { status: 3, signal: null, stdout: "out\n", stderr: "err\n", truncated: false },
    });
  });

  test("sees a fixed environment, and none of ours", async () => {
    process.env["BASIC_AUTH_TOKEN"] = "s3cret";
    const outcome = await start(["env"], limits);
    delete process.env["BASIC_AUTH_TOKEN"];
    expect(outcome).toMatchObject({ kind: "ended", result: { stdout: expect.stringMatching(/^PATH=\/usr\/local\/sbin:.*\n(?:.*\n)*LC_ALL=C$/m) } });
    expect(JSON.stringify(outcome)).not.toContain("s3cret");
  });

  test("is not to make its server write: ctr asks for deprecations, and a containerd that was never asked keeps its answer as a file", async () => {
    const outcome = await start(["env"], limits);
    expect(outcome).toMatchObject({ result: { stdout: expect.stringMatching(/^CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS=true$/m) } });
  });

  test("words are words: nothing is expanded", async () => {
    expect(await start(["echo", "$HOME", "`id`", "*", "; rm -rf x"], limits)).toMatchObject({ result: { stdout: "$HOME `id` * ; rm -rf x\n" } });
  });

  test("that is not there is named, with where it was looked for", async () => {
    expect(await start(["no-such-program-here"], limits)).toEqual({
      kind: "not-found",
      why: expect.stringContaining("no-such-program-here is not installed (looked for in /usr/local/sbin"),
    });
  });

  test("that hangs is ended at its limit, with its children", async () => {
    const marker = `4${String(process.pid)}.25`;
    expect(await start(["sh", "-c", `sleep ${marker} & sleep ${marker}`], { ...limits, timeoutMs: 300 })).toEqual({
      kind: "timed-out",
      why: "sh did not end within 0.3 s",
    });
    const { result } = (await start(["sh", "-c", `ps -eo args | grep -c "^sleep ${marker}" || true`], limits)) as { result: { stdout: string } };
    expect(result.stdout.trim()).toBe("0");
  });

  test("that prints without end is cut and ended", async () => {
    const outcome = await start(["sh", "-c", "echo $$; exec yes"], { ...limits, maxBytes: 100_000 });
    expect(outcome).toMatchObject({ kind: "ended", result: { truncated: true } });
    const { stdout } = (outcome as { result: { stdout: string } }).result;
    expect(stdout.length).toBeLessThanOrEqual(100_000);
    expect(alive(Number(stdout.split("\n", 1)[0]))).toBe(false);
  });
});

test("a program that hangs is ended when the look is over", async () => {
  const over = new AbortController();
  setTimeout(() => over.abort(), 100);
  expect(await query(["sleep", "30"], { ...limits, signal: over.signal })).toMatchObject({ kind: "timed-out" });
  expect(await query(["sleep", "30"], { ...limits, signal: over.signal })).toMatchObject({ kind: "timed-out" });
});

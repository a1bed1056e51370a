/** A look at a live host begins with a glance, which starts fewer programs: it may call well only what a whole look calls well. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../../src/catalogue.generated.ts";
import { isWell, look } from "../../src/detector.ts";
import { CapturedHost, parseCapture, type Capture } from "../../src/host/capture.ts";
import { known, type CommandResult, type Inspector, type Question } from "../../src/host/inspector.ts";
import { defaultPolicy } from "../../src/policy.ts";
import { dryRun, signaturesOf } from "../../src/run.ts";
import { Survey } from "../../src/survey/survey.ts";
import { glanced } from "../support/glanced.ts";

const root = new URL("../", import.meta.url);
const captureOf = (path: string): Capture => parseCapture(readFileSync(new URL(path, root), "utf8"), path);
const captures = readdirSync(new URL("captures/", root)).flatMap((finding) =>
  readdirSync(new URL(`captures/${finding}/`, root)).map((file) => `captures/${finding}/${file}`),
);
const healthy = "../samples/healthy-dev-host";

const wellBy = async (host: Inspector, glance: boolean): Promise<boolean> =>
  isWell(await look(new Survey(host, defaultPolicy, signaturesOf(catalogue), "read", glance), catalogue));
const programs = (asked: readonly Question[]): string[] => asked.flatMap((question) => (question.ask === "command" ? [question.argv.join(" ")] : []));

describe("a glance", () => {
  test.each([healthy, ...captures])("%s: well by it is well by a whole look", async (path) => {
    const capture = captureOf(path);
    const [glance, whole] = [await wellBy(glanced(capture), true), await wellBy(new CapturedHost(capture), false)];
    expect({ glance, whole }).toEqual({ glance: whole && glance, whole });
  });

  test("on a healthy host is enough, and asks five programs", async () => {
    const host = glanced(captureOf(healthy));
    expect((await dryRun({ catalogue, policy: defaultPolicy, host: () => host, glanceFirst: true })).report).toMatchObject({ verdict: "healthy", exitCode: 0 });
    expect(
      programs(host.asked)
        .map((argv) => argv.split(" ")[0])
        .sort(),
    ).toEqual(["ctr", "dmsetup", "dmsetup", "journalctl", "systemctl"]);
    expect(programs(host.asked).join("\n")).not.toMatch(/content ls|losetup|dmsetup table/);
  });

  test("on another is followed by the whole look, which starts no program a second time and tells the same as it alone", async () => {
    const path = "../samples/rebooted-dev-host";
    const host = glanced(captureOf(path));
    const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => host, glanceFirst: true });
    const { report: alone } = await dryRun({ catalogue, policy: defaultPolicy, host: () => new CapturedHost(captureOf(path)) });
    const told = ({ findings, plan, refusals, advice, microvms, exitCode }: typeof report): unknown => ({
      findings,
      plan,
      refusals,
      advice,
      microvms,
      exitCode,
    });
    expect(told(report)).toEqual(told(alone));
    expect(programs(host.asked)).toEqual([...new Set(programs(host.asked))]);
  });

  test("of more blobs than it takes in reads none: ctr tells the whole look which matter, and each of those is read once", async () => {
    const few = glanced(captureOf(healthy));
    const read: string[] = [];
    const host: Inspector = {
      ask: async (question) => {
        if (question.ask === "file" && question.path.includes("/blobs/sha256/")) read.push(question.path);
        const answer = await few.ask(question);
        if (question.ask !== "directory" || !question.path.endsWith("/blobs/sha256")) return answer;
        return known(Array.from({ length: 501 }, (_, number) => number.toString(16).padStart(64, "0"))) as typeof answer;
      },
    };
    const { report } = await dryRun({ catalogue, policy: defaultPolicy, host: () => host, glanceFirst: true });
    expect(report).toMatchObject({ verdict: "healthy", exitCode: 0 });
    expect(read).toHaveLength(2);
    expect(new Set(read).size).toBe(2);
  });

  // A process that was looked for before the record that wants it would be missed, and the MicroVM said to wait.
  test("a MicroVM that comes up between the glance and the whole look is seen to run", async () => {
    const healthyHost = glanced(captureOf(healthy));
    const pidFiles = new Set<string>();
    let glances = true;
    const host: Inspector = {
      ask: async (question) => {
        if (question.ask === "command" && question.argv.includes("content")) glances = false;
        const isPid = question.ask === "file" && question.path.endsWith(".pid");
        if (isPid) pidFiles.add(question.path);
        return isPid && glances ? { kind: "absent", why: "not yet" } : healthyHost.ask(question);
      },
    };
    const { report, look: seen } = await dryRun({ catalogue, policy: defaultPolicy, host: () => host, glanceFirst: true });
    expect(pidFiles.size).toBeGreaterThan(0);
    expect(report).toMatchObject({ verdict: "healthy", exitCode: 0 });
    expect(seen.microvms.map(({ state }) => state)).toEqual(["running", "running"]);
  });

  // Each of these is a healthy host but for one answer, which only a glance could overlook.
  const changed = (change: (answers: Capture["answers"]) => void): Capture => {
    const capture = captureOf(healthy);
    change(capture.answers);
    return capture;
  };
  const answerTo = (answers: Capture["answers"], words: string): CommandResult => {
    const found = answers.find(({ ask }) => ask.ask === "command" && ask.argv.join(" ").includes(words));
    if (found?.answer.kind !== "known") throw new Error(`no answer to ${words}`);
    return found.answer.value as CommandResult;
  };

  test.each<[string, (answers: Capture["answers"]) => void]>([
    ["a pool's file that was deleted", (answers) => edit(answerTo(answers, "losetup"), /devmapper\/data"/, 'devmapper/data (deleted)"')],
    ["a loop device over a part of the file", (answers) => edit(answerTo(answers, "losetup"), /"offset": ?"?0"?/g, '"offset":4096')],
    ["a second table", (answers) => edit(answerTo(answers, "dmsetup info"), "LIVE", "LIVE & INACTIVE")],
    ["a pool that is suspended", (answers) => edit(answerTo(answers, "dmsetup info"), "ACTIVE", "SUSPENDED")],
    ["a pool of another size", (answers) => edit(answerTo(answers, "dmsetup status"), /^0 \d+/, "0 1048576")],
    ["a read-only pool", (answers) => edit(answerTo(answers, "dmsetup status"), " rw ", " ro ")],
    ["a MicroVM whose process is gone", (answers) => absentWhere(answers, /^\/proc\/\d+\/(?:stat|cmdline)$/)],
    ["a record of another shape", (answers) => editFile(answers, /blobs\/sha256/, /"version":\d+/, '"version":"four"')],
  ])("%s is not overlooked", async (_, change) => {
    expect(await wellBy(glanced(changed(change)), true)).toBe(false);
  });

  test.each<[string, (answers: Capture["answers"]) => void]>([
    ["no record that could be read", (answers) => editFile(answers, /blobs\/sha256/, /^\{/, "[")],
    ["a record of another shape", (answers) => editFile(answers, /blobs\/sha256/, /"version":\d+/, '"version":"four"')],
  ])("%s: ctr has to tell", async (_, change) => {
    const host = glanced(changed(change));
    await wellBy(host, true);
    expect(programs(host.asked)).toContainEqual(expect.stringContaining("content ls"));
  });
});

function edit(result: CommandResult, from: string | RegExp, to: string): void {
  const text = result.stdout.replace(from, to);
  if (text === result.stdout) throw new Error(`${String(from)} is not in: ${result.stdout}`);
  Object.assign(result, { stdout: text });
}

function editFile(answers: Capture["answers"], path: RegExp, from: RegExp, to: string): void {
  for (const { ask, answer } of answers) {
    if (ask.ask !== "file" || !path.test(ask.path) || answer.kind !== "known") continue;
    const file = answer.value as { text: string };
    Object.assign(file, { text: file.text.replace(from, to) });
  }
}

function absentWhere(answers: Capture["answers"], path: RegExp): void {
  for (const pair of answers) if ("path" in pair.ask && path.test(pair.ask.path)) pair.answer = { kind: "absent", why: "gone" };
}

// A worker boots hosts and hands them scenarios: a host of its own to each scenario that has `boots`, one host to all the others.

import { cpSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { clearTimeout, setTimeout } from "node:timers";
import { setTimeout as pause } from "node:timers/promises";
import { boot } from "./boot.mjs";
import { keepCaptures } from "./captures.mjs";
import { cpuMs } from "./cpu.mjs";
import { newDisks } from "./disks.mjs";

const limitMs = 600_000;
/** A boot with nothing else on the machine, until the host is ready; where it takes longer, scenarios are given more time too. */
const usualBootMs = 17_000;

export class Worker {
  constructor(lab, number, report) {
    const name = `w${number + 1}`;
    Object.assign(this, { lab, name, report, cpu: lab.processors[number % lab.processors.length] });
    this.share = join(lab.out, `run-${process.pid}-${name}`);
  }

  /** Takes scenarios from the queue until it is empty. */
  async work(queue) {
    for (let scenario; (scenario = queue.shift());) {
      if (scenario.boots) await this.alone(scenario);
      else await this.together(scenario, queue);
    }
    rmSync(this.share, { recursive: true, force: true });
  }

  freshDisk() {
    const disk = join(this.share, "disk.cow");
    this.disk = disk;
    mkdirSync(this.share, { recursive: true });
    // Node's own copy would fill the holes.
    const copied = spawnSync("cp", ["--sparse=always", "--reflink=auto", this.lab.ready, disk]);
    if (copied.status !== 0) throw new Error(`copying the disk: ${copied.stderr}`);
    chmodSync(disk, 0o600);
    return disk;
  }

  async start(disk, options) {
    for (const name of readdirSync(this.share)) if (/^(answer|job)-|^(console|out|status|power-cut)$/.test(name)) rmSync(join(this.share, name));
    writeFileSync(join(this.share, "host.json"), JSON.stringify({ ready: options.ready !== false }));
    writeFileSync(join(this.share, "job"), "#!/bin/sh\nexec node /tools/guest/run.mjs\n");
    chmodSync(join(this.share, "job"), 0o755);
    const { image, tools, root } = this.lab;
    this.number = 0;
    this.host = boot(root, { image, tools, disk, share: this.share, seconds: 3_600, cpu: this.cpu, ...options });
    this.ended = false;
    void this.host.done.then(() => (this.ended = true));
    const begun = Date.now();
    const answer = await this.answer(600_000);
    this.slow = Math.min(10, Math.max(1, (Date.now() - begun) / usualBootMs));
    return answer;
  }

  /** A host on a disk of its own; null where none comes up, which on a busy machine may happen once. */
  async startFresh(scenario, options) {
    for (const last of [false, true]) {
      const disk = this.freshDisk();
      if ((await this.start(disk, options)) !== null) return disk;
      await this.end();
      if (!last) this.report({ name: scenario.name, note: `a host did not come up, and is booted again: ${this.lastWords()}` });
    }
    return null;
  }

  /** What the host said last. */
  lastWords() {
    const file = join(this.share, "out");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.slice(-6).join(" | ").slice(-1_000) || "it said nothing";
  }

  /** The host's next answer; null where it ended, or said nothing in time. */
  async answer(withinMs) {
    const file = join(this.share, `answer-${this.number}.json`);
    for (const deadline = Date.now() + withinMs; !existsSync(file); await pause(100)) if (this.ended || Date.now() > deadline) return null;
    return JSON.parse(readFileSync(file, "utf8"));
  }

  ask(job) {
    this.number += 1;
    const file = join(this.share, `job-${this.number}.json`);
    writeFileSync(`${file}.part`, JSON.stringify(job));
    renameSync(`${file}.part`, file);
    return job.end ? null : this.answer((limitMs + 180_000) * this.slow);
  }

  /** Powers the host off; where its disk is not booted again, by ending the process. */
  async end({ again = false } = {}) {
    if (!again) this.host.stop();
    else this.ask({ end: true });
    const late = setTimeout(() => this.host.stop(), 90_000);
    await this.host.done;
    clearTimeout(late);
  }

  async run(scenario, more) {
    if (!more.boot) this.forgetReports(scenario.name);
    const job = {
      scenario: scenario.name,
      mutant: scenario.mutant?.name ?? null,
      real: this.lab.real,
      record: this.lab.record,
      limitMs: limitMs * this.slow,
      slow: this.slow,
      ...more,
    };
    const begun = Date.now();
    const before = cpuMs(this.disk);
    const result = await this.ask(job);
    if (result) result.sums.cpu = cpuMs(this.disk) - before;
    return result ?? { scenario: scenario.name, ok: false, error: "the host ended, or gave no answer", lost: true, ms: Date.now() - begun, dirty: true };
  }

  finish(scenario, results) {
    const failed = results.find(({ ok }) => !ok);
    const result = {
      name: scenario.name,
      mutant: scenario.mutant,
      ok: !failed,
      error: failed?.error ?? null,
      lost: failed?.lost ?? false,
      ms: results.reduce((sum, { ms }) => sum + ms, 0),
      restored: results.at(-1)?.restored ?? [],
      sums: results
        .map(({ sums }) => sums ?? {})
        .reduce((all, sums) => Object.fromEntries(Object.keys(sums).map((key) => [key, sums[key] + (all[key] ?? 0)])), {}),
    };
    this.keepTimeline(scenario.name);
    if (this.lab.record) keepCaptures(this.lab.root, this.share);
    // What a scenario leaves for whoever started it.
    if (existsSync(join(this.share, "left"))) cpSync(join(this.share, "left"), join(this.lab.out, "left"), { recursive: true });
    const wrong = this.lab.badReports(this.share, scenario.name);
    if (result.ok && wrong !== null) Object.assign(result, { ok: false, error: wrong });
    if (!result.ok && !scenario.mutant) result.evidence = this.keepEvidence(scenario.name, result.error);
    this.report(result);
  }

  /** Of an earlier run on this host, with another planted bug. */
  forgetReports(name) {
    const folder = join(this.share, "reports");
    for (const file of existsSync(folder) ? readdirSync(folder) : []) if (file.startsWith(`${name}.`)) rmSync(join(folder, file));
  }

  keepTimeline(name) {
    const file = join(this.share, "timelines", `${name}.txt`);
    if (!existsSync(file)) return;
    mkdirSync(join(this.lab.out, "timelines"), { recursive: true });
    cpSync(file, join(this.lab.out, "timelines", `${name}.txt`));
    rmSync(file);
  }

  keepEvidence(name, error) {
    const folder = join(this.lab.out, "failed", name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const inside = join(this.share, "failed", name);
    if (existsSync(inside)) cpSync(inside, folder, { recursive: true });
    writeFileSync(join(folder, "error.txt"), `${error}\n`);
    for (const file of ["console", "out"]) if (existsSync(join(this.share, file))) cpSync(join(this.share, file), join(folder, `${file}.txt`));
    const reports = join(this.share, "reports");
    for (const file of existsSync(reports) ? readdirSync(reports) : [])
      if (file.startsWith(`${name}.`)) cpSync(join(reports, file), join(folder, "reports", file));
    return folder;
  }

  /** One host carries scenarios for as long as it comes back to what it was. */
  async together(first, queue) {
    const begun = Date.now();
    if ((await this.startFresh(first, {})) === null)
      return this.finish(first, [{ ok: false, error: `the host did not come up: ${this.lastWords()}`, lost: true, ms: Date.now() - begun }]);
    for (let scenario = first; scenario; scenario = this.nextShared(queue)) {
      const result = await this.run(scenario, { shared: true });
      this.finish(scenario, [result]);
      if (result.dirty) {
        this.report({ name: scenario.name, note: `the host was not put right again after it (${result.dirty}); the next scenario gets a fresh one` });
        break;
      }
    }
    await this.end();
    return undefined;
  }

  nextShared(queue) {
    const at = queue.findIndex(({ boots }) => !boots);
    return at === -1 ? undefined : queue.splice(at, 1)[0];
  }

  async alone(scenario) {
    mkdirSync(this.share, { recursive: true });
    rmSync(join(this.share, "keep.json"), { force: true });
    const results = [];
    const ubd = newDisks(this.share, scenario.disks);
    let disk = null;
    for (const [index, { kernel = "", ready = kernel === "", nics, memory }] of scenario.boots.entries()) {
      const begun = Date.now();
      const options = { kernel, ready, ubd, ...(nics && { nics }), ...(memory && { memory }) };
      const up = index === 0 ? (disk = await this.startFresh(scenario, options)) : await this.start(disk, options);
      results.push(
        up === null
          ? { ok: false, error: `boot ${index + 1}: the host did not come up: ${this.lastWords()}`, lost: true, ms: 0 }
          : await this.run(scenario, { boot: index }),
      );
      await this.end({ again: index + 1 < scenario.boots.length });
      results.at(-1).ms = Date.now() - begun;
      if (!results.at(-1).ok) break;
    }
    this.finish(scenario, results);
  }
}

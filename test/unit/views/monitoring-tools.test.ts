/** The metrics and the alert rules held against the programs that read them: promtool and node_exporter, where they are installed. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "@jest/globals";
import { writeMetrics } from "../../../src/heal/metrics-file.ts";
import { defaultPolicy, type Policy } from "../../../src/policy.ts";
import { prometheus } from "../../../src/views/prometheus.ts";
import { attempt, moment } from "../heal/moments.ts";
import { reportOf } from "./reports.ts";

const rules = fileURLToPath(new URL("../../../share/prometheus/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "fix-metrics-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A test that needs one of these programs; where none is there its title says so. */
function needing(programs: readonly string[], from: string): { program: string; check: (title: string, body: () => unknown) => void } {
  const program = programs.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (program !== undefined) return { program, check: (title, body) => test(title, async () => Promise.resolve(body()).then(() => undefined)) };
  return { program: "", check: (title) => test.skip(`${title} (left out: ${programs[0] ?? ""} is not installed; ${from})`, () => undefined) };
}

const promtool = needing(["promtool"], "Debian's package prometheus");
const exporter = needing(["prometheus-node-exporter", "node_exporter"], "Debian's package prometheus-node-exporter");

const pool = { name: 'a"\\ \u{1F642}', data: { used: 1, total: 4 }, metadata: { used: 1, total: 8 } };
const sick = reportOf({ exitCode: 3, verdict: "unresolved", findings: [["thinpool-missing", "problem", "problem"]], steps: ["recreate-devpool"] });

promtool.check("promtool check metrics: nothing to say of any family", () => {
  const run = {
    trigger: "timer",
    run: "r",
    at: "2026-11-24T00:00:00.000Z",
    durationMs: 1,
    exitCode: 3,
    verdict: "unresolved",
    steps: 1,
    findings: [],
    waiting: 0,
  } as const;
  const text = prometheus({
    report: sick,
    pool,
    standing: {
      pause: { is: "paused", pause: { since: moment(0), until: null, why: "x" } },
      breaker: { opened: moment(0), finding: "thinpool-missing", why: "w" },
      problem: "p",
      budgets: [{ finding: attempt(0, "failed").finding, used: 2, of: 3, allowance: { is: "free", left: 1 } }],
      lastRuns: [{ ...run, findings: [] }],
    },
    brakes: defaultPolicy,
    version: '1"\\',
  });
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});

promtool.check("promtool: every alert rule is sound, and tested", () => {
  for (const words of [
    ["check", "rules", "flintlock-fix.rules.yaml"],
    ["test", "rules", "flintlock-fix.rules.test.yaml"],
  ]) {
    const { status, stdout, stderr } = spawnSync("promtool", words, { cwd: rules, encoding: "utf8" });
    expect([words, status, stdout + stderr]).toEqual([words, 0, expect.stringContaining("SUCCESS")]);
  }
});

exporter.check("node_exporter reads the file, and never half of it", async () => {
  const policy: Policy = { ...defaultPolicy, metricsFile: join(folder, "flintlock-fix.prom"), stateDir: join(folder, "state") };
  writeMetrics(policy, sick, pool);
  const port = await freePort();
  const child = spawn(
    exporter.program,
    ["--collector.disable-defaults", "--collector.textfile", `--collector.textfile.directory=${folder}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: "ignore" },
  );
  try {
    const first = await scraped(port);
    expect(first).toContain('flintlock_fix_finding{finding="thinpool-missing",status="problem"} 1\n');
    expect(first).toContain(`flintlock_fix_pool_data_used_ratio{pool="a\\"\\\\ \u{1F642}"} 0.25\n`);
    expect(first).toMatch(/^node_textfile_mtime_seconds\{file=".*flintlock-fix\.prom"\} /m);
    for (let round = 0; round < 30; round += 1) {
      const [text] = await Promise.all([scraped(port), ...Array.from({ length: 10 }, async () => writeMetrics(policy, sick, await Promise.resolve(pool)))]);
      expect(text).toMatch(/^node_textfile_scrape_error 0$/m);
      expect(text).toMatch(/^flintlock_fix_state_usable 1$/m);
    }
  } finally {
    child.kill();
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Once it listens. */
async function scraped(port: number): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    } catch (error) {
      if (tries > 200) throw error;
      await pause(50);
    }
  }
}

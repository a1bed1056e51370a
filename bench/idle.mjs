// How idle `fix watch` is beside monit and fail2ban: processor time, wake-ups and resident memory, of all their processes, in the same
// minutes. Linux, root. Usage: ./scripts/bench --idle   Env: IDLE_S (200): so many seconds are measured, and an hour is extrapolated.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const seconds = Number(process.env.IDLE_S ?? 200);
const folder = mkdtempSync(join(tmpdir(), "fix-idle-"));
const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const textOf = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

/** Each: what has to be installed, and how it is started in the foreground with as much to watch as `fix watch` has. */
const programs = {
  "fix watch": {
    argv: () => [process.execPath, "--max-semi-space-size=1", join(root, "dist/fix.js"), "watch"],
    // After its first look; where the host is not healthy (a machine without flintlock) two more follow within 70 s, and then none for four minutes.
    settleS: 90,
  },
  monit: {
    package: "monit",
    argv() {
      const file = join(folder, "monitrc");
      const checks = ["flintlockd", "containerd"].map((name) => `check process ${name} matching "^/usr/.*/${name}"`);
      const own = ["id", "state", "pid", "log"].map((name) => `set ${name}file ${join(folder, `monit.${name}`)}`.replace("set logfile", "set log"));
      // Every 30 s is its upstream's default; Debian's is 120 s.
      writeFileSync(file, `${[`set daemon ${process.env.MONIT_S ?? 120}`, ...own, ...checks].join("\n")}\n`, { mode: 0o600 });
      return ["monit", "-I", "-c", file];
    },
  },
  fail2ban: {
    package: "fail2ban",
    argv() {
      const etc = join(folder, "fail2ban");
      spawnSync("cp", ["-a", "/etc/fail2ban", etc]);
      for (const name of existsSync(join(etc, "jail.d")) ? readdirSync(join(etc, "jail.d")) : []) rmSync(join(etc, "jail.d", name));
      const log = join(folder, "watched.log");
      writeFileSync(log, "");
      writeFileSync(join(etc, "filter.d/flintlock.conf"), "[Definition]\nfailregex = snapshotter not loaded.*<HOST>\n");
      writeFileSync(join(etc, "jail.local"), `[flintlock]\nenabled = true\nfilter = flintlock\nlogpath = ${log}\nbackend = auto\nbanaction = dummy\n`);
      writeFileSync(join(etc, "fail2ban.local"), "[Definition]\ndbfile = None\n");
      const [socket, pid, target] = ["sock", "pid", "log"].map((name) => join(folder, `f2b.${name}`));
      return ["fail2ban-server", "-xf", "-c", etc, "-s", socket, "-p", pid, "--logtarget", target, "start"];
    },
  },
};

function treeOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => textOf(`/proc/${pid}/task/${task}/children`).trim().split(" "));
  return [pid, ...children.filter((child) => child !== "").flatMap((child) => treeOf(child))];
}

/** Of all threads: nanoseconds on a processor (schedstat), and how often one woke up, that is, gave its processor away of its own accord. */
function work(pids) {
  const sum = { cpuNs: 0, wakeUps: 0 };
  for (const pid of pids)
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      sum.cpuNs += Number(textOf(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0] ?? 0);
      sum.wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(textOf(`/proc/${pid}/task/${task}/status`))?.[1] ?? 0);
    }
  return sum;
}

/** Resident memory in MiB; what is shared with other processes counts by its part (Pss), and as a whole (Rss). */
function memory(pids) {
  const of = (key) =>
    pids.reduce((total, pid) => total + Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0), 0) / 1024;
  return { pss: of("Pss"), rss: of("Rss"), own: of("Private_Dirty") + of("Private_Clean") };
}

const started = [];
const stop = () => started.forEach(({ child }) => child.kill("SIGTERM"));
try {
  for (const [name, { package: from, argv }] of Object.entries(programs)) {
    const [program, ...words] = argv();
    if (from && !has(program)) {
      console.log(`-     ${name}: left out: ${program} is not installed (package ${from})`);
      continue;
    }
    started.push({ name, child: spawn(program, words, { stdio: "ignore" }) });
  }
  await pause(programs["fix watch"].settleS * 1000);
  for (const each of started) {
    if (each.child.exitCode !== null) throw new Error(`${each.name} has ended (status ${each.child.exitCode}); what it wrote lies in ${folder}`);
    each.pids = treeOf(String(each.child.pid));
    each.before = work(each.pids);
  }
  await pause(seconds * 1000);
  console.log(`measured for ${seconds} s; an hour is that, extrapolated`);
  console.log("program      processes   CPU in an idle hour   wake-ups in an idle hour   memory (its own / Pss / Rss, MiB)");
  for (const { name, child, pids, before } of started) {
    const now = treeOf(String(child.pid));
    if (now.join() !== pids.join()) throw new Error(`${name} began or ended a process meanwhile: it was not idle`);
    const after = work(pids);
    const { pss, rss, own } = memory(pids);
    const hour = 3600 / seconds;
    const row = [
      name.padEnd(12),
      String(pids.length).padStart(9),
      `${(((after.cpuNs - before.cpuNs) / 1e6) * hour).toFixed(0)} ms`.padStart(21),
      ((after.wakeUps - before.wakeUps) * hour).toFixed(0).padStart(26),
      `${own.toFixed(1)} / ${pss.toFixed(1)} / ${rss.toFixed(1)}`.padStart(35),
    ];
    console.log(row.join(" "));
  }
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
} finally {
  stop();
  await Promise.all(started.map(({ child }) => new Promise((resolve) => (child.exitCode === null ? child.once("close", resolve) : resolve()))));
  if (process.exitCode !== 1) rmSync(folder, { recursive: true, force: true });
}

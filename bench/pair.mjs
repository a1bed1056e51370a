// Times two commands in turn, A B A B …, so that a machine whose speed drifts slows both: the ratio is what counts.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** What a machine may be set to that has nothing to do with fix: with it, Node reads all root certificates before it does anything. */
const ownEnv = { ...process.env };
delete ownEnv.NODE_EXTRA_CA_CERTS;

/** Wall time in ms; throws where the command does not end with one of the expected statuses. */
export function once({ argv, statuses = [0], input, env }) {
  const begun = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(argv[0], argv.slice(1), {
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
    input,
    env: { ...ownEnv, ...env },
    maxBuffer: 1 << 28,
  });
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  if (error) throw error;
  if (!statuses.includes(status)) throw new Error(`${argv.join(" ")}: status ${status}: ${stderr}`);
  return ms;
}

/**
 * Medians of both and of the pairwise ratio a/b, after one warm-up each; `cpu` is the ratio of processor time (user and system,
 * children's children included), which a busy machine changes less than it does the time on the clock.
 */
export function pair(a, b, runs) {
  once(a);
  once(b);
  const spent = { a: 0, b: 0 };
  const timed = (which, command) => {
    const before = childrenTicks();
    const ms = once(command);
    spent[which] += childrenTicks() - before;
    return ms;
  };
  const times = Array.from({ length: runs }, () => [timed("a", a), timed("b", b)]);
  return {
    a: median(times.map(([x]) => x)),
    b: median(times.map(([, y]) => y)),
    ratio: median(times.map(([x, y]) => x / y)),
    cpu: spent.a / Math.max(spent.b, 1),
    unit: "ms",
    runs,
  };
}

/** proc(5), /proc/PID/stat: cutime and cstime, in clock ticks. */
function childrenTicks() {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

/** Peak resident memory in KiB, by GNU time (wait4(2)'s ru_maxrss). */
export function peak({ argv, statuses = [0], env }) {
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%M", ...argv], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...ownEnv, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (!statuses.includes(status)) throw new Error(`${argv.join(" ")}: status ${status}: ${stderr}`);
  return Number(stderr.trim().split("\n").at(-1));
}

export function pairPeak(a, b, runs) {
  const sizes = Array.from({ length: runs }, () => [peak(a), peak(b)]);
  return { a: median(sizes.map(([x]) => x)), b: median(sizes.map(([, y]) => y)), ratio: median(sizes.map(([x, y]) => x / y)), unit: "KiB", runs };
}

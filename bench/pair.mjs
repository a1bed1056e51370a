// Times two commands in turn, A B A B …, so that a machine whose speed drifts slows both: the ratio is what counts.
import { spawnSync } from "node:child_process";

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Wall time in ms; throws where the command does not end with one of the expected statuses. */
export function once({ argv, statuses = [0], input, env }) {
  const begun = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(argv[0], argv.slice(1), {
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
    input,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  if (error) throw error;
  if (!statuses.includes(status)) throw new Error(`${argv.join(" ")}: status ${status}: ${stderr}`);
  return ms;
}

/** Medians of both and of the pairwise ratio a/b, after one warm-up each. */
export function pair(a, b, runs) {
  once(a);
  once(b);
  const times = Array.from({ length: runs }, () => [once(a), once(b)]);
  return { a: median(times.map(([x]) => x)), b: median(times.map(([, y]) => y)), ratio: median(times.map(([x, y]) => x / y)), unit: "ms", runs };
}

/** Peak resident memory in KiB, by GNU time (wait4(2)'s ru_maxrss). */
export function peak({ argv, statuses = [0], env }) {
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%M", ...argv], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
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

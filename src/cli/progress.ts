/** A line a step, on stderr, while an apply works: nothing of it is part of the report. */

import type { Witness } from "../executor.ts";
import { printable } from "../evidence.ts";
import type { FixOptions } from "./arguments.ts";

const silent: Witness = { stepBegins: () => undefined, commandBegins: () => undefined, commandEnds: () => undefined, stepEnds: () => undefined };

export function progress({ format, quiet, verbose }: FixOptions): Witness {
  if (format !== "text" || quiet) return silent;
  const begun = performance.now();
  const say = (line: string): void => void process.stderr.write(`${elapsed(performance.now() - begun)} ${line}\n`);
  return {
    stepBegins: (step, index) => say(`${String(index + 1)}. ${printable(step.title)} …`),
    commandBegins: (_step, argv) => {
      if (verbose) say(`   # ${printable(argv.join(" "))}`);
    },
    commandEnds: () => undefined,
    stepEnds: (_step, index, { outcome, error }) => say(`${String(index + 1)}. ${outcome}${error ? `: ${printable(error.message)}` : ""}`),
  };
}

const elapsed = (ms: number): string => `[${(ms / 1000).toFixed(1).padStart(5)} s]`;

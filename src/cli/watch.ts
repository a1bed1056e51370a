/** `fix watch`: looks, and with --apply cures, when the journal shows a known failure. Each run is a process of its own, so this one stays small. */

import { spawn, type ChildProcess } from "node:child_process";
import { catalogue } from "../catalogue.generated.ts";
import { FixError } from "../errors.ts";
import { printable } from "../evidence.ts";
import { matcherOf } from "../facts/signatures.ts";
import { readLastRuns } from "../heal/last-run.ts";
import { Follower } from "../heal/watch/follower.ts";
import { Pace, type Ended } from "../heal/watch/pace.ts";
import { ServiceManager } from "../heal/watch/service-manager.ts";
import { followArgv, significance, type Watched } from "../heal/watch/significance.ts";
import { Watcher } from "../heal/watch/watcher.ts";
import { signaturesOf } from "../run.ts";
import type { WatchOptions } from "./heal-arguments.ts";
import { policyInForce } from "./policy-of.ts";
import { print } from "./print.ts";

const watched: Watched = { flintlockd: "flintlockd.service", containerd: ["containerd-dev.service", "containerd.service"] };

export async function watch(options: WatchOptions): Promise<number> {
  if (options.apply && process.getuid?.() !== 0)
    throw new FixError("NOT_ROOT", "watch --apply acts on the host, which only root may", "run it as root: sudo fix watch --apply", 6);
  const { policy } = policyInForce(
    { config: options.config },
    catalogue.map(({ id }) => id),
  );
  const matcher = matcherOf(signaturesOf(catalogue));
  const manager = new ServiceManager();
  const runs = new Runs(options, policy.stateDir);
  const watcher = new Watcher({ pace: new Pace(), look: (reason) => runs.one(reason), now: () => performance.now() });
  const failed = deferred<string>();
  let flood: NodeJS.Timeout | undefined;
  const follower = new Follower({
    argv: (cursor) => followArgv(watched, cursor),
    line: (line) => {
      const seen = significance(line, watched, matcher);
      if (seen?.reason) watcher.ask(seen.reason);
      return seen?.cursor ?? null;
    },
    flooded: () => {
      clearTimeout(flood);
      flood = setTimeout(() => watcher.ask("a flood of lines in the journal"), floodOverMs);
    },
    trouble: (why) => failed.resolve(why),
  });
  const stopped = signalled();
  follower.start();
  manager.tell("--ready", "--status=following the journal");
  manager.keepAlive();
  // What happened before is seen by a look; from here on the journal tells.
  watcher.ask("the watch begins");
  const why = await Promise.race([stopped, failed.promise]);
  clearTimeout(flood);
  follower.stop();
  manager.stop();
  runs.stop();
  await watcher.stop();
  if (why !== null) throw new FixError("NO_JOURNAL", why, "is journald running? journalctl --follow --lines=1", 6);
  return 0;
}

/** The follower rests 2 s after each flood: one that is not renewed by then is over. */
const floodOverMs = 4_000;

class Runs {
  private child: ChildProcess | null = null;

  constructor(
    private readonly options: WatchOptions,
    private readonly stateDir: string,
  ) {}

  one(reason: string): Promise<Ended> {
    const { apply, config } = this.options;
    if (!apply) print(`${new Date().toISOString()} ${printable(reason)}\n`);
    const words = [...(apply ? ["--apply", "--unattended=watch"] : ["--dry-run"]), ...(config === null ? [] : ["--config", config])];
    const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...env } = process.env;
    const before = this.last();
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [process.argv[1] ?? "", ...words], { env, stdio: ["ignore", "inherit", "inherit"] });
      this.child = child;
      child.once("error", () => resolve({ status: 1, acted: false }));
      child.once("close", (status) => {
        this.child = null;
        const last = this.last();
        resolve({ status: status ?? 1, acted: last?.run !== before?.run && (last?.steps ?? 0) > 0 });
      });
    });
  }

  /** A run ends after its step. */
  stop(): void {
    this.child?.kill("SIGTERM");
  }

  private last(): ReturnType<typeof readLastRuns>[number] | undefined {
    return readLastRuns(this.stateDir).find(({ trigger }) => trigger === "watch");
  }
}

function signalled(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => resolve(null));
  });
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** `fix install`, `fix uninstall`: shown first with --dry-run, which writes nothing. */

import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { catalogue } from "../catalogue.generated.ts";
import { FixError, reasonOf } from "../errors.ts";
import { valueOf } from "../host/inspector.ts";
import { LinuxHost } from "../host/linux.ts";
import { defaultLockPath, takeLock } from "../host/lock.ts";
import { allPaths, filesOf, paths, program, type InstalledFile } from "../install/files.ts";
import { signaturesOf } from "../run.ts";
import { Survey } from "../survey/survey.ts";
import { cronMinutes, type InstallOptions, type UninstallOptions } from "./heal-arguments.ts";
import { policyInForce } from "./policy-of.ts";
import { print } from "./print.ts";
import { memoryFile } from "../survey/journal-memory.ts";

export async function install(options: InstallOptions): Promise<number> {
  const files = await planned(options);
  const self = ownText();
  if (options.dryRun) {
    print(files.map(shown(self)).join("\n"));
    return 0;
  }
  onlyRoot("install");
  const { perform } = await import("../install/perform.ts");
  for (const { path, is } of await perform(files, self)) print(`${is.padEnd(9)}  ${path}\n`);
  return 0;
}

async function planned(options: InstallOptions): Promise<InstalledFile[]> {
  const { policy } = policyInForce(
    { config: null },
    catalogue.map(({ id }) => id),
  );
  const survey = new Survey(LinuxHost.within(policy.timeoutMs), policy, signaturesOf(catalogue));
  const [units, layout, settings] = await Promise.all([survey.units(), survey.layout(), survey.settings()]);
  if (units.kind !== "known" && !options.dryRun)
    throw new FixError("NO_SYSTEMD", `the units of this host cannot be looked at: ${units.why}`, "fix install is for hosts with systemd", 6);
  const containerdUnit = valueOf(layout)?.containerdUnit ?? null;
  const flintlockd = valueOf(units)?.flintlockd;
  const unordered = flintlockd?.loadState === "loaded" && containerdUnit !== null && (!flintlockd.after.includes(containerdUnit) || existsSync(paths.dropIn));
  const configFile = valueOf(settings)?.config.realPath;
  return filesOf({
    program: { node: realpathSync(process.execPath), fix: program, configFolders: configFile === undefined ? [] : [dirname(configFile)] },
    timer: !options.cron && !options.bootOnly,
    cron: options.cron ? cronMinutes(options.interval) : null,
    watch: options.watch,
    intervalMs: options.interval,
    orderAfter: unordered ? containerdUnit : null,
  });
}

/** The bundle that runs now: one file that needs nothing beside it. */
function ownText(): string {
  const path = process.argv[1] ?? "";
  try {
    return readFileSync(realpathSync(path), "utf8");
  } catch (error) {
    throw new FixError("UNREADABLE", `fix itself (${path}) cannot be read: ${reasonOf(error)}`, "run the built file: node dist/fix.js install", 1, {
      cause: error,
    });
  }
}

const shown =
  (self: string) =>
  ({ path, text, mode }: InstalledFile): string =>
    `# ${path} (mode ${mode.toString(8)})\n${text ?? `# a copy of this program, ${Buffer.byteLength(self)} bytes\n`}`;

export async function uninstall({ dryRun, keepState }: UninstallOptions): Promise<number> {
  const { policy } = policyInForce(
    { config: null },
    catalogue.map(({ id }) => id),
  );
  const lock = process.env["FLINTLOCK_FIX_LOCK"] || defaultLockPath;
  const traces = [
    ...(policy.metricsFile === null ? [] : [policy.metricsFile]),
    ...(keepState ? [] : stateFiles.map((name) => join(policy.stateDir, name))),
    // systemd keeps it for Persistent= (systemd.timer(5)).
    "/var/lib/systemd/timers/stamp-flintlock-fix.timer",
    `${lock}.told`,
    lock,
  ];
  if (dryRun) {
    const there = [...allPaths, ...traces].filter((path) => existsSync(path));
    print(there.length === 0 ? "nothing is installed\n" : there.map((path) => `would go   ${path}\n`).join(""));
    return 0;
  }
  onlyRoot("uninstall");
  const { removeAll, removeEmpty } = await import("../install/perform.ts");
  const changes = await removeAll();
  // Whatever was begun by itself has ended; a run by hand must have, too.
  const lockWasThere = existsSync(lock);
  const release = takeLock(lock);
  const gone = traces.filter((path) => existsSync(path));
  for (const path of gone) rmSync(path, { force: true });
  if (!keepState) removeEmpty(policy.stateDir);
  release();
  const all = [...changes.map(({ path }) => path), ...gone.filter((path) => path !== lock || lockWasThere)];
  print(all.length === 0 ? "nothing is installed\n" : all.map((path) => `removed    ${path}\n`).join(""));
  return 0;
}

/** What this tool writes there, and nothing else that somebody may have put into a folder of that name. */
const stateFiles = ["ledger.jsonl", "ledger.jsonl.1", "brakes.json", "pause.json", "told", "last-run.json", memoryFile, `${memoryFile}.new`];

function onlyRoot(word: string): void {
  if (process.getuid?.() !== 0)
    throw new FixError(
      "NOT_ROOT",
      `fix ${word} writes to /etc and /usr/local, which only root may`,
      `run it as root: sudo fix ${word}; to see what it would do: fix ${word} --dry-run`,
      6,
    );
}

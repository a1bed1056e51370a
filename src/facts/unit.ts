/** systemd units as `systemctl show` tells them: org.freedesktop.systemd1(5) names the properties. */

export interface ExecCommand {
  path: string;
  /** Words as systemd prints them: joined by a blank, so a word that holds blanks itself is not told apart here. */
  argv: string[];
  /** Written with a `-`: its failure does not matter. */
  mayFail: boolean;
  /** CLD_EXITED, CLD_KILLED, …, as systemd names it: "exited", "killed"; empty where it never ended. */
  code: string;
  /** Exit status or signal number; null where it never ended. */
  status: number | null;
}

export interface Unit {
  name: string;
  /** loaded, not-found, masked, bad-setting, error */
  loadState: string;
  /** systemd's own words on what is wrong with the unit's files; empty where nothing is. */
  loadError: string;
  /** active, reloading, inactive, failed, activating, deactivating */
  activeState: string;
  /** running, dead, auto-restart, start-pre, … */
  subState: string;
  /** enabled, disabled, masked, static, … ; empty where systemd does not know */
  unitFileState: string;
  /** success, exit-code, signal, start-limit-hit, … */
  result: string;
  mainPid: number;
  restarts: number;
  /** CLD_… of the last main process (1 exited, 2 killed, 3 dumped); 0 while it runs. */
  execMainCode: number;
  execMainStatus: number;
  /** Of its current (or last) start; empty where it never started in this boot. */
  invocationId: string;
  /** Microseconds since boot; 0 where it has not happened. */
  execMainStartUs: number;
  execMainExitUs: number;
  activeEnterUs: number;
  activeExitUs: number;
  inactiveEnterUs: number;
  inactiveExitUs: number;
  execStart: ExecCommand[];
  execStartPre: ExecCommand[];
  fragmentPath: string;
  /** In the order in which systemd applies them. */
  dropInPaths: string[];
  /** control-group, mixed, process, none */
  killMode: string;
  restart: string;
  restartUs: number;
  requires: string[];
  wants: string[];
  bindsTo: string[];
  after: string[];
  environment: string[];
  environmentFiles: string[];
  /** `User=`; empty where it is not set (then root, and no $HOME). */
  user: string;
  needDaemonReload: boolean;
  controlGroup: string;
  /** A job of systemd's (start, stop, …) waits or runs for it. */
  jobPending: boolean;
  /** False where a Condition…= of the unit did not hold when it was last started. */
  conditionMet: boolean;
}

/**
 * Who stopped it in this boot, without an error; null where nobody did. `ours`: when this tool stopped units that it did not come to start again
 * (microseconds since boot): where somebody started one since, its last stop is not that one.
 */
export function stoppedBy(unit: Unit, ours: ReadonlyMap<string, number>): "this-tool" | "a-person" | null {
  if (isUp(unit) || unit.jobPending || unit.activeExitUs === 0) return null;
  if ((ours.get(unit.name) ?? 0) > unit.activeEnterUs) return "this-tool";
  return unit.activeState === "inactive" ? "a-person" : null;
}

/** What `parseUnits` reads, by systemd's names. */
export const unitProperties: readonly string[] = [
  "Id",
  "LoadState",
  "LoadError",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "Result",
  "MainPID",
  "NRestarts",
  "ExecMainCode",
  "ExecMainStatus",
  "InvocationID",
  "ExecMainStartTimestampMonotonic",
  "ExecMainExitTimestampMonotonic",
  "ActiveEnterTimestampMonotonic",
  "ActiveExitTimestampMonotonic",
  "InactiveEnterTimestampMonotonic",
  "InactiveExitTimestampMonotonic",
  "ExecStart",
  "ExecStartPre",
  "FragmentPath",
  "DropInPaths",
  "KillMode",
  "Restart",
  "RestartUSec",
  "Requires",
  "Wants",
  "BindsTo",
  "After",
  "Environment",
  "EnvironmentFiles",
  "User",
  "NeedDaemonReload",
  "ControlGroup",
  "Job",
  "ConditionResult",
  "ConditionTimestampMonotonic",
];

type Properties = Map<string, string[]>;

/** One unit for each block, in the order they were asked for. */
export function parseUnits(text: string): Unit[] {
  return blocks(text).map(unitOf);
}

/** A block ends with an empty line; a value may hold one too, but no block is without its `Id`. */
function blocks(text: string): Properties[] {
  const found: Properties[] = [];
  let properties: Properties = new Map();
  let last: string[] | undefined;
  for (const line of text.split("\n")) {
    if (line === "" && properties.has("Id")) {
      found.push(properties);
      properties = new Map();
      last = undefined;
      continue;
    }
    const equals = line.indexOf("=");
    const name = line.slice(0, Math.max(equals, 0));
    if (known.has(name)) {
      last = properties.get(name);
      if (last) last.push(line.slice(equals + 1));
      else properties.set(name, (last = [line.slice(equals + 1)]));
    } else if (last && line !== "") {
      // A value goes on over a line break, or a property that nobody reads.
      if (!/^[A-Z][A-Za-z0-9]*=/.test(line)) last.push(`${last.pop() ?? ""}\n${line}`);
      else last = undefined;
    }
  }
  if (properties.has("Id")) found.push(properties);
  return found;
}

const known = new Set(unitProperties);

function unitOf(properties: Properties): Unit {
  const text = (name: string): string => properties.get(name)?.[0] ?? "";
  const words = (name: string): string[] => text(name).split(/\s+/).filter(Boolean);
  const commands = (name: string): ExecCommand[] => (properties.get(name) ?? []).flatMap(execCommand);
  return {
    name: text("Id"),
    loadState: text("LoadState"),
    loadError: loadErrorOf(text("LoadError")),
    activeState: text("ActiveState"),
    subState: text("SubState"),
    unitFileState: text("UnitFileState"),
    result: text("Result"),
    mainPid: number(text("MainPID")),
    restarts: number(text("NRestarts")),
    execMainCode: number(text("ExecMainCode")),
    execMainStatus: number(text("ExecMainStatus")),
    invocationId: text("InvocationID"),
    execMainStartUs: number(text("ExecMainStartTimestampMonotonic")),
    execMainExitUs: number(text("ExecMainExitTimestampMonotonic")),
    activeEnterUs: number(text("ActiveEnterTimestampMonotonic")),
    activeExitUs: number(text("ActiveExitTimestampMonotonic")),
    inactiveEnterUs: number(text("InactiveEnterTimestampMonotonic")),
    inactiveExitUs: number(text("InactiveExitTimestampMonotonic")),
    execStart: commands("ExecStart"),
    execStartPre: commands("ExecStartPre"),
    fragmentPath: text("FragmentPath"),
    dropInPaths: words("DropInPaths"),
    killMode: text("KillMode"),
    restart: text("Restart"),
    restartUs: timespanUs(text("RestartUSec")),
    requires: words("Requires"),
    wants: words("Wants"),
    bindsTo: words("BindsTo"),
    after: words("After"),
    environment: words("Environment"),
    environmentFiles: (properties.get("EnvironmentFiles") ?? []).map((line) => line.replace(/ \(ignore_errors=(yes|no)\)$/, "")).filter(Boolean),
    user: text("User"),
    needDaemonReload: text("NeedDaemonReload") === "yes",
    controlGroup: text("ControlGroup"),
    jobPending: number(text("Job")) > 0,
    conditionMet: text("ConditionResult") !== "no" || number(text("ConditionTimestampMonotonic")) === 0,
  };
}

/** `{ path=P ; argv[]=A B ; ignore_errors=no ; start_time=[…] ; … ; code=exited ; status=1 }`; argv may hold ` ; ` itself. */
function execCommand(line: string): ExecCommand[] {
  const from = line.indexOf(" ; argv[]=");
  const to = line.lastIndexOf(" ; ignore_errors=");
  if (!line.startsWith("{ path=") || from === -1 || to < from) return [];
  const end = line.slice(to);
  const status = /status=(\d+)/.exec(end)?.[1];
  const code = /code=([a-z]+)/.exec(end)?.[1] ?? "";
  return [
    {
      path: line.slice("{ path=".length, from),
      argv: line
        .slice(from + " ; argv[]=".length, to)
        .split(" ")
        .filter(Boolean),
      mayFail: end.startsWith(" ; ignore_errors=yes"),
      code,
      status: code === "" || status === undefined ? null : Number(status),
    },
  ];
}

/** `org.freedesktop.systemd1.BadUnitSetting "Unit x.service has a bad unit file setting."`, or `"" ""`. */
function loadErrorOf(text: string): string {
  const space = text.indexOf(" ");
  return (space === -1 ? "" : text.slice(space + 1)).replace(/^"|"$/g, "");
}

const number = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0);

const unitsOfTime: Record<string, number> = { us: 1, ms: 1e3, s: 1e6, min: 60e6, h: 3600e6, d: 86400e6, w: 604800e6, month: 2629800e6, y: 31557600e6 };

/** `1min 30s`, `100ms`, `infinity`: systemd.time(7). */
export function timespanUs(text: string): number {
  if (text === "infinity") return Infinity;
  let sum = 0;
  for (const word of text.split(/\s+/)) {
    const parts = /^(\d{1,12}(?:\.\d{1,6})?)([a-z]+)$/.exec(word);
    sum += Number(parts?.[1] ?? 0) * (unitsOfTime[parts?.[2] ?? ""] ?? 0);
  }
  return sum;
}

/** It runs, or systemd is at starting it, also for the next time in a crash loop. */
export const isUp = (unit: Unit): boolean => ["active", "activating", "reloading"].includes(unit.activeState);

/** It failed too often, and systemd starts it no more (StartLimitBurst=, systemd.unit(5)); its result may still be that of the last failure. */
export const gaveUp = (unit: Unit): boolean => unit.activeState === "failed" && (unit.result === "start-limit-hit" || unit.restarts > 0);

/** systemd has a unit of that name with files that it could read. */
export const isThere = (unit: Unit): boolean => unit.loadState === "loaded";

/** /proc/PID/stat and /proc/PID/cmdline (proc(5)), and whose hypervisor a process is. */

export interface ProcessStat {
  /** One letter: R, S, Z, … */
  state: string;
  parent: number;
  /** Clock ticks (USER_HZ, 100 a second) since boot, which with the PID names one process for ever. */
  startTicks: number;
}

/** Null where the text is no stat line. */
export function parseStat(text: string): ProcessStat | null {
  // The second field is the command's name in parentheses and may hold anything, parentheses too.
  const rest = text
    .slice(text.lastIndexOf(")") + 1)
    .trim()
    .split(" ");
  const [state = "", parent = "", startTicks = ""] = [rest[0], rest[1], rest[19]];
  if (!/^[A-Za-z]$/.test(state) || !/^\d{1,10}$/.test(parent) || !/^\d{1,15}$/.test(startTicks)) return null;
  return { state, parent: Number(parent), startTicks: Number(startTicks) };
}

/** It came after the look began, or is the look's own: it has gone before flintlockd ever meets it. */
export function isPassing(
  pid: number,
  { parent, startTicks }: Pick<ProcessStat, "parent" | "startTicks">,
  look: { pid?: number; monotonicUs: number },
): boolean {
  const age = look.monotonicUs / 1e6 - startTicks / 100;
  return pid === look.pid || parent === look.pid || (age >= -60 && age < 1);
}

export function parseCmdline(text: string): string[] {
  const words = text.split("\0");
  if (words.at(-1) === "") words.pop();
  return words;
}

/**
 * What flintlock starts its hypervisors with (infrastructure/microvm/firecracker/create.go, cloudhypervisor/create.go):
 * `--id UID`, or `--api-socket FOLDER/cloudhypervisor.sock`.
 */
export function isHypervisorOf(argv: readonly string[], own: Owner): boolean {
  const marks = hypervisorMarks(argv);
  return marksOf(own).some((mark) => marks.includes(mark));
}

export interface Owner {
  uid: string;
  /** STATE-DIR/vm/NAMESPACE/NAME/UID */
  folder: string;
}

/** What of its arguments says whose hypervisor a process is. */
export function hypervisorMarks(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    const [, flag, given = argv[index + 1] ?? ""] = /^(--id|--api-socket)(?:=([^]*))?$/.exec(word) ?? [];
    return flag === undefined ? [] : [`${flag} ${flag === "--id" ? given : given.replace(/^path=/, "")}`];
  });
}

export const marksOf = ({ uid, folder }: Owner): string[] => [`--id ${uid}`, `--api-socket ${folder}/cloudhypervisor.sock`];

/** strconv.Atoi of the trimmed text (infrastructure/microvm/shared/pid.go); null where there is no process of that number. */
export function parsePid(text: string): number | null {
  const trimmed = text.trim();
  if (!/^\+?\d{1,10}$/.test(trimmed)) return null;
  const pid = Number(trimmed);
  return pid > 0 && pid <= 0x7fffffff ? pid : null;
}

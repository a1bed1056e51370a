/** Whether the running kernel has, or would load, what a macvtap link takes: the modules macvlan and macvtap. Pure. */

import { kernelParameterModules, keepsOut, moduleName, type ModprobeDryRun, type ModprobeLine } from "./modprobe.ts";

export const macvtapModules = ["macvlan", "macvtap"] as const;
/** macvtap depends on both others (modinfo: `depends: tap,macvlan`). */
export const involvedModules = [...macvtapModules, "tap"] as const;
/** What the kernel asks modprobe for when the first macvtap link is made (net/core/rtnetlink.c: request_module("rtnl-link-%s")). */
export const macvtapAlias = "rtnl-link-macvtap";
const aliasName = moduleName(macvtapAlias);

/** modules.builtin: a path a line. */
export function builtinModules(text: string): Set<string> {
  return new Set(text.split("\n").map((line) => moduleName(line.slice(line.lastIndexOf("/") + 1).replace(/\.ko.*$/, ""))));
}

export type MacvtapSupport =
  | { is: "present" }
  /** The kernel loads it by itself on first use. */
  | { is: "loadable" }
  /** Only loading by alias is stopped: an explicit modprobe works. */
  | { is: "denied"; lines: Place[] }
  /** Kept out on purpose: an explicit modprobe fails, too. */
  | { is: "blocked"; lines: Place[] }
  /** Its file is not there for the running kernel. */
  | { is: "missing"; words: string; /** /lib/modules/RELEASE exists. */ folderExists: boolean; otherKernels: string[] }
  | { is: "not-permitted"; code: "CONTAINER" | "MODULES_DISABLED" | "KERNEL_PARAMETER" | "UNSIGNED_MODULE"; why: string; where: string; wayOut: string };

/** A line of a file, or another place that says something. */
export interface Place {
  where: string;
  text: string;
}

export interface ModuleSigns {
  kernel: string;
  present: boolean;
  /** Of those involved, what is loaded or built in: nothing keeps it out any more (modprobe(8) passes over it). */
  inKernel: readonly string[];
  /** modprobe -n -v macvtap */
  explicit: ModprobeDryRun;
  /** modprobe -n -v rtnl-link-macvtap */
  byAlias: ModprobeDryRun;
  /** Files of `explicit` that do not exist. */
  missingFiles: string[];
  lines: readonly ModprobeLine[];
  cmdline: string;
  /** /proc/sys/kernel/modules_disabled is 1: nothing is loaded any more before a reboot. */
  modulesDisabled: boolean;
  /** /proc/sys/kernel/modprobe: the program that the kernel starts to load a module; empty: it loads none by itself. */
  helper: string;
  /** The file that shows that this is a container; null: it is none. */
  container: string | null;
  /** What insists on signed modules; null: nothing does. */
  signaturesWanted: Place | null;
  /** Who signed macvtap; empty: nobody; null: not asked. */
  signer: string | null;
  /** Folders of /lib/modules. */
  kernels: readonly string[];
}

export function macvtapSupport(signs: ModuleSigns): MacvtapSupport {
  if (signs.present) return { is: "present" };
  return notPermitted(signs) ?? keptOut(signs) ?? missing(signs) ?? unsigned(signs) ?? onFirstUse(signs);
}

const toLoad = ({ inKernel }: Pick<ModuleSigns, "inKernel">): ReadonlySet<string> => new Set(involvedModules.filter((name) => !inKernel.includes(name)));

/** Whatever modprobe says: null where nothing of this kind forbids it. */
export function notPermitted(signs: Pick<ModuleSigns, "container" | "modulesDisabled" | "cmdline" | "inKernel">): MacvtapSupport | null {
  const { container, modulesDisabled, cmdline } = signs;
  if (container !== null)
    return {
      is: "not-permitted",
      code: "CONTAINER",
      why: "this is a container: its kernel is the machine's outside",
      where: container,
      wayOut: "load macvlan and macvtap on the machine that runs the container",
    };
  if (modulesDisabled)
    return {
      is: "not-permitted",
      code: "MODULES_DISABLED",
      why: "kernel.modules_disabled is 1: no module can be loaded before the next reboot",
      where: "/proc/sys/kernel/modules_disabled",
      wayOut: "find what sets it (sysctl.d), have macvlan and macvtap loaded before, and reboot",
    };
  const banned = kernelParameterModules(cmdline, "module_blacklist").filter((name) => toLoad(signs).has(name));
  if (banned.length === 0) return null;
  return {
    is: "not-permitted",
    code: "KERNEL_PARAMETER",
    why: `the kernel was started with module_blacklist=${banned.join(",")}`,
    where: "/proc/cmdline",
    wayOut: "take it from the boot loader's configuration and reboot, if that is what you want",
  };
}

/** A softdep whose install command fails does not stop the module itself, so only these modules' own lines count. */
function keptOut(signs: ModuleSigns): MacvtapSupport | null {
  const { lines, explicit, missingFiles } = signs;
  const install = lines.filter((line) => toLoad(signs).has(line.subject) && keepsOut(line));
  // modprobe takes the first install line of a module.
  const first = install.filter((line) => lines.find((other) => other.directive === "install" && other.subject === line.subject) === line);
  if (first.length > 0) return { is: "blocked", lines: first };
  const nothing = explicit.inserts.length === 0 && explicit.installs.length === 0 && !explicit.notFound && missingFiles.length === 0;
  const alias = lines.filter(({ directive, subject, rest }) => directive === "alias" && subject === "macvtap" && moduleName(rest) !== "macvtap");
  if (alias.length > 0 && (nothing || explicit.notFound)) return { is: "blocked", lines: alias };
  return null;
}

function missing({ explicit, missingFiles, kernels, kernel }: ModuleSigns): MacvtapSupport | null {
  if (!explicit.notFound && missingFiles.length === 0 && kernels.includes(kernel)) return null;
  const words = explicit.notFound
    ? explicit.words
    : missingFiles.length > 0
      ? `${missingFiles.join(", ")} does not exist`
      : `/lib/modules/${kernel} does not exist`;
  return { is: "missing", words, folderExists: kernels.includes(kernel), otherKernels: kernels.filter((name) => name !== kernel) };
}

function unsigned({ signaturesWanted, signer }: ModuleSigns): MacvtapSupport | null {
  if (signaturesWanted === null || signer !== "") return null;
  return {
    is: "not-permitted",
    code: "UNSIGNED_MODULE",
    why: `the kernel loads signed modules only (${signaturesWanted.text}), and macvtap's file has no signature`,
    where: signaturesWanted.where,
    wayOut: "install the distribution's own, signed module for this kernel, or sign it with an enrolled key",
  };
}

function onFirstUse({ byAlias, lines, cmdline, helper }: ModuleSigns): MacvtapSupport {
  if (helper === "") return { is: "denied", lines: [{ where: "/proc/sys/kernel/modprobe", text: "is empty: the kernel loads no module by itself" }] };
  if (byAlias.inserts.length > 0 || byAlias.installs.length > 0) return { is: "loadable" };
  const denying = lines.filter(
    ({ directive, subject }) => (directive === "blacklist" && subject === "macvtap") || (directive === "alias" && subject === aliasName),
  );
  const parameter = kernelParameterModules(cmdline, "modprobe.blacklist").includes("macvtap")
    ? [{ where: "/proc/cmdline", text: "modprobe.blacklist=macvtap" }]
    : [];
  return { is: "denied", lines: [...denying.map(({ where, text }) => ({ where, text })), ...parameter] };
}

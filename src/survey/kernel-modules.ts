/** Whether the kernel has, or would load, the modules that macvtap needs. Nothing here loads one: `modprobe -n` only prints. */

import {
  builtinModules,
  involvedModules,
  macvtapAlias,
  macvtapModules,
  macvtapSupport,
  notPermitted,
  type MacvtapSupport,
  type Place,
} from "../facts/kernel-modules.ts";
import {
  configFilesInForce,
  modprobeFolders,
  modulesLoadFolders,
  modulesToLoad,
  parseModprobeConfig,
  parseModprobeDryRun,
  type ModprobeDryRun,
  type ModprobeLine,
} from "../facts/modprobe.ts";
import { modulesPackage, parseOsRelease, type ModulesPackage } from "../facts/os-release.ts";
import { known, mapAnswer, unknown, valueOf, type Answer, type Inspector } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface KernelModules {
  /** Both are loaded or built in. */
  present: boolean;
  /** `uname -r` */
  kernel: string;
  support: MacvtapSupport;
  /** The distribution's package that has them for the running kernel; null where none is known. */
  package: ModulesPackage | null;
  distribution: string;
  /** What modprobe's dry runs said: asked for the module, and for what the kernel asks for. */
  said: { explicit: string; byAlias: string };
  /** Both are named in modules-load.d already. */
  kept: boolean;
  /** Our own file in modules-load.d: its SHA-256, null where there is none. */
  ownFile: string | null;
  /** Milliseconds since the epoch: the last change of what says whether they are loaded; what a log said before may no longer hold. */
  changedMs: number;
}

/** A file of our own, so that removing the tool can remove it. */
export const modulesLoadFile = "/etc/modules-load.d/flintlock-fix.conf";

export async function kernelModules(survey: Survey): Promise<Answer<KernelModules>> {
  const { host } = survey;
  const [clock, loaded] = await Promise.all([survey.clock(), loadedOf(host, involvedModules)]);
  if (clock.kind !== "known") return clock;
  const { kernel } = clock.value;
  const none: Omit<KernelModules, "present" | "support"> = {
    kernel,
    package: null,
    distribution: "",
    said: { explicit: "", byAlias: "" },
    kept: false,
    ownFile: null,
    changedMs: 0,
  };
  const folder = `/lib/modules/${kernel}`;
  const builtin = builtinModules(valueOf(await host.ask({ ask: "file", path: `${folder}/modules.builtin` }))?.text ?? "");
  const inKernel = involvedModules.filter((name) => loaded.has(name) || builtin.has(name));
  if (macvtapModules.every((name) => inKernel.includes(name))) return known({ ...none, present: true, support: { is: "present" } }, clock.at);
  return whyNot(host, inKernel, none);
}

async function loadedOf(host: Inspector, names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(names.map(async (name) => ((await host.ask({ ask: "status", path: `/sys/module/${name}` })).kind === "known" ? [name] : [])));
  return new Set(found.flat());
}

async function whyNot(host: Inspector, inKernel: readonly string[], none: Omit<KernelModules, "present" | "support">): Promise<Answer<KernelModules>> {
  const { kernel } = none;
  const text = async (path: string): Promise<string | undefined> => valueOf(await host.ask({ ask: "file", path }))?.text;
  const [config, explicit, byAlias, kernels, cmdline, disabled, helper, container, signatures, distribution, load, depsChanged] = await Promise.all([
    modprobeConfig(host),
    dryRun(host, "macvtap"),
    dryRun(host, macvtapAlias),
    host.ask({ ask: "directory", path: "/lib/modules" }),
    text("/proc/cmdline"),
    text("/proc/sys/kernel/modules_disabled"),
    text("/proc/sys/kernel/modprobe"),
    containerSign(host),
    signaturesWanted(host),
    osRelease(host),
    modulesLoad(host),
    changed(host, `/lib/modules/${kernel}/modules.dep`),
  ]);
  const forbidding = { container, modulesDisabled: disabled?.trim() === "1", cmdline: cmdline ?? "", inKernel };
  // In a container there often is no modprobe, and it would tell nothing.
  if (notPermitted(forbidding) === null) {
    if (explicit.kind !== "known") return unknown(`modprobe could not be asked about macvtap: ${explicit.why}`);
    if (byAlias.kind !== "known") return unknown(`modprobe could not be asked about ${macvtapAlias}: ${byAlias.why}`);
  }
  const [byName, onFirstUse] = [valueOf(explicit) ?? saidNothing, valueOf(byAlias) ?? saidNothing];
  const missing = await Promise.all(byName.inserts.map(async (path) => ((await host.ask({ ask: "status", path })).kind === "absent" ? [path] : [])));
  const signer = signatures === null ? null : await signerOf(host);
  const support = macvtapSupport({
    kernel,
    present: false,
    ...forbidding,
    explicit: byName,
    byAlias: onFirstUse,
    missingFiles: missing.flat(),
    lines: config.lines,
    helper: helper === undefined ? "/sbin/modprobe" : helper.trim(),
    signaturesWanted: signatures,
    signer,
    kernels: valueOf(kernels) ?? [],
  });
  const release = parseOsRelease(distribution);
  return known(
    {
      ...none,
      present: false,
      support,
      package: modulesPackage(release, kernel),
      distribution: release.prettyName,
      said: { explicit: byName.words, byAlias: onFirstUse.words },
      kept: load.kept,
      ownFile: load.ownFile,
      changedMs: Math.max(config.changedMs, depsChanged),
    },
    explicit.kind === "known" ? explicit.at : "",
  );
}

const saidNothing: ModprobeDryRun = { inserts: [], installs: [], notFound: false, words: "" };

async function dryRun(host: Inspector, name: string): Promise<Answer<ModprobeDryRun>> {
  return mapAnswer(await host.ask({ ask: "command", argv: ["modprobe", "-n", "-v", name] }), parseModprobeDryRun);
}

async function changed(host: Inspector, path: string): Promise<number> {
  return valueOf(await host.ask({ ask: "status", path }))?.mtimeMs ?? 0;
}

/** The configuration in force, and when it last changed: a removed file shows in its folder. */
async function modprobeConfig(host: Inspector): Promise<{ lines: ModprobeLine[]; changedMs: number }> {
  const folders = await Promise.all(
    modprobeFolders.map(async (path) => {
      const names = valueOf(await host.ask({ ask: "directory", path }));
      return { path, names: names ?? [], changedMs: names ? await changed(host, path) : 0 };
    }),
  );
  const files = await Promise.all(configFilesInForce(folders).map(async (path) => ({ path, file: valueOf(await host.ask({ ask: "file", path })) })));
  return {
    lines: files.flatMap(({ path, file }) => (file ? parseModprobeConfig(path, file.text) : [])),
    changedMs: Math.max(0, ...folders.map((folder) => folder.changedMs), ...files.map(({ file }) => file?.mtimeMs ?? 0)),
  };
}

/** systemd, Docker and Podman each leave a file (systemd: CONTAINER_INTERFACE). */
async function containerSign(host: Inspector): Promise<string | null> {
  const signs = await Promise.all(
    ["/run/systemd/container", "/.dockerenv", "/run/.containerenv"].map(async (path) =>
      (await host.ask({ ask: "status", path })).kind === "known" ? path : null,
    ),
  );
  return signs.find((sign) => sign !== null) ?? null;
}

/** kernel_lockdown(7): in both of its modes only signed modules are loaded; module.sig_enforce does the same alone. */
async function signaturesWanted(host: Inspector): Promise<Place | null> {
  const lockdown = { path: "/sys/kernel/security/lockdown", mode: "" };
  const enforce = "/sys/module/module/parameters/sig_enforce";
  const [mode, enforced] = await Promise.all([host.ask({ ask: "file", path: lockdown.path }), host.ask({ ask: "file", path: enforce })]);
  lockdown.mode = /\[(\w+)\]/.exec(valueOf(mode)?.text ?? "")?.[1] ?? "none";
  if (lockdown.mode !== "none") return { where: lockdown.path, text: `lockdown: ${lockdown.mode}` };
  return valueOf(enforced)?.text.trim() === "Y" ? { where: enforce, text: "module.sig_enforce=Y" } : null;
}

async function signerOf(host: Inspector): Promise<string | null> {
  const answer = valueOf(await host.ask({ ask: "command", argv: ["modinfo", "-F", "signer", "macvtap"] }));
  return answer?.status === 0 ? answer.stdout.trim() : null;
}

async function osRelease(host: Inspector): Promise<string> {
  const etc = await host.ask({ ask: "file", path: "/etc/os-release" });
  return valueOf(etc)?.text ?? valueOf(await host.ask({ ask: "file", path: "/usr/lib/os-release" }))?.text ?? "";
}

async function modulesLoad(host: Inspector): Promise<{ kept: boolean; ownFile: string | null }> {
  const folders = await Promise.all(modulesLoadFolders.map(async (path) => ({ path, names: valueOf(await host.ask({ ask: "directory", path })) ?? [] })));
  const paths = configFilesInForce(folders);
  const files = await Promise.all(paths.map(async (path) => ({ path, file: valueOf(await host.ask({ ask: "file", path })) })));
  const named = new Set(files.flatMap(({ file }) => modulesToLoad(file?.text ?? "")));
  return { kept: macvtapModules.every((name) => named.has(name)), ownFile: files.find(({ path }) => path === modulesLoadFile)?.file?.sha256 ?? null };
}

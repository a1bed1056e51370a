import { evidence } from "../src/evidence.ts";
import { macvtapAlias, type MacvtapSupport, type Place } from "../src/facts/kernel-modules.ts";
import { someOf, wantsOf } from "../src/facts/network-needs.ts";
import { valueOf, type Answer } from "../src/host/inspector.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext, type Remedy } from "../src/remediation.ts";
import type { Evidence } from "../src/report.ts";
import { installKernelModules, loadMacvlan } from "../src/steps/kernel-modules.ts";
import type { LogEvidence } from "../src/survey/journal.ts";
import type { KernelModules } from "../src/survey/kernel-modules.ts";
import { findingIn, logEvidence } from "../src/survey/network-settings.ts";
import type { MicrovmRecord } from "../src/survey/records.ts";

const id = "macvtap-unavailable" as const;

interface Facts {
  modules: KernelModules;
  /** flintlockd may not make one although the kernel could. */
  deniedToFlintlockd: boolean;
}

export default defineRemediation<Facts>({
  id,
  means:
    "The kernel cannot make the macvtap interfaces that MicroVMs are attached to: its modules macvlan and macvtap are not loaded, and it would not load them by itself.",
  told: "flintlockd's journal says 'creating interface … operation not supported' (or permitted), or a stored MicroVM has a macvtap interface; and the modules are neither loaded nor built in, nor would `modprobe -n` load them by the name that the kernel asks for.",
  cure: "Both modules are loaded and named in modules-load.d. A `blacklist` line stops only loading by alias, so an explicit modprobe works there. A block by `install … /bin/false` is deliberate and refused. Where the module's file is missing, the distribution's package is named, and installed with --allow packages.",
  harm: "Two small modules are loaded; no running MicroVM is touched, flintlockd is not restarted, no file of modprobe.d is changed.",
  runbook: "Operation not supported (network, macvtap)",
  signatures: [
    // A name that begins with fltap is a tap's: that is no matter of these modules.
    { name: "not-created", unit: "flintlockd", pattern: /creating interface (?!fltap)[^\s"]{1,64} using netlink: operation not (?:supported|permitted)/i },
    { name: "not-created-old", unit: "flintlockd", pattern: /creating network interface: operation not (?:supported|permitted)/i },
  ],
  breaks: () => ["modules"],
  inspect: async (survey) => {
    const [records, journal] = await Promise.all([survey.records(), survey.journal()]);
    const log = valueOf(journal);
    const hits = findingIn(log, id);
    const wanting = records.kind === "known" ? wantsOf(records.value).macvtap : [];
    const advice = askedOfFirecracker(log);
    if (!hits && wanting.length === 0 && records.kind !== "unknown") return healthy("no MicroVM here has a macvtap interface", [], advice);
    const modules = await survey.kernelModules();
    if (modules.kind !== "known") return unknownBecause(`whether the kernel can make macvtap interfaces cannot be told: ${modules.why}`);
    const { support, changedMs } = modules.value;
    const microvms = [...new Set([...wanting, ...(hits?.microvms ?? [])])];
    const seen = [...logEvidence(log, id), ...moduleEvidence(modules.value, modules.at), ...recordEvidence(records, wanting)].map(evidence);
    // Since then somebody may have put it right.
    const since = hits && Date.parse(hits.last.at) > changedMs ? hits.last : null;
    const ready = support.is === "present" || support.is === "loadable";
    if (ready && since !== null && /not permitted/i.test(since.excerpt))
      return problem(
        "flintlockd is not permitted to make macvtap interfaces, although the kernel has them",
        seen,
        { modules: modules.value, deniedToFlintlockd: true },
        { microvms, advice },
      );
    // Whether flintlockd may use them, its own words alone tell.
    if (ready && journal.kind === "unknown")
      return unknownBecause(`the kernel has macvtap, and whether flintlockd may make one cannot be told: ${journal.why}`, seen);
    if (support.is === "present")
      return healthy(`macvlan and macvtap are in the kernel${hits ? `; what flintlockd said at ${hits.last.at} is about a time before` : ""}`, [], advice);
    if (support.is === "loadable" && since === null) return healthy("the kernel loads macvtap by itself on first use", [], advice);
    if (microvms.length === 0 && !hits)
      return unknownBecause(
        `the kernel would not make macvtap interfaces, and whether a MicroVM has one cannot be told: ${records.kind === "known" ? "" : records.why}`,
        seen,
      );
    const who = microvms.length > 0 ? `; wanted by ${someOf(microvms)}` : "";
    return problem(
      `the kernel cannot make macvtap interfaces: ${inWords(support, modules.value.kernel)}${who}`,
      seen,
      { modules: modules.value, deniedToFlintlockd: false },
      { microvms, advice },
    );
  },
  remedy: ({ facts }, context) => remedyOf(facts, context),
});

function remedyOf({ modules, deniedToFlintlockd }: Facts, context: PlanContext): Remedy {
  const { support } = modules;
  if (deniedToFlintlockd) {
    return refused(
      "NOT_PERMITTED",
      "flintlockd was refused the making of a macvtap (operation not permitted), although the kernel has or loads the modules",
      `look whether it runs in a container, as another user or with fewer capabilities: systemctl show -p User -p CapabilityBoundingSet -p PrivateUsers ${context.units.flintlockd}`,
    );
  }
  switch (support.is) {
    case "present":
    case "loadable":
      return { steps: [loadMacvlan(modules, [id])], refusals: [], advice: [] };
    case "denied": {
      const message = `${placesInWords(support.lines) || "a deny list"} stops the kernel from loading macvtap by itself; an explicit modprobe works now, but systemd-modules-load honours deny lists, too: after a reboot only the boot unit of this tool (fix install) repeats it`;
      return { steps: [loadMacvlan(modules, [id])], refusals: [], advice: [{ finding: id, message }] };
    }
    case "blocked":
      return refused(
        "MODULE_BLOCKED",
        `macvtap is kept out on purpose: ${placesInWords(support.lines)}`,
        "if MicroVMs on this host are to have macvtap, take that line away yourself; otherwise use tap interfaces and a bridge",
      );
    case "missing":
      return withPackage(modules, support, context);
    case "not-permitted":
      return refused(support.code, `${support.why} (${support.where})`, support.wayOut);
  }
}

function withPackage(modules: KernelModules, { folderExists, otherKernels }: Extract<MacvtapSupport, { is: "missing" }>, { policy }: PlanContext): Remedy {
  const { kernel, distribution } = modules;
  const upgraded = folderExists || otherKernels.length === 0 ? "" : `, or reboot into a kernel whose modules are there (${otherKernels.slice(-3).join(", ")})`;
  if (!modules.package)
    return refused(
      "NO_PACKAGE_KNOWN",
      `the file of macvtap is missing for the running kernel ${kernel}, and which package of ${distribution || "this system"} has it is not known here`,
      `install the modules of kernel ${kernel} from where the kernel came from${upgraded}, then run fix again`,
    );
  const command = modules.package.commands.map((argv) => argv.join(" ")).join(" && ");
  if (!policy.allowPackages)
    return refused(
      "PACKAGES_WITHOUT_CONSENT",
      `the file of macvtap is missing for the running kernel ${kernel}: ${modules.package.name} has it`,
      `add --allow packages, or run yourself: ${command}${upgraded}`,
    );
  return { steps: [installKernelModules(modules.package, kernel, [id]), loadMacvlan(modules, [id])], refusals: [], advice: [] };
}

const refused = (code: string, message: string, hint: string): Remedy => ({ steps: [], refusals: [{ finding: id, code, message, hint }], advice: [] });

const placesInWords = (places: readonly Place[]): string => places.map(({ where, text }) => `${where} (${text})`).join(", ");

function inWords(support: MacvtapSupport, kernel: string): string {
  switch (support.is) {
    case "present":
      return "macvlan and macvtap are there";
    case "loadable":
      return "its modules are not loaded, and it did not load them on first use";
    case "denied":
      return `loading macvtap by itself is denied by ${placesInWords(support.lines) || "modprobe's configuration"}`;
    case "blocked":
      return `macvtap is kept out by ${placesInWords(support.lines)}`;
    case "missing":
      return support.folderExists
        ? `the file of macvtap is missing for the running kernel ${kernel}`
        : `there are no modules for the running kernel ${kernel} (/lib/modules/${kernel} is gone)`;
    case "not-permitted":
      return support.why;
  }
}

function moduleEvidence({ support, kernel, said }: KernelModules, at: string): Evidence[] {
  const asked = (name: string, words: string): Evidence => ({
    source: "command",
    ref: `modprobe -n -v ${name}`,
    at,
    excerpt: words || "it would load nothing",
  });
  switch (support.is) {
    case "present":
      return [{ source: "file", ref: "/sys/module/macvtap", at, excerpt: "macvlan and macvtap are loaded or built in" }];
    case "loadable":
      return [asked("macvtap", said.explicit)];
    case "denied":
      return [...linesOf(support.lines), asked(macvtapAlias, said.byAlias)];
    case "blocked":
      return [...linesOf(support.lines), asked("macvtap", said.explicit)];
    case "missing":
      return [
        asked("macvtap", said.explicit),
        ...(said.explicit === support.words ? [] : [{ source: "file" as const, ref: `/lib/modules/${kernel}`, at, excerpt: support.words }]),
      ];
    case "not-permitted":
      return [{ source: "file", ref: support.where, at, excerpt: support.why }];
  }
}

const linesOf = (places: readonly Place[]): Evidence[] => places.map(({ where, text }) => ({ source: "file", ref: where, at: null, excerpt: text }));

function recordEvidence(records: Answer<MicrovmRecord[]>, wanting: readonly string[]): Evidence[] {
  return (valueOf(records) ?? [])
    .filter((record) => wanting.includes(record.id))
    .slice(0, 3)
    .map(({ id: microvm, source, interfaces }) => ({
      source: "file",
      ref: source,
      at: null,
      excerpt: `${microvm}: ${interfaces.find(({ type }) => type === "macvtap")?.guestDevice ?? "an interface"} is a macvtap`,
    }));
}

/** Since 0.7 flintlock refuses it and stores nothing (core/application/commands.go): no change of the host helps. */
function askedOfFirecracker(log: LogEvidence | undefined): string[] {
  const refusal = log?.notOurs.find(({ example }) => example.includes("macvtap network interfaces not supported by the microvm provider"));
  if (!refusal) return [];
  const times = refusal.count === 1 ? "a MicroVM" : `${refusal.count} MicroVMs`;
  return [
    `${times} asked Firecracker for a macvtap interface, which flintlock refuses since 0.7: no change of the host helps. Use type 1 (tap) in the spec, or provider cloudhypervisor (default-provider in flintlockd's config)`,
  ];
}

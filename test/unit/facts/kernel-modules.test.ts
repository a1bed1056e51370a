import { expect, test } from "@jest/globals";
import { builtinModules, macvtapSupport, type ModuleSigns } from "../../../src/facts/kernel-modules.ts";
import { parseModprobeConfig, type ModprobeDryRun } from "../../../src/facts/modprobe.ts";

const loads: ModprobeDryRun = {
  inserts: ["/lib/modules/6.1/tap.ko", "/lib/modules/6.1/macvlan.ko", "/lib/modules/6.1/macvtap.ko"],
  installs: [],
  notFound: false,
  words: "",
};
const nothing: ModprobeDryRun = { inserts: [], installs: [], notFound: false, words: "" };
const gone: ModprobeDryRun = { inserts: [], installs: [], notFound: true, words: "modprobe: FATAL: Module macvtap not found in directory /lib/modules/6.1" };
const plain: ModuleSigns = {
  kernel: "6.1",
  present: false,
  inKernel: [],
  explicit: loads,
  byAlias: loads,
  missingFiles: [],
  lines: [],
  cmdline: "quiet",
  modulesDisabled: false,
  helper: "/sbin/modprobe",
  container: null,
  signaturesWanted: null,
  signer: null,
  kernels: ["6.1"],
};
const lines = (text: string) => parseModprobeConfig("/etc/modprobe.d/x.conf", text);

test.each<[string, Partial<ModuleSigns>, object]>([
  ["both are there", { present: true, container: "/.dockerenv" }, { is: "present" }],
  ["on first use", {}, { is: "loadable" }],
  [
    "through a wrapper",
    {
      explicit: { ...loads, installs: ["modprobe --ignore-install macvtap"] },
      byAlias: { ...nothing, installs: ["modprobe --ignore-install macvtap"] },
      lines: lines("install macvtap modprobe --ignore-install macvtap"),
    },
    { is: "loadable" },
  ],
  [
    "blacklist",
    { byAlias: nothing, lines: lines("blacklist macvtap") },
    { is: "denied", lines: [{ where: "/etc/modprobe.d/x.conf:1", text: "blacklist macvtap" }] },
  ],
  [
    "blacklist on the kernel's command line",
    { byAlias: nothing, cmdline: "modprobe.blacklist=macvtap" },
    { is: "denied", lines: [{ where: "/proc/cmdline", text: "modprobe.blacklist=macvtap" }] },
  ],
  [
    "the kernel's alias switched off",
    { byAlias: nothing, lines: lines("alias rtnl-link-macvtap off") },
    { is: "denied", lines: [{ where: "/etc/modprobe.d/x.conf:1" }] },
  ],
  ["the kernel has no helper", { helper: "" }, { is: "denied", lines: [{ where: "/proc/sys/kernel/modprobe" }] }],
  ["install /bin/false", { lines: lines("install macvtap /bin/false") }, { is: "blocked", lines: [{ where: "/etc/modprobe.d/x.conf:1" }] }],
  ["install /bin/true of what it depends on", { lines: lines("install tap /bin/true") }, { is: "blocked" }],
  ["install /bin/true of what it depends on, which is loaded", { inKernel: ["macvlan"], lines: lines("install macvlan /bin/true") }, { is: "loadable" }],
  [
    "one of them is loaded, the other is kept out",
    { inKernel: ["macvlan"], lines: lines("install macvlan /bin/true\ninstall tap /bin/false") },
    { is: "blocked", lines: [{ text: "install tap /bin/false" }] },
  ],
  [
    "a wrapper before /bin/false: modprobe takes the first",
    { lines: lines("install macvtap modprobe -i macvtap\ninstall macvtap /bin/false") },
    { is: "loadable" },
  ],
  [
    "a softdep that fails does not stop the module",
    { explicit: { ...loads, installs: ["/bin/false"] }, lines: lines("softdep macvtap pre: nosuch\ninstall nosuch /bin/false") },
    { is: "loadable" },
  ],
  [
    "the module's name switched off",
    { explicit: nothing, lines: lines("alias macvtap off") },
    { is: "blocked", lines: [{ where: "/etc/modprobe.d/x.conf:1", text: "alias macvtap off" }] },
  ],
  ["its file is missing", { explicit: gone, byAlias: gone }, { is: "missing", words: gone.words, folderExists: true, otherKernels: [] }],
  [
    "its file is missing, and depmod does not know",
    { missingFiles: ["/lib/modules/6.1/macvtap.ko"] },
    { is: "missing", words: "/lib/modules/6.1/macvtap.ko does not exist" },
  ],
  ["the kernel was upgraded", { explicit: gone, byAlias: gone, kernels: ["6.2"] }, { is: "missing", folderExists: false, otherKernels: ["6.2"] }],
  ["a container", { container: "/run/systemd/container" }, { is: "not-permitted", code: "CONTAINER" }],
  ["modules_disabled", { modulesDisabled: true }, { is: "not-permitted", code: "MODULES_DISABLED" }],
  ["module_blacklist", { cmdline: "module_blacklist=macvlan" }, { is: "not-permitted", code: "KERNEL_PARAMETER" }],
  ["module_blacklist of what is built in", { inKernel: ["macvlan"], cmdline: "module_blacklist=macvlan" }, { is: "loadable" }],
  [
    "an unsigned module where signatures are wanted",
    { signaturesWanted: { where: "/x", text: "lockdown: integrity" }, signer: "" },
    { is: "not-permitted", code: "UNSIGNED_MODULE" },
  ],
  ["a signed one there", { signaturesWanted: { where: "/x", text: "lockdown: integrity" }, signer: "Debian" }, { is: "loadable" }],
  ["lockdown, and the signer cannot be told", { signaturesWanted: { where: "/x", text: "" }, signer: null }, { is: "loadable" }],
])("%s", (_, changes, expected) => expect(macvtapSupport({ ...plain, ...changes })).toMatchObject(expected));

test("modules.builtin", () => expect(builtinModules("kernel/drivers/net/macvlan.ko\nkernel/x/dm-mod.ko.xz\n").has("dm_mod")).toBe(true));

/** Steps that bring the modules of macvtap into the kernel. No file of modprobe.d is ever edited. */

import { unifiedDiff } from "../facts/diff.ts";
import { macvtapModules } from "../facts/kernel-modules.ts";
import type { ModulesPackage } from "../facts/os-release.ts";
import type { FindingId } from "../report.ts";
import { modulesLoadFile } from "../survey/kernel-modules.ts";
import type { Action, Step } from "./action.ts";

const header = "# Modules that macvtap interfaces of flintlock's MicroVMs need; see modules-load.d(5). Written by flintlock-fix.";
export const modulesLoadText = `${[header, ...macvtapModules].join("\n")}\n`;

/** `kept`: named in modules-load.d already. `ownFile`: SHA-256 of our own file there, null where there is none. */
export function loadMacvlan({ kept, ownFile }: { kept: boolean; ownFile: string | null }, because: FindingId[]): Step {
  const persist: Action[] = kept
    ? []
    : [
        {
          do: "write-file",
          path: modulesLoadFile,
          text: modulesLoadText,
          mode: 0o644,
          before: ownFile,
          diff: unifiedDiff(modulesLoadFile, "", modulesLoadText),
        },
      ];
  return {
    key: "load-macvlan",
    id: "load-macvlan",
    title: `load the kernel modules ${macvtapModules.join(" and ")}${kept ? "" : ", now and at every boot"}`,
    because,
    risk: "safe",
    impact: "no running MicroVM is touched; flintlockd finds them at its next try, without a restart",
    actions: [
      // First: killed in between, modules that are loaded and not kept would pass for a finished cure.
      ...persist,
      ...macvtapModules.map((module): Action => ({ do: "run", argv: ["modprobe", module], timeoutMs: 30_000 })),
      ...macvtapModules.map((module): Action => ({ do: "await", that: { is: "module-present", module }, withinMs: 5_000 })),
    ],
    provides: ["modules"],
    after: ["module-files"],
    needs: ["module-files"],
  };
}

export function installKernelModules({ name, commands }: ModulesPackage, kernel: string, because: FindingId[]): Step {
  return {
    key: "install-kernel-modules",
    id: "install-kernel-modules",
    title: `install ${name}, which has macvtap for the running kernel ${kernel}`,
    because,
    risk: "safe",
    impact: "packages are installed from the distribution's configured sources; no running MicroVM is touched",
    actions: commands.map((argv): Action => ({ do: "run", argv, timeoutMs: 900_000 })),
    provides: ["module-files"],
    after: [],
    needs: [],
  };
}

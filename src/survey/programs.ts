/** Programs that a cure needs, and the packages that have them. */

import type { Reason } from "../facts/devpool.ts";
import type { Inspector } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

const packages: Record<string, string> = {
  losetup: "util-linux (Debian, Ubuntu: mount)",
  truncate: "coreutils",
  dmsetup: "dmsetup (Debian, Ubuntu) or device-mapper (Fedora, RHEL)",
  thin_check: "thin-provisioning-tools (Debian, Ubuntu) or device-mapper-persistent-data (Fedora, RHEL)",
  lvm: "lvm2",
};

/** The refusal that names the package. */
export const packaged = (tool: string): Reason => ({
  code: "TOOL_MISSING",
  message: `${tool} is not installed; it is in package ${packages[tool] ?? tool}`,
  hint: `install that package, then fix --dry-run`,
});

export async function missingTools(survey: Survey, tools: readonly string[]): Promise<Reason | null> {
  for (const tool of tools) if (!(await isInstalled(survey.host, tool))) return packaged(tool);
  return null;
}

const folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

/** Looked for and not run: dmsetup opens /dev/mapper/control, which loads dm_mod. Where it cannot be told, it is taken to be there. */
export async function isInstalled(host: Inspector, tool: string): Promise<boolean> {
  for (const folder of folders) if ((await host.ask({ ask: "status", path: `${folder}/${tool}` })).kind !== "absent") return true;
  return false;
}

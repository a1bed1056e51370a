/** systemd units of a flintlock host, all asked for in one `systemctl show`. */

import { parseUnits, unitProperties, type Unit } from "../facts/unit.ts";
import { absent, known, unknown, type Answer, type CommandResult, type Inspector } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface Units {
  flintlockd: Unit;
  /** containerd-dev.service */
  containerdDev: Unit;
  /** containerd.service */
  containerd: Unit;
}

export const unitNames = ["flintlockd.service", "containerd-dev.service", "containerd.service"] as const;

/** systemctl(1): `show` exits 0 for a unit that does not exist too, and says `LoadState=not-found`. */
export const showUnits: readonly string[] = ["systemctl", "show", "--no-pager", `--property=${unitProperties.join(",")}`, "--", ...unitNames];

export async function units(survey: Survey): Promise<Answer<Units>> {
  return unitsFrom(survey.host, showUnits);
}

/** `absent`: there is no systemd to ask. */
export async function unitsFrom(host: Inspector, argv: readonly string[]): Promise<Answer<Units>> {
  const shown = await host.ask({ ask: "command", argv: [...argv] });
  if (shown.kind === "absent") return unknown(`there is no systemctl: ${shown.why}`);
  if (shown.kind === "unknown") return shown;
  if (shown.value.status !== 0) return unknown(failed(shown.value));
  const [flintlockd, containerdDev, containerd, more] = parseUnits(shown.value.stdout);
  if (!flintlockd || !containerdDev || !containerd || more) return unknown("systemctl show did not answer for each of the three units");
  return known({ flintlockd, containerdDev, containerd }, shown.at);
}

/** One unit by its name, now. */
export async function unitNow(host: Inspector, name: string): Promise<Answer<Unit>> {
  const shown = await host.ask({ ask: "command", argv: ["systemctl", "show", "--no-pager", `--property=${unitProperties.join(",")}`, "--", name] });
  if (shown.kind !== "known") return shown;
  const [unit] = parseUnits(shown.value.stdout);
  if (shown.value.status !== 0 || !unit) return unknown(failed(shown.value));
  return unit.loadState === "not-found" ? absent(`there is no unit ${name}`) : known(unit, shown.at);
}

function failed({ status, stderr }: CommandResult): string {
  if (/not been booted with systemd|Host is down|Failed to connect to bus/i.test(stderr))
    return "systemd does not run here (systemctl: the system has not been booted with systemd, or its bus cannot be reached)";
  return `systemctl show ${status === null ? "was ended by a signal" : `exited ${status}`}: ${stderr.trim().split("\n")[0]?.slice(0, 200) ?? ""}`;
}

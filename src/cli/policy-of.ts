/** Policy of a run: a flag beats the file, the file beats the default. */

import { FixError } from "../errors.ts";
import { validInterfaceName } from "../facts/links.ts";
import { badPolicy, commandLine, loadPolicyFile, type Origins, type PolicyFile } from "../policy-file.ts";
import { defaultPolicy, type Policy } from "../policy.ts";
import type { FindingId } from "../report.ts";
import type { FixOptions } from "./arguments.ts";
import { chosenAtBoot, chosenChecks } from "./chosen-checks.ts";
import { didYouMean } from "./nearest.ts";

export interface PolicyInForce {
  policy: Policy;
  /** Where each value comes from: a flag, `PATH:LINE`, or default. */
  origins: Origins;
}

export function policyInForce(options: Pick<FixOptions, "config"> & Partial<FixOptions>, ids: readonly FindingId[]): PolicyInForce {
  const file = loadPolicyFile(options.config, ids);
  const said: Partial<Policy> = {
    ...(options.profile ? { profile: options.profile } : {}),
    ...(options.only ? { only: findingIds(options.only, ids, "--only") } : {}),
    ...(options.skip ? { skip: findingIds(options.skip, ids, "--skip") } : {}),
    ...(options.bridgeName === undefined ? {} : { bridgeName: interfaceName(options.bridgeName, "--bridge-name") }),
    ...(options.parentIface === undefined ? {} : { parentIface: interfaceName(options.parentIface, "--parent-iface") }),
    ...(options.disk === undefined ? {} : { disk: options.disk }),
    ...(options.allow?.includes("destructive") ? { allowDestructive: true } : {}),
    ...(options.allow?.includes("packages") ? { allowPackages: true } : {}),
    ...(options.provisioner ? { provisioner: options.provisioner } : {}),
    ...(options.provisionScript === undefined ? {} : { provisionScript: options.provisionScript }),
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
    ...(options.wait === undefined ? {} : { waitMs: options.wait }),
    ...(options.unattended ? { unattended: true, trigger: options.unattended } : {}),
    // Before the daemons start there is nothing to wait for.
    ...(options.unattended === "boot" ? { waitMs: null } : {}),
  };
  const chosen = chosenChecks(said, file, ids);
  const stateDir = process.env["FLINTLOCK_FIX_STATE"] || defaultPolicy.stateDir;
  const policy = {
    ...defaultPolicy,
    ...file.values,
    ...said,
    ...(options.unattended === "boot" && !options.only ? chosenAtBoot(chosen) : chosen),
    stateDir,
  };
  scriptAndProvisioner(options, policy, file);
  return {
    policy,
    origins: { ...file.origins, ...Object.fromEntries(Object.keys(said).map((key) => [key, commandLine])) },
  };
}

/** The one is of no use without the other, wherever each was said. */
function scriptAndProvisioner(options: Partial<FixOptions>, { provisioner, provisionScript }: Policy, { places }: PolicyFile): void {
  if (options.provisionScript !== undefined && provisioner !== "script")
    throw new FixError("USAGE", "--provision-script is used only with --provisioner script", "add --provisioner script");
  if (provisioner !== "script" || provisionScript !== null) return;
  if (options.provisioner === undefined) throw badPolicy(places.provisioner ?? "", "provisioner: script needs provision-script: /absolute/path/provision.sh");
  throw new FixError("USAGE", "--provisioner script needs the script", "add --provision-script /absolute/path/provision.sh");
}

/** Each must be a known finding; the nearest one is named where it is not. */
export function findingIds(words: readonly string[], ids: readonly FindingId[], where: string): FindingId[] {
  return words.map((word) => {
    const id = ids.find((known) => known === word);
    if (id === undefined) throw new FixError("USAGE", `${where}: ${JSON.stringify(word)} is no finding`, `${didYouMean(word, ids)}All: ${ids.join(", ")}`);
    return id;
  });
}

export function interfaceName(name: string, where: string): string {
  if (!validInterfaceName(name))
    throw new FixError(
      "USAGE",
      `${where}: ${JSON.stringify(name)} cannot be the name of a network interface`,
      "1 to 15 bytes, no slash, no colon, no white space, no dash in front; see: ip -br link",
    );
  return name;
}

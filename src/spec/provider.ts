/** Which hypervisor a spec will get: its own provider, else the host's default, else Firecracker (flintlock: internal/command/flags/flags.go). */

import type { HostAbility } from "./host-ability.ts";
import type { MicrovmSpec } from "./microvm.ts";

export interface Provider {
  /** `firecracker`, `cloudhypervisor`, or what the spec says; null where it cannot be told. */
  name: string | null;
  /** For people. */
  shown: string;
  /** Where that comes from. */
  because: string;
  /** Null: cannot be told. */
  takesMacvtap: boolean | null;
  /** Why it cannot be told, as for a `Service`. */
  host: "absent" | "unknown";
}

const shownNames: Record<string, string> = { firecracker: "Firecracker", cloudhypervisor: "Cloud Hypervisor" };

export const knownProvider = (name: string): boolean => Object.hasOwn(shownNames, name);

export function providerOf({ provider }: MicrovmSpec, { defaultProvider, name: host }: HostAbility): Provider {
  const said = provider?.text ?? "";
  if (provider?.templated === true)
    return { name: null, shown: "a provider that a template fills in", because: "the provider is filled in by a template", takesMacvtap: null, host: "absent" };
  if (said !== "") return named(said, "the spec's provider");
  if (defaultProvider.kind === "unknown")
    return {
      name: null,
      shown: "the host's default provider",
      because: `default-provider could not be told: ${defaultProvider.why}`,
      takesMacvtap: null,
      host: "unknown",
    };
  if (defaultProvider.kind === "absent") return named("firecracker", "flintlock's default provider; the spec names none");
  const { value, where } = defaultProvider.value;
  return named(value, where === "" ? `flintlock's default provider; the spec names none, nor does ${host}` : `default-provider of ${host}, ${where}`);
}

/** Capabilities of the providers: infrastructure/microvm/{firecracker,cloudhypervisor}/provider.go. */
function named(name: string, because: string): Provider {
  return {
    name,
    shown: shownNames[name] ?? JSON.stringify(name.slice(0, 40)),
    because,
    takesMacvtap: knownProvider(name) ? name === "cloudhypervisor" : null,
    host: "absent",
  };
}

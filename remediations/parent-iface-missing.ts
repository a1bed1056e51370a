import { defineRemediation } from "../src/remediation.ts";
import { askedFor, setAndRestart } from "../src/steps/network-settings.ts";
import { bringUpFlintlockd } from "../src/steps/units.ts";
import { chooseParent } from "../src/facts/parent-choice.ts";
import { inspectMissing, signatureNames, type MissingSetting } from "../src/survey/network-settings.ts";

const id = "parent-iface-missing" as const;

export default defineRemediation<MissingSetting>({
  id,
  means:
    "flintlockd has to hang a MicroVM's macvtap interface on a wired interface of the host, and was not told on which. With neither parent-iface nor bridge-name it does not even start.",
  told: "flintlockd's setting parent-iface (flag, drop-in, environment, config file) is empty, and a stored MicroVM has a macvtap interface, flintlockd's journal says so, or flintlockd was given neither bridge-name nor parent-iface. Or it is set, and flintlockd, started before that, still says that it has none, or misses another device than the one set now: then it is only restarted.",
  cure: "parent-iface is set in flintlockd's config: to what --parent-iface or the policy says, else to the wired interface of the default route (a NIC, bond or VLAN; where that is a port of a bridge, the bridge, since a port is busy). Then flintlockd is restarted. Where that is ambiguous it is refused with the choices. The other way is type tap in the spec, with a bridge.",
  harm: "One key of the config file changes, a dated copy stays beside it; flintlockd is restarted, running MicroVMs go on.",
  runbook: "A parent network device name is required for macvtap interfaces",
  signatures: [
    { name: signatureNames.macvtap, unit: "flintlockd", pattern: /a parent network device name is required for macvtap interfaces/i },
    // flintlock before v0.2, which knew macvtap alone (core/errors/errors.go).
    { name: "parent-needed-old", unit: "flintlockd", pattern: /creating network interface: a parent network device name is required$/i },
    { name: signatureNames.neither, unit: "flintlockd", pattern: /you must supply at least one of parent interface, bridge name/i },
  ],
  breaks: ({ facts }) => (facts?.cannotStart === true ? ["config"] : []),
  inspect: (survey) => inspectMissing("parent-iface", survey),
  remedy: ({ facts }, context) => {
    if (facts.need === "not-in-force") return { steps: bringUpFlintlockd(context, [id]), refusals: [], advice: [] };
    if (facts.need === "undecided" && facts.config.problem === null && askedFor(facts.key, context) === null) {
      const choice = facts.links ? chooseParent(facts.links, null) : null;
      const would = choice && "name" in choice ? `; parent-iface would be ${choice.name}: ${choice.because}` : "";
      return {
        steps: [],
        refusals: [
          {
            finding: id,
            code: "BRIDGE_OR_PARENT",
            message: `flintlockd needs parent-iface (MicroVMs with macvtap interfaces, Cloud Hypervisor only) or bridge-name (tap), and nothing here says which${would}`,
            hint: "say which: --parent-iface NAME, --bridge-name NAME, or both",
          },
        ],
        advice: [],
      };
    }
    return setAndRestart(facts, id, context);
  },
});

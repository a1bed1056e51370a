import { ownBridges, namesOf } from "../src/facts/bridge-choice.ts";
import { defineRemediation } from "../src/remediation.ts";
import { askedFor, setAndRestart } from "../src/steps/network-settings.ts";
import { bringUpFlintlockd } from "../src/steps/units.ts";
import { inspectMissing, signatureNames, type MissingSetting } from "../src/survey/network-settings.ts";

const id = "bridge-name-missing" as const;

export default defineRemediation<MissingSetting>({
  id,
  means:
    "flintlockd has to attach a MicroVM's tap interface to a bridge, and was not told to which. With neither bridge-name nor parent-iface it does not even start.",
  told: "flintlockd's setting bridge-name (flag, drop-in, environment, config file) is empty, and a stored MicroVM has a tap without a bridge of its own, flintlockd's journal says so, or flintlockd was given neither bridge-name nor parent-iface. Or it is set, and flintlockd, started before that, still says that it has none, or misses another device than the one set now: then it is only restarted.",
  cure: "bridge-name is set in flintlockd's config: to what --bridge-name or the policy says, else to the one bridge of the host that no other program made for itself. Then flintlockd is restarted. None or several: it is refused with the choices. The other way is the MicroVM's spec: a bridge of its own (fix spec patch --bridge) or, on Cloud Hypervisor, type macvtap.",
  harm: "One key of the config file changes, a dated copy stays beside it; flintlockd is restarted, running MicroVMs go on.",
  runbook: "A parent network device name is required for attaching a TAP interface",
  signatures: [
    { name: signatureNames.tap, unit: "flintlockd", pattern: /a parent network device name is required for attaching a TAP interface/i },
    { name: signatureNames.neither, unit: "flintlockd", pattern: /you must supply at least one of parent interface, bridge name/i },
  ],
  breaks: ({ facts }) => (facts?.cannotStart === true ? ["config"] : []),
  inspect: (survey) => inspectMissing("bridge-name", survey),
  remedy: ({ facts, microvms }, context) => {
    if (facts.need === "not-in-force") return { steps: bringUpFlintlockd(context, [id]), refusals: [], advice: [] };
    if (facts.need === "undecided" && facts.config.problem === null && askedFor(facts.key, context) === null) {
      const bridges = facts.links ? ownBridges(facts.links.links) : [];
      return {
        steps: [],
        refusals: [
          {
            finding: id,
            code: "BRIDGE_OR_PARENT",
            message: `flintlockd needs bridge-name (MicroVMs with tap interfaces) or parent-iface (macvtap, Cloud Hypervisor only), and nothing here says which${bridges.length > 0 ? `; bridges: ${namesOf(bridges)}` : "; there is no bridge yet"}`,
            hint: "say which: --bridge-name NAME, --parent-iface NAME, or both",
          },
        ],
        advice: [],
      };
    }
    const remedy = setAndRestart(facts, id, context);
    const spec =
      microvms.length === 0 || facts.config.problem
        ? []
        : [
            {
              finding: id,
              message:
                "instead of bridge-name on the host, a MicroVM's spec can name a bridge of its own (fix spec patch --bridge NAME FILE) or, on Cloud Hypervisor, use macvtap (--type macvtap); it then has to be deleted and created again",
            },
          ];
    return { ...remedy, advice: [...remedy.advice, ...spec] };
  },
});

import { evidence } from "../src/evidence.ts";
import { isBridge } from "../src/facts/bridge-choice.ts";
import { needOf, someOf, wantsOf } from "../src/facts/network-needs.ts";
import { defineRemediation, healthy, problem, unknownBecause } from "../src/remediation.ts";
import { decide } from "../src/steps/network-settings.ts";
import { attachTaps, type Attachment } from "../src/steps/taps.ts";
import type { Links } from "../src/survey/links.ts";
import type { MicrovmRecord } from "../src/survey/records.ts";
import type { Settings } from "../src/survey/settings.ts";
import type { Survey } from "../src/survey/survey.ts";

const id = "tap-detached" as const;

interface Facts {
  attach: Attachment[];
  /** Taps whose bridge is not there: what is missing is another finding's. */
  waiting: string[];
}

export default defineRemediation<Facts>({
  id,
  means:
    "A MicroVM's tap exists but is attached to no bridge, so the MicroVM has no network. flintlockd passes over a tap that exists: neither its retries nor a restart attach it again.",
  told: "A tap that flintlock recorded for a MicroVM (and that is not for metadata) is in /sys/class/net without a master.",
  cure: "It is attached to the MicroVM's own bridge, or to bridge-name: ip link set dev TAP master BRIDGE, before any restart of flintlockd. Where that bridge is not there, see parent-device-missing.",
  harm: "None: the MicroVM goes on running and has its network back.",
  signatures: [],
  breaks: () => [],
  followsWhereTouched: ["bridge-name-missing", "parent-device-missing"],
  inspect: async (survey) => {
    const [records, links, settings] = await Promise.all([survey.records(), survey.links(), survey.settings()]);
    if (records.kind === "absent") return healthy("no MicroVM is stored");
    if (records.kind === "unknown") return unknownBecause(`which taps belong to MicroVMs cannot be told: ${records.why}`);
    if (links.kind !== "known") return unknownBecause(`the network devices of this host cannot be told: ${links.why}`);
    const detached = detachedTaps(records.value, links.value);
    if (detached.length === 0) return healthy("every tap of a stored MicroVM that exists is attached");
    if (settings.kind !== "known")
      return unknownBecause(`${detached.length} taps are attached to nothing, but flintlockd's settings cannot be told: ${settings.why}`);
    const byDefault = defaultBridge(settings.value, links.value, records.value, survey);
    const attach: Attachment[] = [];
    const waiting: string[] = [];
    for (const { tap, microvm, bridge } of detached) {
      const target = bridge === null ? byDefault : isBridge(links.value.links, bridge) ? bridge : null;
      if (target === null) waiting.push(tap);
      else attach.push({ tap, microvm, bridge: target });
    }
    const seen = detached
      .slice(0, 5)
      .map(({ tap, microvm }) =>
        evidence({ source: "file", ref: `/sys/class/net/${tap}/master`, at: links.at, excerpt: `not there: ${tap} of ${microvm} is attached to nothing` }),
      );
    const microvms = [...new Set(detached.map(({ microvm }) => microvm))];
    const count = detached.length === 1 ? "1 tap is" : `${detached.length} taps are`;
    return problem(
      `${count} attached to no bridge: ${someOf(microvms)} ${microvms.length === 1 ? "has" : "have"} no network`,
      seen,
      { attach, waiting },
      { microvms },
    );
  },
  remedy: ({ facts }) => ({ steps: attachTaps(facts.attach, [id]), refusals: [], advice: [] }),
});

function detachedTaps(records: readonly MicrovmRecord[], { links }: Links): { tap: string; microvm: string; bridge: string | null }[] {
  const loose = new Set(links.filter(({ kind, master }) => kind === "tap" && master === null).map(({ name }) => name));
  return records.flatMap(({ id: microvm, deletedAt, interfaces }) =>
    interfaces.flatMap(({ type, metadata, hostDevice, bridge }) =>
      deletedAt === 0 && type === "tap" && !metadata && hostDevice !== null && loose.has(hostDevice) ? [{ tap: hostDevice, microvm, bridge }] : [],
    ),
  );
}

/** The bridge that is in force and there, or that this plan is going to set; null where neither. */
function defaultBridge(settings: Settings, links: Links, records: readonly MicrovmRecord[], { policy }: Survey): string | null {
  const setting = settings.of("bridge-name");
  if (setting.value !== "" && isBridge(links.links, setting.value)) return setting.value;
  // A value that does not work is replaced only by one that was said; one that is missing may be chosen.
  if (setting.value !== "" && policy.bridgeName === null) return null;
  const need = needOf("bridge-name", {
    bridge: setting.value,
    parent: settings.of("parent-iface").value,
    wants: wantsOf(records),
    logged: { tap: 0, macvtap: 0 },
    asked: { bridge: policy.bridgeName, parent: policy.parentIface },
  });
  if (need.is !== "needed" && need.is !== "set") return null;
  const decision = decide({ key: "bridge-name", config: settings.config, setting, links }, policy.bridgeName);
  return "value" in decision ? decision.value : null;
}

import { isBridge, namesOf, ownBridges } from "../src/facts/bridge-choice.ts";
import { isPlain } from "../src/facts/links.ts";
import { noWants, shownDevice, someOf, wantsOf, type NetworkKey } from "../src/facts/network-needs.ts";
import { wiredHere } from "../src/facts/parent-choice.ts";
import { deviceIssues, faultInWords, type DeviceIssue } from "../src/facts/parent-devices.ts";
import { deviceSignatures, missedDevice } from "../src/facts/settings-in-force.ts";
import { evidence } from "../src/evidence.ts";
import { valueOf } from "../src/host/inspector.ts";
import { defineRemediation, healthy, problem, unknownBecause, type PlanContext, type Remedy } from "../src/remediation.ts";
import type { Evidence, Refusal } from "../src/report.ts";
import { askedFor, byHand, isOverriding, setAndRestart, type SettingFacts } from "../src/steps/network-settings.ts";
import type { OwnedDefinition } from "../src/survey/network-definitions.ts";
import { findingIn, hitsOf, logEvidence } from "../src/survey/network-settings.ts";
import { notInForce } from "../src/survey/settings-in-force.ts";
import type { Survey } from "../src/survey/survey.ts";

const id = "parent-device-missing" as const;

interface Facts {
  issues: DeviceIssue[];
  /** Where a network configuration of the host defines a device that is not there. */
  definitions: OwnedDefinition[];
  settings: Record<NetworkKey, SourcedSetting>;
}

/** With what the file says. */
type SourcedSetting = SettingFacts & { inFile: { value: string; line: number } | null };

export default defineRemediation<Facts>({
  id,
  means:
    "A device that MicroVMs are to be attached to, from bridge-name, parent-iface or a MicroVM's own spec, does not exist, is not a bridge, or is busy as a port of another one. A bridge made by hand does not survive a reboot.",
  told: "The configured bridge and NIC, and the bridges that stored MicroVMs name, are looked for in /sys/class/net; a NIC counts only where a MicroVM has, or flintlockd was asked for, macvtap.",
  cure: "Never guessed: what exists is named, and which command brings up a device that netplan, systemd-networkd, NetworkManager or ifupdown defines. With --bridge-name or --parent-iface (or the policy) the setting that does not work is replaced and flintlockd restarted.",
  harm: "Nothing is done without that decision; then one key of the config file changes and flintlockd is restarted, running MicroVMs go on.",
  signatures: [
    { name: deviceSignatures.absent, unit: "flintlockd", pattern: /failed to lookup parent network interface/i },
    // A name that begins with fltap is a tap's, which has no parent.
    { name: deviceSignatures.busy, unit: "flintlockd", pattern: /creating interface (?!fltap)[^\s"]{1,64} using netlink: device or resource busy/i },
    {
      name: deviceSignatures.notABridge,
      unit: "flintlockd",
      pattern: /setting master for [^\s"]{1,64} to [^\s"]{1,64}: (?:operation not supported|invalid argument)/i,
    },
  ],
  breaks: () => [],
  inspect: async (survey) => {
    const [settings, records, links, journal] = await Promise.all([survey.settings(), survey.records(), survey.links(), survey.journal()]);
    if (settings.kind !== "known") return unknownBecause(`flintlockd's settings cannot be told: ${settings.why}`);
    if (links.kind !== "known") return unknownBecause(`the network devices of this host cannot be told: ${links.why}`);
    const { config } = settings.value;
    const [bridge, parent] = [settings.value.of("bridge-name"), settings.value.of("parent-iface")];
    const log = valueOf(journal);
    const hits = findingIn(log, id);
    const parentNamed = hitsOf(log, id, deviceSignatures.absent).some(({ excerpt }) => missedDevice(excerpt) === parent.value);
    const { issues, advice } = deviceIssues({
      links: links.value.links,
      bridge: bridge.value,
      parent: parent.value,
      wants: records.kind === "known" ? wantsOf(records.value) : noWants,
      macvtapLogged: parentNamed || hitsOf(log, id, deviceSignatures.busy).length > 0,
      macvtapByDefault: settings.value.of("default-provider").value === "cloudhypervisor",
    });
    if (issues.length === 0) {
      if (records.kind === "unknown") return unknownBecause(`what stored MicroVMs are attached to cannot be told: ${records.why}`);
      const isOld = hits && (await isOtherwiseSet(survey));
      const since = hits ? `; what flintlockd missed at ${hits.last.at} is ${isOld === true ? "not what is set now" : "there now"}` : "";
      return healthy(`every bridge and parent that is needed is there${since}`, [], advice);
    }
    const definitions = issues.some(({ fault }) => fault.is === "absent") ? (valueOf(await survey.networkDefinitions()) ?? []) : [];
    const summary = issues.map((issue) => `${nameOf(issue)} ${faultInWords(issue.fault)}`).join("; ");
    const missing: Evidence[] = issues.map((issue) => ({
      source: "file",
      ref: `/sys/class/net/${shownDevice(issue.device)}`,
      at: links.at,
      excerpt: `${nameOf(issue)} ${faultInWords(issue.fault)}${issue.microvms.length > 0 ? `; needed by ${someOf(issue.microvms)}` : "; the first MicroVM that needs it will fail"}`,
    }));
    const facts: Facts = {
      issues,
      definitions: definitions.filter(({ device }) => issues.some((issue) => issue.device === device)),
      settings: {
        "bridge-name": { key: "bridge-name", config, setting: bridge, links: links.value, inFile: settings.value.inFile("bridge-name") },
        "parent-iface": { key: "parent-iface", config, setting: parent, links: links.value, inFile: settings.value.inFile("parent-iface") },
      },
    };
    return problem(summary, [...missing, ...logEvidence(log, id)].map(evidence), facts, {
      microvms: [...new Set([...issues.flatMap(({ microvms }) => microvms), ...(hits?.microvms ?? [])])],
      advice,
    });
  },
  remedy: ({ facts }, context) => {
    const remedies = facts.issues.map((issue) => remedyOf(issue, facts, context));
    return {
      steps: remedies.flatMap(({ steps }) => steps),
      refusals: remedies.flatMap(({ refusals }) => refusals),
      advice: remedies.flatMap(({ advice }) => advice),
    };
  },
});

/** Then bridge-name-missing or parent-iface-missing says so, and restarts flintlockd. */
async function isOtherwiseSet(survey: Survey): Promise<boolean> {
  const against = await Promise.all((["bridge-name", "parent-iface"] as const).map((key) => notInForce(key, survey, 0)));
  return against.some((each) => each?.is === "another");
}

const nameOf = ({ named, device }: DeviceIssue): string =>
  named === "override" ? `bridge ${shownDevice(device)}, which a MicroVM's spec names,` : `${named} ${shownDevice(device)}`;

function remedyOf(issue: DeviceIssue, facts: Facts, context: PlanContext): Remedy {
  if (issue.named !== "override" && askedFor(issue.named, context) !== null) return setAndRestart(facts.settings[issue.named], id, context);
  return { steps: [], refusals: [refusalOf(issue, facts)], advice: [] };
}

const codes: Record<DeviceIssue["named"], Record<DeviceIssue["fault"]["is"], string>> = {
  "bridge-name": { absent: "BRIDGE_ABSENT", "not-a-bridge": "NOT_A_BRIDGE", busy: "BRIDGE_BUSY", unfit: "BRIDGE_UNFIT" },
  "parent-iface": { absent: "PARENT_ABSENT", "not-a-bridge": "PARENT_UNFIT", busy: "PARENT_BUSY", unfit: "PARENT_UNFIT" },
  override: { absent: "OVERRIDE_ABSENT", "not-a-bridge": "OVERRIDE_NOT_A_BRIDGE", busy: "OVERRIDE_BUSY", unfit: "OVERRIDE_UNFIT" },
};

function refusalOf(issue: DeviceIssue, facts: Facts): Refusal {
  const { definitions, settings } = facts;
  const { device, named, fault, microvms } = issue;
  const who = microvms.length > 0 ? ` (needed by ${someOf(microvms)})` : "";
  const defined = definitions.filter((definition) => definition.device === device && (named === "parent-iface" || definition.kind === "bridge"));
  const up = defined.map(({ where, by, command, hindrance }) =>
    hindrance === null
      ? `it is defined in ${where} (${by}) but not up: ${command.join(" ")}`
      : `it is defined in ${where} (${by}), which does nothing yet: ${hindrance}`,
  );
  const canBeUp = defined.some(({ hindrance }) => hindrance === null);
  return {
    finding: id,
    code: codes[named][fault.is],
    message: `${nameOf(issue)} ${faultInWords(fault)}${who}${named === "override" ? "" : sourceOf(settings[named])}`,
    hint: [...up, ...waysOut(issue, facts, canBeUp)].join("; or "),
  };
}

/** Where the value comes from. */
function sourceOf({ key, setting, config }: SettingFacts): string {
  const { origin, where } = setting;
  if (isOverriding(setting))
    return `; ${origin === "flag" ? `the flag --${key}` : "the environment"} of flintlockd's unit says so (${where}) and beats ${config.path}`;
  return where === "" ? "" : `; ${where} says so`;
}

function waysOut({ device, named, fault }: DeviceIssue, { settings }: Facts, canBeUp: boolean): string[] {
  const links = settings["bridge-name"].links?.links ?? [];
  const bridges = namesOf(ownBridges(links));
  const here = bridges === "" ? "" : ` (here: ${bridges})`;
  const command = isPlain(device)
    ? `: ip link add ${device} type bridge && ip link set ${device} up (and for good with netplan, systemd-networkd or the like)`
    : "";
  const make = fault.is === "absent" && !canBeUp ? [`make that bridge${command}`] : [];
  switch (named) {
    case "bridge-name":
      return [...make, sayInstead(settings[named], "which bridge", here)];
    case "override":
      return [...make, `delete these MicroVMs and create them again with another bridge in their spec${here}; see: fix spec check`];
    case "parent-iface": {
      const port = fault.is === "busy" && isBridge(links, fault.master) ? [fault.master] : [];
      const option = isOverriding(settings[named].setting) ? "" : "--parent-iface ";
      return [
        ...port.map((bridge) => `that bridge can be the parent: ${option}${bridge}`),
        sayInstead(settings[named], "which wired interface", wiredHere(links)),
      ];
    }
  }
}

/** An option of ours edits the file, which does not count where the unit says something else. */
function sayInstead({ key, setting, inFile }: SourcedSetting, what: string, here: string): string {
  if (!isOverriding(setting)) return `say ${what} to use instead: --${key} NAME${here}`;
  const left = inFile === null ? "" : `, or take it out, so that the file's counts (${shownDevice(inFile.value)}, line ${inFile.line})`;
  return `say ${what} to use in ${setting.where}${here}${left} ${byHand}`;
}

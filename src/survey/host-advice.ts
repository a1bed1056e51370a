/**
 * What is no fault by itself and yet worth knowing: no KVM, no vhost-net, a hypervisor older than what flintlock writes for, a clock that jumped, a
 * journal that cannot be read, a link that carries nothing.
 */

import { parseHypervisorVersion, tooOld } from "../facts/hypervisor.ts";
import { lameLinks } from "../facts/lame-links.ts";
import { iso } from "../facts/microvm-state.ts";
import { someOf } from "../facts/network-needs.ts";
import { known, valueOf, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export async function hostAdvice(survey: Survey): Promise<Answer<string[]>> {
  const [kvm, vhostNet, versions, far, unheard, lame] = await Promise.all([
    survey.host.ask({ ask: "status", path: "/dev/kvm" }),
    survey.host.ask({ ask: "status", path: "/dev/vhost-net" }),
    oldHypervisors(survey),
    farAhead(survey),
    unheardOf(survey),
    lameOf(survey),
  ]);
  return known([
    ...(kvm.kind === "absent"
      ? [
          "/dev/kvm does not exist: no hypervisor can start a real guest here (is virtualisation enabled in the firmware, and the module kvm_intel or kvm_amd loaded?)",
        ]
      : []),
    ...(kvm.kind === "known" && kvm.value.type !== "char" ? ["/dev/kvm is not a character device"] : []),
    ...(vhostNet.kind === "absent" && kvm.kind === "known"
      ? ["/dev/vhost-net does not exist: guests' network goes through the slower path (modprobe vhost_net)"]
      : []),
    ...versions,
    ...far,
    ...unheard,
    ...lame,
  ]);
}

async function lameOf(survey: Survey): Promise<string[]> {
  const [records, links, settings] = await Promise.all([survey.records(), survey.links(), survey.settings()]);
  if (records.kind !== "known" || links.kind !== "known" || settings.kind !== "known") return [];
  const [bridge, parent] = (["bridge-name", "parent-iface"] as const).map((key) => settings.value.of(key).value);
  return lameLinks(records.value, links.value.links, { bridge: bridge ?? "", parent: parent ?? "" });
}

/** Faults are told by the state of the host; what the daemons say explains them. Where nothing at all can be told, nobody said anything either. */
async function unheardOf(survey: Survey): Promise<string[]> {
  const [units, journal] = await Promise.all([survey.units(), survey.journal()]);
  return units.kind === "known" && journal.kind === "unknown"
    ? [`what flintlockd and containerd said could not be read, and is not in this look: ${journal.why}`]
    : [];
}

/** Nothing that is restarted brings them nearer, and neither does a delete, which waits for `not_before` too. */
async function farAhead(survey: Survey): Promise<string[]> {
  const [microvms, clock] = await Promise.all([survey.microvms(), survey.clock()]);
  if (microvms.kind !== "known" || clock.kind !== "known") return [];
  const { nowMs } = clock.value;
  const far = microvms.value.filter(({ tooFarAhead }) => tooFarAhead);
  if (far.length === 0) return [];
  const until = iso(far.reduce((latest, { record }) => Math.max(latest, record.notBefore), 0) * 1000);
  return [
    `${someOf(far.map(({ record }) => record.id))}: the not_before (until ${until}) lies further ahead than failures can set it: the host's clock was ahead, and was set back to ${iso(nowMs)}. Until then flintlockd neither starts nor deletes ${far.length === 1 ? "it" : "them"}, and no restart changes that: check the clock (timedatectl)`,
  ];
}

/** Asked only where a MicroVM does not run: it costs a process each, and a version that works needs no advice. */
async function oldHypervisors(survey: Survey): Promise<string[]> {
  const microvms = valueOf(await survey.microvms()) ?? [];
  if (!microvms.some(({ process, record }) => process.is === "none" && record.state === "created")) return [];
  const settings = valueOf(await survey.settings());
  const binaries = [settings?.of("firecracker-bin").value ?? "firecracker", settings?.of("cloudhypervisor-bin").value ?? "cloud-hypervisor-static"].filter(
    (binary) => binary !== "",
  );
  const answers = await Promise.all(binaries.map((binary) => survey.host.ask({ ask: "command", argv: [binary, "--version"], timeoutMs: 5_000 })));
  return answers.flatMap((answer) => {
    const version = answer.kind === "known" ? parseHypervisorVersion(answer.value.stdout) : null;
    const advice = version && tooOld(version);
    return advice === null ? [] : [advice];
  });
}

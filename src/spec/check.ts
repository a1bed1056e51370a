/** What is wrong with a spec, and whether the host can serve each of its interfaces. Pure. */

import type { Place } from "../facts/tree.ts";
import { capmvmSpecs } from "./capmvm.ts";
import { choose, isChoice } from "./choose.ts";
import { flintlockSpecs } from "./flintlock.ts";
import { shownLink, type HostAbility } from "./host-ability.ts";
import { aboutFields, aboutType, placeOf } from "./interface-check.ts";
import { effectiveBridge, shownName, type MicrovmInterface, type MicrovmSpec } from "./microvm.ts";
import { knownProvider, providerOf, type Provider } from "./provider.ts";
import { remark, ruleOf, type Remark } from "./rules.ts";
import { serve, type Service } from "./serve.ts";
import type { Source } from "./source.ts";

export interface CheckedInterface {
  interface: MicrovmInterface;
  name: string;
  /** Where its type stands, or what comes nearest. */
  place: Place;
  /** Null: its type cannot be told. */
  service: Service | null;
}

export interface CheckedSpec {
  spec: MicrovmSpec;
  provider: Provider;
  interfaces: CheckedInterface[];
  remarks: (Remark & { fixable: boolean })[];
}

export function specsOf(source: Source): MicrovmSpec[] {
  const specs: MicrovmSpec[] = [];
  for (const { root, errors } of source.documents) {
    if (root === null || errors.length > 0) continue;
    const kubernetes = capmvmSpecs(source, root);
    specs.push(...(kubernetes.length > 0 ? kubernetes : flintlockSpecs(source, root)));
  }
  return specs;
}

export function checkSpec(source: Source, spec: MicrovmSpec, ability: HostAbility): CheckedSpec {
  const provider = providerOf(spec, ability);
  const interfaces = spec.interfaces.map((wanted): CheckedInterface => ({
    interface: wanted,
    name: shownName(wanted, source),
    place: placeOf(wanted),
    service: serviceOf(spec, wanted, provider, ability),
  }));
  const remarks: CheckedSpec["remarks"] = [];
  for (const { interface: wanted, name, place, service } of interfaces) {
    const own = [...aboutService(wanted, name, place, service), ...aboutType(spec, wanted, name, source), ...aboutFields(spec, wanted, name, provider, source)];
    if (own.length === 0) continue;
    const fixable = isChoice(choose(spec, wanted, service, provider, ability));
    for (const remark of own) remarks.push({ ...remark, fixable: fixable && ruleOf(remark.rule).mended === true });
  }
  for (const remark of [...aboutProvider(spec, ability), ...aboutDevices(interfaces), ...aboutList(spec)]) remarks.push({ ...remark, fixable: false });
  return { spec, provider, interfaces, remarks: remarks.sort((a, b) => a.start - b.start) };
}

function serviceOf(spec: MicrovmSpec, wanted: MicrovmInterface, provider: Provider, ability: HostAbility): Service | null {
  const { type, metadata, bridge } = wanted;
  if (type === "unknown" || type === "templated") return null;
  if (bridge?.templated === true && type === "tap" && spec.form === "flintlock")
    return { is: "unknown", why: "its bridge is filled in by a template", host: "absent" };
  return serve({ type, metadata, bridge: effectiveBridge(spec, wanted) }, provider, ability);
}

function aboutService({ bridge }: MicrovmInterface, name: string, place: Place, service: Service | null): Remark[] {
  if (service?.is !== "refused") return [];
  return service.troubles.map(({ rule, at, message, hint }) => remark(rule, at === "bridge" && bridge ? bridge : place, name, message, hint));
}

function aboutProvider({ provider }: MicrovmSpec, { providersOff, defaultProvider, name: host }: HostAbility): Remark[] {
  if (provider?.templated === true) return [remark("template-value", provider, null, "the provider is filled in by a template: it cannot be read here", "")];
  const said = provider?.text ?? "";
  if (provider && said !== "" && !knownProvider(said))
    return [remark("unknown-provider", provider, null, `flintlock has no provider ${JSON.stringify(said.slice(0, 40))}`, "firecracker or cloudhypervisor")];
  const name = said === "" && defaultProvider.kind === "known" ? defaultProvider.value.value : said;
  return provider && providersOff.includes(name)
    ? [
        remark(
          "provider-off",
          provider,
          null,
          `flintlockd of ${host} runs without ${name}: its binary is set to nothing`,
          `set ${name}-bin in flintlockd's configuration, or take another provider`,
        ),
      ]
    : [];
}

/** flintlock keeps an interface's state under its device name (core/models/microvm.go: NetworkInterfaces). */
function aboutDevices(interfaces: readonly CheckedInterface[]): Remark[] {
  if (interfaces.length < 2) return [];
  const seen = new Map<string, number>();
  return interfaces.flatMap(({ interface: { device, index } }) => {
    if (!device?.text || device.templated) return [];
    const first = seen.get(device.text);
    if (first !== undefined)
      return [
        remark(
          "duplicate-device",
          device,
          device.text,
          `${shownLink(device.text)} is the name of interface ${first + 1} already: both would share one host device`,
          "give each interface a name of its own",
        ),
      ];
    seen.set(device.text, index);
    return [];
  });
}

/** core/models/microvm.go: NetworkInterfaces is required. */
function aboutList({ interfaces, unreadable, kind, place }: MicrovmSpec): Remark[] {
  if (unreadable) return [remark("template-value", unreadable, null, "the interfaces are filled in by a template: they cannot be read here", "")];
  if (interfaces.length > 0 || kind === "fragment") return [];
  return [
    remark(
      "no-interfaces",
      { start: place.start, end: place.start + 1 },
      null,
      "the spec has no network interfaces: flintlock refuses it",
      "interfaces is a list: add one, such as eth1",
    ),
  ];
}

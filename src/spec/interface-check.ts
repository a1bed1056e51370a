/** What is wrong with an interface whatever the host: its type, its names and its addresses. Pure. */

import type { Place } from "../facts/tree.ts";
import { wrongCidr, wrongIp, wrongMac } from "./addresses.ts";
import { shownLink } from "./host-ability.ts";
import type { MicrovmInterface, MicrovmSpec, Value } from "./microvm.ts";
import type { Provider } from "./provider.ts";
import { remark, type Remark } from "./rules.ts";
import type { Source } from "./source.ts";

/** Where its type stands, or what comes nearest. */
export const placeOf = ({ typeValue, device, map }: MicrovmInterface): Place =>
  typeValue ?? device ?? { start: map.start, end: Math.min(map.start + 1, map.end) };

export function aboutType({ form }: MicrovmSpec, wanted: MicrovmInterface, name: string, { text }: Source): Remark[] {
  const { type, typeValue, bridge, overrides, bridgeless } = wanted;
  const found: Remark[] = [];
  if (type === "unknown") {
    const written = typeValue ? `type ${text.slice(typeValue.start, typeValue.end).slice(0, 60)} is unknown` : "type is missing";
    found.push(
      remark(
        "unknown-type",
        placeOf(wanted),
        name,
        written,
        form === "flintlock" ? '0 or "MACVTAP" (also where it is absent), 1 or "TAP"' : "macvtap or tap, in small letters",
      ),
    );
  }
  if (type === "macvtap" && bridge)
    found.push(
      remark(
        "bridge-on-macvtap",
        bridge,
        name,
        `bridge ${shownOf(bridge, text)} has no effect on a macvtap interface`,
        "type tap, where a bridge is meant; else take `overrides` away",
      ),
    );
  if (form === "capmvm" && overrides)
    found.push(
      remark(
        "overrides-pruned",
        { start: overrides.keyStart, end: overrides.keyEnd },
        name,
        "CAPMVM's CRDs have no `overrides`: the API server prunes it without a word, and the MicroVM is made without it",
        "bridge-name on the hosts (fix --apply --bridge-name NAME), or another type",
      ),
    );
  // infrastructure/grpc/convert.go, convertNetworkInterfaceToModel: *netInt.Overrides.BridgeName, and no handler of panics around it
  if (bridgeless && overrides)
    found.push(
      remark(
        "overrides-without-bridge",
        { start: overrides.keyStart, end: overrides.keyEnd },
        name,
        "`overrides` without bridge_name crashes flintlockd when it reads the request",
        "name a bridge (fix spec patch --bridge NAME), or take `overrides` away",
      ),
    );
  return found;
}

const shownOf = ({ text, templated, start, end }: Value, source: string): string => (templated || text === null ? source.slice(start, end) : shownLink(text));

/** pkg/validation/validate.go, customNetworkGuestDeviceNameValidator */
const deviceName = /^[a-z][a-z0-9_]*$/;

export function aboutFields(spec: MicrovmSpec, wanted: MicrovmInterface, name: string, provider: Provider, source: Source): Remark[] {
  const { device, typeValue, bridge, mac, addresses, twice, metadata, map } = wanted;
  const found: Remark[] = [];
  const key = spec.form === "flintlock" ? "device_id" : "guestDeviceName";
  if (!device || device.text === "")
    found.push(
      remark(
        "missing-device",
        device ?? { start: map.start, end: map.start + 1 },
        name,
        `${key} is missing`,
        `give the interface its name in the guest: ${key}`,
      ),
    );
  else if (!device.templated && !deviceName.test(device.text ?? ""))
    found.push(
      remark(
        "invalid-device",
        device,
        name,
        `flintlock refuses the device name ${JSON.stringify((device.text ?? "").slice(0, 40))}`,
        "a-z, 0-9 and _, beginning with a letter: eth1",
      ),
    );
  if (device?.text === "eth0" && provider.name === "firecracker" && !metadata)
    found.push(
      remark(
        "eth0-redefined",
        device,
        name,
        "eth0 is flintlock's own interface for metadata on Firecracker: where a spec defines it, the MicroVM gets no metadata",
        "name it eth1, eth2 and so on",
      ),
    );
  if (mac && !mac.templated) {
    const wrong = wrongMac(mac.text ?? "");
    if (wrong !== null)
      found.push(
        remark("invalid-mac", mac, name, `${JSON.stringify((mac.text ?? "").slice(0, 40))} ${wrong}`, "six bytes, the first one even: 02:00:00:00:00:01"),
      );
  }
  for (const { what, value } of addresses) {
    const wrong = value.templated ? null : what === "nameserver" ? wrongIp(value.text ?? "") : wrongCidr(value.text ?? "");
    if (wrong !== null)
      found.push(
        remark(
          "invalid-address",
          value,
          name,
          `${what} ${JSON.stringify((value.text ?? "").slice(0, 60))} ${wrong}`,
          what === "nameserver" ? "an address alone: 192.0.2.1" : "an address and its prefix length: 192.0.2.1/24",
        ),
      );
  }
  for (const { key: field, place } of twice)
    found.push(
      remark("duplicate-key", place, name, `${JSON.stringify(field.slice(0, 40))} is there already: what counts depends on who reads it`, "leave one"),
    );
  if (source.templates.length === 0) return found;
  for (const value of [device, typeValue, bridge, mac, ...addresses.map((address) => address.value)])
    if (value?.templated === true)
      found.push(
        remark(
          "template-value",
          value,
          name,
          `${source.text.slice(value.start, value.end).slice(0, 80)} is filled in by a template: it cannot be read here`,
          "",
        ),
      );
  return found;
}

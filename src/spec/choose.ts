/** What to make of an interface that a host cannot serve: what the host can serve, where that is one thing. Pure. */

import { chooseBridge } from "../facts/bridge-choice.ts";
import type { HostAbility } from "./host-ability.ts";
import { effectiveBridge, type InterfaceType, type MicrovmInterface, type MicrovmSpec } from "./microvm.ts";
import type { Provider } from "./provider.ts";
import { serve, type Service } from "./serve.ts";

export interface Choice {
  type: InterfaceType;
  /** Null: as it is. */
  bridge: string | null;
  because: string;
}

export type Chosen = Choice | { code: "AMBIGUOUS" | "NO_WAY"; message: string; hint: string };

export const isChoice = (chosen: Chosen | null): chosen is Choice => chosen !== null && "because" in chosen;

/** eth0 is for metadata: it is changed only by name. */
export const leftAlone = ({ device }: MicrovmInterface): boolean => device?.text === "eth0";

/** Null: there is nothing to choose, or nothing to choose by. */
export function choose(
  spec: MicrovmSpec,
  wanted: MicrovmInterface,
  service: Service | null,
  provider: Provider,
  ability: HostAbility,
  named = false,
): Chosen | null {
  const troubled = wanted.type === "unknown" || service?.is === "refused";
  if (!troubled) return null;
  if (leftAlone(wanted) && !named) return { code: "NO_WAY", message: "eth0 is for metadata and changed only by name", hint: "fix spec patch --interface eth0" };
  const ways = [...typesFor(spec, wanted, provider, ability), ...bridgesFor(spec, wanted, provider, ability)];
  const meant = wanted.type === "unknown" ? meantBy(wanted) : null;
  const asMeant = ways.find(({ type, bridge }) => type === meant && bridge === null);
  const way = asMeant ? { ...asMeant, because: `that is what ${JSON.stringify(wanted.typeValue?.text ?? "")} means; ${asMeant.because}` } : ways[0];
  if (!way)
    return {
      code: "NO_WAY",
      message: `no type of interface that ${ability.name} and ${provider.shown} can serve`,
      hint: "fix --apply mends the host where it can be mended",
    };
  if (ways.length > 1 && !asMeant)
    return {
      code: "AMBIGUOUS",
      message: `more than one way would do: ${ways.map(inWords).join(", or ")}`,
      hint: `say which: ${ways.map(asOptions).join(" or ")}`,
    };
  return way;
}

const inWords = ({ type, bridge }: Choice): string => (bridge === null ? `type ${type}` : `bridge ${bridge}`);

const asOptions = ({ type, bridge }: Choice): string => (bridge === null ? `--type ${type}` : `--type ${type} --bridge ${bridge}`);

function typesFor(spec: MicrovmSpec, wanted: MicrovmInterface, provider: Provider, ability: HostAbility): Choice[] {
  return (["tap", "macvtap"] as const).flatMap((type) => {
    // A bridge was asked for: macvtap would not be what was meant.
    if (type === wanted.type || (type === "macvtap" && wanted.bridge !== null)) return [];
    const because = reason(serve({ type, bridge: effectiveBridge(spec, wanted), metadata: wanted.metadata }, provider, ability));
    if (because === null) return [];
    const refusal = wanted.type === "macvtap" && provider.takesMacvtap === false ? `${provider.shown} takes no macvtap; ` : "";
    return [{ type, bridge: null, because: `${refusal}${type} can be served: ${because}` }];
  });
}

/** Off a flintlock host what was not compared is no obstacle; on one it is. */
function reason(service: Service): string | null {
  if (service.is === "served" || service.is === "policy") return service.by;
  return service.is === "unknown" && service.host === "absent" ? `${service.why}, as there is no flintlock host here` : null;
}

/** A spec of flintlock's own may name the host's one bridge. */
function bridgesFor(spec: MicrovmSpec, wanted: MicrovmInterface, provider: Provider, ability: HostAbility): Choice[] {
  const { links, bridgeName } = ability;
  if (spec.form !== "flintlock" || wanted.bridge !== null || links.kind !== "known" || bridgeName.kind !== "absent" || ability.policy.bridgeName !== null)
    return [];
  const bridge = chooseBridge(links.value, null);
  if (!("name" in bridge) || serve({ type: "tap", bridge: bridge.name, metadata: false }, provider, ability).is !== "served") return [];
  return [
    {
      type: "tap",
      bridge: bridge.name,
      because: `${ability.name} has no bridge-name, and of its bridges ${bridge.name} is the one that no other program made for itself`,
    },
  ];
}

/** What a type that is not written as it should be can only mean. */
function meantBy({ typeValue }: MicrovmInterface): InterfaceType | null {
  const word = (typeValue?.text ?? "").trim().toLowerCase();
  if (word === "tap" || word === "1") return "tap";
  return word === "macvtap" || word === "0" ? "macvtap" : null;
}

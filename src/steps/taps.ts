/** Taps that lost their bridge, attached again: the MicroVM behind them goes on running. */

import type { FindingId } from "../report.ts";
import type { Step } from "./action.ts";

export interface Attachment {
  tap: string;
  bridge: string;
  /** NAMESPACE/NAME/UID */
  microvm: string;
}

/** Before any restart of flintlockd, which passes over a tap that exists (flintlock: core/steps/network/interface_create.go, ShouldDo). */
export function attachTaps(attachments: readonly Attachment[], because: FindingId[]): Step[] {
  const [first, ...others] = attachments;
  if (!first) return [];
  const bridges = [...new Set(attachments.map(({ bridge }) => bridge))].join(", ");
  return [
    {
      key: "attach-tap",
      id: "attach-tap",
      title: others.length === 0 ? `attach ${first.tap} of ${first.microvm} to ${first.bridge}` : `attach ${attachments.length} taps to ${bridges}`,
      because,
      risk: "safe",
      impact: "MicroVMs go on running, with their network back",
      actions: attachments.flatMap(({ tap, bridge }): Step["actions"] => {
        const attached = { is: "link-master", link: tap, master: bridge } as const;
        return [
          { do: "run", argv: ["ip", "link", "set", "dev", tap, "master", bridge], unless: attached, timeoutMs: 10_000 },
          { do: "await", that: attached, withinMs: 2_000 },
        ];
      }),
      provides: ["taps"],
      after: [],
      needs: [],
    },
  ];
}

/** Default routes with every next hop: asked only where a parent is to be chosen by them, since programs have to be started for it. */

import { bestFirst, parseIpRoutes, type DefaultRoute } from "../facts/routes.ts";
import type { Inspector } from "../host/inspector.ts";

const families = [
  { family: "ipv4", option: "-4" },
  { family: "ipv6", option: "-6" },
] as const;

/** `listed`: what /proc tells. It counts where iproute2 gives no answer. */
export async function withEveryHop(host: Inspector, listed: readonly DefaultRoute[]): Promise<DefaultRoute[]> {
  const found = await Promise.all(
    families.map(async ({ family, option }) => {
      const inProc = listed.filter((route) => route.family === family);
      const shown = inProc.length === 0 ? null : await host.ask({ ask: "command", argv: ["ip", option, "-json", "route", "show", "default"] });
      return (shown?.kind === "known" && shown.value.status === 0 ? parseIpRoutes(shown.value.stdout, family) : null) ?? inProc;
    }),
  );
  return bestFirst(found.flat());
}

/** Where a path leads when its symbolic links are followed: path_resolution(7). */

import { known, unknown, type Answer, type Inspector } from "../host/inspector.ts";

/** As many as Linux follows (MAXSYMLINKS). */
const maxLinks = 40;

/** `absent`: nothing is there; `why` names the link that leads nowhere, where one does. */
export async function realPath(host: Inspector, path: string): Promise<Answer<string>> {
  let left = path.split("/").filter(Boolean);
  let real = "";
  let links = 0;
  let followed = "";
  while (left.length > 0) {
    const [name = "", ...rest] = left;
    left = rest;
    if (name === ".") continue;
    if (name === "..") {
      real = real.slice(0, Math.max(real.lastIndexOf("/"), 0));
      continue;
    }
    const here = `${real}/${name}`;
    const status = await host.ask({ ask: "status", path: here });
    if (status.kind === "absent") return { kind: "absent", why: followed === "" ? status.why : `${followed} leads to ${here}, which does not exist` };
    if (status.kind === "unknown") return status;
    if (status.value.type !== "link") {
      real = here;
      continue;
    }
    const target = await host.ask({ ask: "link", path: here });
    if (target.kind !== "known") return target;
    if ((links += 1) > maxLinks) return unknown(`${path}: too many symbolic links`);
    followed = here;
    left = [...target.value.split("/").filter(Boolean), ...left];
    if (target.value.startsWith("/")) real = "";
  }
  return known(real === "" ? "/" : real);
}

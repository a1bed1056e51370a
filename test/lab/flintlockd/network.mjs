// A MicroVM's network interfaces: names, creation and deletion, with the errors in flintlock's and netlink's words.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

export const exists = (link) => existsSync(`/sys/class/net/${link}`);

const attribute = (link, name) => readFileSync(`/sys/class/net/${link}/${name}`, "utf8").trim();

export const newName = (type) => `fl${type === "macvtap" ? "vtap" : "tap"}${randomBytes(4).toString("hex").slice(0, 7)}`;

export const details = (link) => ({ host_device_name: link, index: Number(attribute(link, "ifindex")), mac_address: attribute(link, "address").toUpperCase() });

function ip(...words) {
  try {
    execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
    return null;
  } catch (error) {
    return netlinkWords(String(error.stderr));
  }
}

function netlinkWords(said) {
  if (/unknown device type|not supported/i.test(said)) return "operation not supported";
  if (/not permitted/i.test(said)) return "operation not permitted";
  if (/busy/i.test(said)) return "device or resource busy";
  return said.trim().toLowerCase();
}

/** Creates a device; what fails in the middle stays, as with flintlock: the next try passes over a device that exists. */
export function create(link, { type, branch_name: override, guest_mac: mac, allow_mmds: metadata }, { parent, bridge }) {
  const attach = type === "tap" && metadata !== true;
  const master = type === "macvtap" ? parent : override || bridge;
  if (master === "" && type === "macvtap") throw new Error("a parent network device name is required for macvtap interfaces");
  if (master === "" && attach) throw new Error("a parent network device name is required for attaching a TAP interface");
  if (master !== "" && !exists(master)) throw new Error(`failed to lookup parent network interface "${master}": Link not found`);
  const address = mac && type === "macvtap" ? ["address", mac] : [];
  const refused =
    type === "macvtap"
      ? ip("link", "add", "link", master, "name", link, ...address, "type", "macvtap", "mode", "bridge")
      : ip("tuntap", "add", "dev", link, "mode", "tap");
  if (refused !== null) throw new Error(`creating interface ${link} using netlink: ${refused}`);
  const notUp = ip("link", "set", link, "up");
  if (notUp !== null) throw new Error(`enabling device ${link}: ${notUp}`);
  if (!attach) return;
  const notAttached = ip("link", "set", "dev", link, "master", master);
  if (notAttached !== null) throw new Error(`setting master for ${link} to ${master}: ${notAttached}`);
}

export const remove = (link) => {
  if (exists(link)) ip("link", "del", link);
};

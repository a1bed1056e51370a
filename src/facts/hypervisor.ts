/** Which hypervisors flintlock writes for (its README, 'Compatibility', for v0.9): older ones may refuse what it asks of them. */

export interface HypervisorVersion {
  name: "Firecracker" | "Cloud Hypervisor";
  /** [major, minor] */
  version: [number, number];
}

const needed: Record<HypervisorVersion["name"], [number, number]> = { Firecracker: [1, 11], "Cloud Hypervisor": [41, 0] };

/** First line of `firecracker --version` or `cloud-hypervisor --version`. */
export function parseHypervisorVersion(stdout: string): HypervisorVersion | null {
  const [, name, major, minor] = /^(firecracker|cloud-hypervisor)[- a-z]* v?(\d{1,5})\.(\d{1,5})/i.exec(stdout) ?? [];
  if (name === undefined) return null;
  return { name: name.toLowerCase() === "firecracker" ? "Firecracker" : "Cloud Hypervisor", version: [Number(major), Number(minor)] };
}

/** One line where it is older than flintlock v0.9 needs; null where it is not. */
export function tooOld({ name, version }: HypervisorVersion): string | null {
  const [major, minor] = needed[name];
  if (version[0] > major || (version[0] === major && version[1] >= minor)) return null;
  return `${name} is ${version.join(".")}, and flintlock v0.9 is made for ${major}.${minor} and later`;
}

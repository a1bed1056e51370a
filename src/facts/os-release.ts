/** os-release(5), and which package holds the modules that a distribution leaves out of its small kernel. */

export interface OsRelease {
  id: string;
  idLike: string[];
  prettyName: string;
}

export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = "", raw = ""] = /^([A-Z][A-Z0-9_]{0,63})=(.*)$/.exec(line.trim()) ?? [];
    if (name !== "") values.set(name, unquoted(raw));
  }
  const id = values.get("ID") ?? "linux";
  return { id, idLike: (values.get("ID_LIKE") ?? "").split(/\s+/).filter(Boolean), prettyName: values.get("PRETTY_NAME") ?? id };
}

function unquoted(raw: string): string {
  const quote = raw.charAt(0);
  if ((quote !== '"' && quote !== "'") || !raw.endsWith(quote) || raw.length < 2) return raw;
  return raw.slice(1, -1).replaceAll(/\\(["'\\$`])/g, "$1");
}

export interface ModulesPackage {
  name: string;
  /** What installs it, in order. */
  commands: string[][];
}

const apt = (name: string): ModulesPackage => ({
  name,
  commands: [
    ["apt-get", "update"],
    ["apt-get", "install", "-y", "--no-install-recommends", name],
  ],
});
const dnf = (name: string): ModulesPackage => ({ name, commands: [["dnf", "install", "-y", name]] });

const packages: Record<string, (kernel: string) => ModulesPackage> = {
  ubuntu: (kernel) => apt(`linux-modules-extra-${kernel}`),
  debian: (kernel) => apt(`linux-image-${kernel}`),
  fedora: (kernel) => dnf(`kernel-modules-extra-${kernel}`),
  rhel: (kernel) => dnf(`kernel-modules-extra-${kernel}`),
  centos: (kernel) => dnf(`kernel-modules-extra-${kernel}`),
};

/** Null where the distribution is none of those that are known, or the kernel's release is no package name. */
export function modulesPackage({ id, idLike }: OsRelease, kernel: string): ModulesPackage | null {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,100}$/.test(kernel)) return null;
  const known = [id, ...idLike].find((name) => Object.hasOwn(packages, name));
  return known === undefined ? null : (packages[known]?.(kernel) ?? null);
}

/** modprobe's configuration (modprobe.d(5)) and what its dry run (`modprobe -n -v`) prints. */

/** A file of the same name in an earlier folder hides those in later ones (modprobe.d(5)). */
export const modprobeFolders = ["/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"];

/** Likewise modules-load.d(5). */
export const modulesLoadFolders = ["/etc/modules-load.d", "/run/modules-load.d", "/usr/local/lib/modules-load.d", "/usr/lib/modules-load.d"];

export interface ModprobeLine {
  directive: string;
  /** Module or alias, with hyphens as underscores: modprobe makes no difference between them. */
  subject: string;
  rest: string;
  /** `PATH:LINE`, of the line where it begins. */
  where: string;
  /** As it is written, continued lines joined. */
  text: string;
}

export const moduleName = (name: string): string => name.replaceAll("-", "_");

export function parseModprobeConfig(path: string, text: string): ModprobeLine[] {
  const lines: ModprobeLine[] = [];
  let begun: { text: string; line: number } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const whole = begun ? begun.text + raw : raw;
    const line = begun?.line ?? index + 1;
    begun = undefined;
    if (whole.endsWith("\\")) {
      begun = { text: whole.slice(0, -1), line };
      continue;
    }
    const words = whole.trim().split(/\s+/);
    const [directive = "", subject = "", ...rest] = words;
    if (directive === "" || directive.startsWith("#")) continue;
    lines.push({ directive, subject: moduleName(subject), rest: rest.join(" "), where: `${path}:${line}`, text: words.join(" ") });
  }
  return lines;
}

/** Of several folders' listings, the paths that count, in the order in which modprobe reads them. */
export function configFilesInForce(folders: readonly { path: string; names: readonly string[] }[]): string[] {
  const byName = new Map<string, string>();
  for (const { path, names } of folders) for (const name of names) if (name.endsWith(".conf") && !byName.has(name)) byName.set(name, `${path}/${name}`);
  return [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** A command that loads nothing itself (`/bin/false`, `/bin/true`, `echo …`): the line is there to keep the module out. */
export function keepsOut({ directive, rest }: ModprobeLine): boolean {
  return directive === "install" && !/\b(?:modprobe|insmod)\b/.test(rest);
}

export interface ModprobeDryRun {
  /** Files that would be loaded, in order. */
  inserts: string[];
  /** Commands that would be run instead. */
  installs: string[];
  /** No such module or alias is known to depmod's lists. */
  notFound: boolean;
  /** What modprobe said: its complaint, else what it would do. */
  words: string;
}

export function parseModprobeDryRun({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): ModprobeDryRun {
  const rows = stdout.split("\n").map((line) => line.trim());
  const after = (verb: string): string[] => rows.filter((row) => row.startsWith(`${verb} `)).map((row) => row.slice(verb.length + 1).trim());
  return {
    inserts: after("insmod").map((row) => row.split(" ", 1)[0] ?? ""),
    installs: after("install"),
    notFound: status !== 0 && stderr.includes("not found"),
    words: stderr.trim() || rows.filter((row) => row !== "").join("; "),
  };
}

/** Values of a kernel parameter that is a list of modules: `modprobe.blacklist=a,b`, `module_blacklist=a`. */
export function kernelParameterModules(cmdline: string, parameter: string): string[] {
  return cmdline
    .split(/\s+/)
    .filter((word) => moduleName(word).startsWith(`${moduleName(parameter)}=`))
    .flatMap((word) => word.slice(word.indexOf("=") + 1).split(","))
    .map(moduleName);
}

/** Modules that a file of modules-load.d names. */
export function modulesToLoad(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^[#;]/.test(line))
    .map(moduleName);
}

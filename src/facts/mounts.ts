/** Which file system is, and which should be, where a path lies: proc_pid_mountinfo(5), fstab(5), systemd.mount(5). */

/** Mount points, escapes undone. */
export function mountPoints(mountinfo: string): Set<string> {
  return new Set(mountinfo.split("\n").flatMap((line) => unescaped(line.split(" ")[4])));
}

/** Mount points that fstab names, with their line (from 1). */
export function fstabPoints(fstab: string): { where: string; what: string; line: number }[] {
  return fstab.split("\n").flatMap((text, index) => {
    const [what = "", where = ""] = text.trim().split(/\s+/);
    if (what === "" || what.startsWith("#")) return [];
    return unescaped(where).map((point) => ({ where: point, what, line: index + 1 }));
  });
}

export interface MountUnit {
  id: string;
  where: string;
}

/** Blocks of `systemctl show --property=Id,Where`. */
export function mountUnits(text: string): MountUnit[] {
  return text.split("\n\n").flatMap((block) => {
    const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const));
    const where = fields.get("Where");
    return where?.startsWith("/") ? [{ id: fields.get("Id") ?? "", where }] : [];
  });
}

/** Whether `path` is `point` or lies below it. The root holds everything and is always mounted. */
export function isBelow(path: string, point: string): boolean {
  return point !== "/" && (path === point || path.startsWith(`${point}/`));
}

function unescaped(word: string | undefined): string[] {
  if (!word?.startsWith("/")) return [];
  return [word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))];
}

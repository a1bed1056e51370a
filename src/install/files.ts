/** Everything that `fix install` writes, as data: `--dry-run` prints it, the installation compares and writes it. Pure. */

import { catalogFile } from "./catalog.ts";
import { cronFile } from "./cron.ts";
import { afterContainerd, bootUnit, timer, timerService, watchService, type Program } from "./units.ts";

export interface InstalledFile {
  path: string;
  /** Null: fix itself, a copy of the program that runs now. */
  text: string | null;
  mode: number;
}

export interface Wanted {
  program: Program;
  timer: boolean;
  /** The five fields; null: no cron. */
  cron: string | null;
  watch: boolean;
  intervalMs: number;
  /** The containerd unit that flintlockd's has to be ordered after; null where it is already. */
  orderAfter: string | null;
}

export const folder = "/usr/local/lib/flintlock-fix";
export const program = `${folder}/fix.js`;
const units = "/etc/systemd/system";
export const paths = {
  boot: `${units}/flintlock-fix-boot.service`,
  service: `${units}/flintlock-fix.service`,
  timer: `${units}/flintlock-fix.timer`,
  watch: `${units}/flintlock-fix-watch.service`,
  cron: "/etc/cron.d/flintlock-fix",
  catalog: "/usr/local/lib/systemd/catalog/flintlock-fix.catalog",
  dropIn: `${units}/flintlockd.service.d/50-flintlock-fix-after-containerd.conf`,
} as const;

/** Every file that any installation may have left, in the order in which they are written. */
export const allPaths: readonly string[] = [program, paths.catalog, paths.boot, paths.service, paths.timer, paths.watch, paths.cron, paths.dropIn];

/** Folders that are ours alone once they are empty. */
export const ownFolders: readonly string[] = [folder, "/usr/local/lib/systemd/catalog", "/usr/local/lib/systemd", `${units}/flintlockd.service.d`];

/** Units that are enabled, by the file that makes them so. */
export const enabled: Readonly<Record<string, string>> = {
  [paths.boot]: "flintlock-fix-boot.service",
  [paths.timer]: "flintlock-fix.timer",
  [paths.watch]: "flintlock-fix-watch.service",
};

export function filesOf(wanted: Wanted): InstalledFile[] {
  const { program: own, orderAfter } = wanted;
  const file = (path: string, text: string): InstalledFile => ({ path, text, mode: 0o644 });
  return [
    { path: program, text: null, mode: 0o755 },
    file(paths.catalog, catalogFile()),
    file(paths.boot, bootUnit(own)),
    ...(wanted.timer ? [file(paths.service, timerService(own)), file(paths.timer, timer(wanted.intervalMs))] : []),
    ...(wanted.watch ? [file(paths.watch, watchService(own))] : []),
    ...(wanted.cron === null ? [] : [file(paths.cron, cronFile(own, wanted.cron))]),
    ...(orderAfter === null ? [] : [file(paths.dropIn, afterContainerd(orderAfter))]),
  ];
}

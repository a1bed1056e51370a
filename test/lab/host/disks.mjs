// More disks for a host: sparse files, seen in it as /dev/ubdb, /dev/ubdc, …

import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** New and empty, of so many megabytes each, in the folder; returns the kernel words that attach them. */
export function newDisks(folder, megabytes = []) {
  const words = megabytes.map((size, i) => {
    const file = join(folder, `disk${i}.img`);
    rmSync(file, { force: true });
    writeFileSync(file, "");
    truncateSync(file, size * 1024 * 1024);
    return `ubd${"bcdefghi"[i]}=${file}`;
  });
  return words.join(" ");
}

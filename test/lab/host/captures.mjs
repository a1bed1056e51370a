// Moves captures out of a host's shared folder: test/captures/FINDING/NAME.json, and samples/NAME.

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

export function keepCaptures(root, share) {
  const from = join(share, "captures");
  for (const finding of existsSync(from) ? readdirSync(from) : []) {
    for (const file of readdirSync(join(from, finding))) {
      const to = finding === "samples" ? join(root, "samples", file.replace(/^[^.]*\.|\.json$/g, "")) : join(root, "test/captures", finding, file);
      mkdirSync(join(to, ".."), { recursive: true });
      cpSync(join(from, finding, file), to);
      chmodSync(to, 0o644);
    }
  }
  rmSync(from, { recursive: true, force: true });
}

// The lab's disks: the image, and a 'ready' one over it: booted once, set up, powered off. Both are made again only when their inputs change.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { boot } from "./boot.mjs";

/** Thrown where this machine cannot run the lab; its message is the reason. */
export class CannotRun extends Error {}

export const lab = (root) => join(root, "test/lab");

export function imageOf(root, out) {
  const built = spawnSync(join(lab(root), "build"), [out], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (built.status === 69) throw new CannotRun(built.stderr.trim().split("\n").at(-1));
  if (built.status !== 0) throw new Error(`test/lab/build: ${built.stderr.trim()}`);
  return built.stdout.trim().split("\n").at(-1);
}

/** What the host sees at /tools: the program, the guest's modules, the scenarios, and the daemons that were given. */
export function toolsFolder(root, out, program, env) {
  const folder = mkdtempSync(join(out, "tools-"));
  for (const part of ["guest", "scenarios"]) cpSync(join(lab(root), part), join(folder, part), { recursive: true });
  copyFileSync(program, join(folder, "fix.js"));
  cpSync(join(root, "bench"), join(folder, "bench"), { recursive: true });
  buildSync({
    entryPoints: [join(lab(root), "flintlockd/main.mjs")],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile: join(folder, "flintlockd.js"),
    logLevel: "warning",
  });
  if (env.FLINTLOCKD_BIN) copyFileSync(env.FLINTLOCKD_BIN, join(folder, "flintlockd"));
  if (env.CONTAINERD_BIN) cpSync(env.CONTAINERD_BIN, join(folder, "containerd"), { recursive: true });
  copyFileSync(env.PROVISION_SCRIPT ?? join(lab(root), "provision.sh"), join(folder, "provision.sh"));
  return folder;
}

/** What the ready disk is made from: a change in any of it makes a new one. */
function keyOf(image, tools) {
  const hash = createHash("sha256").update(basename(image));
  const files = [
    "guest/setup.mjs",
    "guest/host.mjs",
    "guest/registry.mjs",
    existsSync(join(tools, "flintlockd")) ? "flintlockd" : "flintlockd.js",
    "containerd/containerd",
    "containerd/ctr",
  ];
  for (const file of files) if (existsSync(join(tools, file))) hash.update(file).update(readFileSync(join(tools, file)));
  return hash.digest("hex").slice(0, 16);
}

export async function readyDisk(root, out, image, tools, say) {
  const disk = join(out, `ready-${keyOf(image, tools)}.cow`);
  if (existsSync(disk)) return disk;
  say("setting the lab's host up, about one minute ...");
  const share = join(out, `setup-${process.pid}`);
  mkdirSync(share, { recursive: true });
  writeFileSync(join(share, "job"), "#!/bin/sh\nexec node /tools/guest/setup.mjs\n");
  chmodSync(join(share, "job"), 0o755);
  const status = await boot(root, { image, disk: `${disk}.part`, share, tools }).done;
  if (status !== 0) {
    rmSync(`${disk}.part`, { force: true });
    throw new Error(`the host could not be set up (status ${status}); see ${share}/out and ${share}/console`);
  }
  keepNewest(out, image);
  renameSync(`${disk}.part`, disk);
  rmSync(share, { recursive: true });
  return disk;
}

/** Disks take a quarter of a gigabyte each: three variants stay (stand-in, real, containerd 2). */
function keepNewest(out) {
  const old = readdirSync(out)
    .filter((name) => /^ready-.*\.cow$/.test(name))
    .sort();
  for (const name of old.slice(0, Math.max(0, old.length - 2))) rmSync(join(out, name), { force: true });
}

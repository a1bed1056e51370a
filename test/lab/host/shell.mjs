// A shell on the lab's host, on this terminal.

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newDisks } from "./disks.mjs";
import { imageOf, readyDisk, toolsFolder } from "./ready.mjs";
import { scenarios } from "./scenarios.mjs";

export async function shellIn({ root, out, program, scenario, say }) {
  const found = scenario === null ? null : (await scenarios(root)).find(({ name }) => name === scenario);
  if (found === undefined) throw new Error(`no such scenario: ${scenario}; see ./scripts/lab --list`);
  const image = imageOf(root, out);
  const tools = toolsFolder(root, out, program, process.env);
  const ready = await readyDisk(root, out, image, tools, say);
  const share = join(out, `run-${process.pid}-shell`);
  mkdirSync(share, { recursive: true });
  const disk = join(share, "disk.cow");
  await ended(spawn("cp", ["--sparse=always", ready, disk]));
  chmodSync(disk, 0o600);
  const broken = found ? `node /tools/guest/break.mjs ${scenario}\n` : "";
  writeFileSync(
    join(share, "job"),
    `#!/bin/sh\nexec </dev/console >/dev/console 2>&1\ncp /tools/fix.js /opt/fix.js\n${broken}echo "the host; fix is: node /opt/fix.js   the end: exit"\nexec setsid -c bash -i\n`,
  );
  chmodSync(join(share, "job"), 0o755);
  say("booting, about 10 seconds ...");
  // The shell is on the scenario's first boot.
  const { kernel = "", memory, nics } = found?.boots?.[0] ?? {};
  const own = { LAB_KERNEL: kernel, LAB_UBD: newDisks(share, found?.disks), ...(memory && { LAB_MEM: memory }), ...(nics && { LAB_NICS: String(nics) }) };
  const env = { ...process.env, ...own, LAB_TOOLS: tools, LAB_S: "86400", LAB_TTY: "1" };
  try {
    return await ended(spawn(join(root, "test/lab/boot"), [image, disk, share], { env, stdio: "inherit" }));
  } finally {
    for (const folder of [share, tools]) rmSync(folder, { recursive: true, force: true });
  }
}

const ended = (child) => new Promise((resolve) => child.on("close", resolve));

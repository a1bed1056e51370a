// One boot of the lab's host, as a process of this machine.

import { spawn } from "node:child_process";
import { join } from "node:path";

/** { done: its job's status (124: it did not end), stop }. */
export function boot(root, { image, disk, share, tools, kernel = "", ubd = "", seconds = 300, memory = "1024M", nics = 1, cpu = "" }) {
  const env = {
    ...process.env,
    LAB_CPU: String(cpu),
    LAB_TOOLS: tools,
    LAB_KERNEL: kernel,
    LAB_UBD: ubd,
    LAB_S: String(seconds),
    LAB_MEM: memory,
    LAB_NICS: String(nics),
  };
  const child = spawn(join(root, "test/lab/boot"), [image, disk, share], { env, stdio: ["ignore", "ignore", "inherit"], detached: true });
  const done = new Promise((resolve) => {
    child.on("error", () => resolve(124));
    child.on("close", (status) => resolve(status ?? 124));
  });
  const stop = () => {
    try {
      process.kill(-child.pid, "SIGTERM");
    } catch {
      // It has ended.
    }
  };
  process.once("exit", stop);
  void done.then(() => process.removeListener("exit", stop));
  return { done, stop };
}

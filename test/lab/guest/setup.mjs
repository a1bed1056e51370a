// Once a disk: makes the host what `provision.sh all --dev` and a few weeks of use would: flintlockd, the pool, two MicroVMs that run.

import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as host from "./host.mjs";
import { keepReference, setPauses } from "./reference.mjs";
import { must, sh, until } from "./sh.mjs";

await sh(["systemctl", "stop", "flintlockd", "containerd-dev"]);
// It cleans up a quarter of an hour after a boot: in the middle of a proof that nothing was written.
await must("systemctl", "mask", "--quiet", "systemd-tmpfiles-clean.timer");
if (existsSync("/tools/containerd")) for (const program of ["containerd", "ctr"]) copyFileSync(`/tools/containerd/${program}`, `/usr/bin/${program}`);
if (existsSync("/tools/flintlockd")) {
  copyFileSync("/tools/flintlockd", "/usr/local/bin/flintlockd");
  copyFileSync("/tools/guest/registry.mjs", "/usr/local/lib/lab/registry.mjs");
  writeFileSync(
    "/etc/systemd/system/lab-registry.service",
    "[Unit]\nBefore=flintlockd.service\n\n[Service]\nExecStart=/usr/local/bin/node /usr/local/lib/lab/registry.mjs\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n",
  );
  await must("systemctl", "enable", "--now", "--quiet", "lab-registry.service");
} else {
  copyFileSync("/tools/flintlockd.js", "/usr/local/lib/lab/flintlockd.js");
  writeFileSync("/usr/local/bin/flintlockd", '#!/usr/local/bin/node\nprocess.title = "flintlockd";\nrequire("/usr/local/lib/lab/flintlockd.js");\n');
  mkdirSync("/etc/lab", { recursive: true });
  setPauses(0.2);
}
chmodSync("/usr/local/bin/flintlockd", 0o755);
await must("/usr/local/lib/lab/pool");
await sh(["/usr/local/lib/lab/net"]);
await must("systemctl", "daemon-reload");
await must("systemctl", "start", "containerd-dev");
await until("the devmapper plugin is ok", async () => (await host.pluginStatus()) === "ok");
await must("systemctl", "start", "flintlockd");
await until("flintlockd serves", host.serves);
await host.createMicrovm("a", "tap");
await host.createMicrovm("c", "macvtap");
await host.untilRuns(["a", "c"], 90_000);
await keepReference();
console.log(await must("ctr", "-a", host.socket, "-n", "flintlock", "content", "ls"));
console.log(await must("systemctl", "--no-pager", "status", "flintlockd", "containerd-dev"));

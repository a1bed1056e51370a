/** A recorded dev host after a reboot: no pool, both MicroVMs failed twice; read 40 s after the boot. */

import { readdirSync, readFileSync } from "node:fs";
import type { FindingSignature } from "../../src/remediation.ts";
import type { FakeHost } from "./fake-host.ts";
import { devFiles, shown } from "./services.ts";

const folder = new URL("../fixtures/evidence/", import.meta.url);
export const evidenceFixture = (name: string): string => readFileSync(new URL(name, folder), "utf8");

export const blobFolder = "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256";
export const contentLs = "ctr --connect-timeout 2s -a /run/containerd-dev/containerd.sock -n flintlock content ls";
export const bootId = "b1537320721741d0aa3923e0a8e5e59f";
export const [a, c] = ["ns1/a/01M87PFJXRRW02WDHE4H45FEA6", "ns1/c/01M87PFRFDF3M4MCK4CFA640KT"];

/** Its own clock: realtime and monotonic of its journal's last entry, plus 6 s. */
export const clock = { nowMs: 1_795_555_159_109, monotonicUs: 40_030_117, bootId };

export const blobs: Record<string, string> = Object.fromEntries(
  readdirSync(new URL("blobs/", folder)).map((name) => [`${blobFolder}/${name}`, evidenceFixture(`blobs/${name}`)]),
);

export const rebooted = (changes: FakeHost = {}): FakeHost => ({
  clock,
  ...changes,
  files: { ...devFiles, ...blobs, "/etc/containerd/config-dev.toml": 'version = 2\nroot = "/var/lib/containerd"\n', ...changes.files },
  mtimes: { "/etc/opt/flintlockd/config.yaml": clock.nowMs - 3_600_000, ...changes.mtimes },
  commands: {
    "systemctl show": shown("rebooted"),
    journalctl: evidenceFixture("rebooted.journal"),
    [contentLs]: evidenceFixture("rebooted.content-ls"),
    ...changes.commands,
  },
});

export const signatures: FindingSignature[] = [
  { finding: "snapshotter-not-loaded", signature: { name: "flintlockd", unit: "flintlockd", pattern: /snapshotter not loaded: devmapper: invalid argument/ } },
  { finding: "thinpool-missing", signature: { name: "query-pool", unit: "containerd", pattern: /failed to query pool [^\n]{0,300}no such device or address/ } },
  { finding: "microvm-gave-up", signature: { name: "gave-up", unit: "flintlockd", pattern: /^microvm reconciliation for .{1,1600} failed \d{1,9} times$/ } },
];

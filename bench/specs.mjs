// `fix spec check` over a folder of 10,000 specs against reading and parsing the same files alone. Run by hand: node bench/specs.mjs [RUNS]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pair } from "./pair.mjs";

const specs = 10_000;
const root = new URL("..", import.meta.url).pathname;

const request = (number) => {
  const microvm = {
    id: `mvm${number}`,
    namespace: "bench",
    labels: { env: "lab" },
    vcpu: 2,
    memory_in_mb: 2048,
    kernel: { image: "registry.example/kernel:5.10", cmdline: {}, filename: "vmlinux", add_network_config: true },
    root_volume: { id: "root", is_read_only: false, source: { container_source: "registry.example/root:1" } },
    interfaces: [{ device_id: "eth1", type: 1, address: { address: "192.0.2.30/32" } }],
    metadata: { "meta-data": "aW5zdGFuY2VfaWQ6IG5zMS9tdm0wCg==".repeat(3), "user-data": "I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogbXZtMAo=".repeat(15) },
  };
  return `${JSON.stringify({ microvm }, null, 2)}\n`;
};

const template = (number) => `kind: MicrovmMachineTemplate
apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1
metadata:
  name: "\${CLUSTER_NAME}-md-${number}"
spec:
  template:
    spec:
      vcpu: 2
      memoryMb: 2048
      rootVolume:
        id: root
        image: "\${MVM_ROOT_IMAGE:=registry.example/root:1.23.5}"
      kernel:
        filename: boot/vmlinux
        image: "\${MVM_KERNEL_IMAGE:=registry.example/kernel:5.10.77}"
      kernelCmdline: {}
      networkInterfaces:
      - guestDeviceName: "eth1"
        type: "tap"
`;

const alone = {
  json: "const fs = require('fs'), d = process.argv[1]; for (const f of fs.readdirSync(d)) JSON.parse(fs.readFileSync(d + '/' + f, 'utf8'));",
  yaml: "const fs = require('fs'), { parseAllDocuments } = require('yaml'), d = process.argv[1]; for (const f of fs.readdirSync(d)) parseAllDocuments(fs.readFileSync(d + '/' + f, 'utf8')).map((doc) => doc.toJS());",
};

/** The measurements: how many times as long a check takes as parsing alone. */
export function measureSpecs(runs) {
  return [
    ["json", request],
    ["yaml", template],
  ].map(([form, text]) => {
    const folder = mkdtempSync(join(tmpdir(), "fix-specs-"));
    try {
      for (let number = 0; number < specs; number += 1) writeFileSync(join(folder, `spec${number}.${form}`), text(number));
      const check = { argv: [process.execPath, join(root, "dist/fix.js"), "spec", "check", folder], statuses: [0, 2, 6] };
      const parse = { argv: [process.execPath, "-e", alone[form], folder], env: { NODE_PATH: join(root, "node_modules") } };
      return { name: `${specs} specs in ${form.toUpperCase()}: check against parsing alone`, limit: 3, ...pair(check, parse, runs) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname)
  for (const { name, a, b, ratio, limit } of measureSpecs(Number(process.argv[2] ?? 5)))
    console.log(`${name}: ${a.toFixed(0)} ms / ${b.toFixed(0)} ms = ${ratio.toFixed(2)} (limit ${limit})`);

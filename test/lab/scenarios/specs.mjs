import { mkdirSync, rmSync, writeFileSync } from "node:fs";

export const about = "specs that the host can and cannot serve: what fix spec check says of them is what flintlockd then does, and patch makes one run";
export const seconds = 120;

const folder = "/root/specs";

/** Each with one interface eth1: what the check says of it, and what becomes of it (words of flintlockd, or the bridge of its tap). */
const cases = {
  "s-tap": { wants: { type: 1 }, rules: [], runs: "br0" },
  "s-bridge": { wants: { type: 1, overrides: { bridge_name: "br8" } }, rules: [], runs: "br8" },
  "s-macvtap": { wants: { type: "MACVTAP" }, provider: "cloudhypervisor", rules: [], runs: null },
  "s-no-bridge": {
    wants: { type: "TAP", overrides: { bridge_name: "br9" } },
    rules: ["bridge-not-found"],
    fails: 'failed to lookup parent network interface "br9"',
  },
  "s-firecracker": { wants: { type: 0 }, rules: ["macvtap-on-firecracker"], refused: /macvtap network interfaces not supported by the microvm provider/ },
};

function specOf(name, { wants, provider }) {
  const image = "localhost:5000/k:1";
  return {
    id: name,
    namespace: "ns1",
    vcpu: 1,
    memory_in_mb: 1024,
    metadata: {},
    ...(provider && { provider }),
    kernel: { image, filename: "boot/vmlinux", add_network_config: true },
    root_volume: { id: "root", is_read_only: false, source: { container_source: image } },
    interfaces: [{ device_id: "eth1", ...wants }],
  };
}

const fileOf = (name) => `${folder}/${name}.json`;

export default async function (lab) {
  const { assert } = lab;
  const spec = async (status, ...words) => {
    const run = await lab.fixText(["spec", ...words, "--json"]);
    assert.equal(run.status, status, run.stdout + run.stderr);
    return JSON.parse(run.stdout);
  };
  const said = (report, name) => report.findings.filter(({ file }) => file === fileOf(name)).map(({ rule }) => rule);
  const create = (name) => lab.createFromSpec(JSON.parse(lab.textOf(fileOf(name))));
  const isMade = async (name, bridge) => {
    await create(name);
    await lab.untilRuns([name], 90_000);
    assert.equal(lab.masterOf(lab.linkName(name)), bridge, `the bridge of ${name}`);
  };
  const fails = async (name, words) => {
    await create(name);
    await lab.until(`${name} fails`, () => (lab.recordOf(name)?.status.retry ?? 0) > 0, 60_000);
    assert.ok((await lab.journal(lab.flintlockd)).replaceAll("\\", "").includes(words), `${name}: ${words}`);
  };

  mkdirSync(folder);
  lab.after(() => rmSync(folder, { recursive: true }));
  for (const [name, each] of Object.entries(cases)) {
    writeFileSync(fileOf(name), `${JSON.stringify(specOf(name, each), null, 2)}\n`);
  }
  await lab.must("ip", "link", "add", "br8", "type", "bridge");
  lab.after(() => lab.must("ip", "link", "del", "br8"));
  lab.after(() => lab.removeMicrovm(...Object.keys(cases), "s-default", "s-parent"));

  const checked = await lab.unchangedBy(() => spec(4, "check", folder));
  assert.equal(checked.host.state, "known");
  for (const [name, { rules, runs, fails: words, refused }] of Object.entries(cases)) {
    assert.deepEqual(said(checked, name), rules, `what is said of ${name}`);
    const [wanted] = checked.microvms.find(({ file }) => file === fileOf(name)).interfaces;
    assert.equal(wanted.service, rules.length === 0 ? "served" : "refused", `service of ${name}`);
    if (refused) await assert.rejects(create(name), refused, name);
    else if (words) await fails(name, words);
    else if (runs === null) {
      await isMade(name, null);
      assert.match(await lab.must("ip", "-details", "link", "show", lab.linkName(name)), /@vec0:/, `the parent of ${name}`);
    } else await isMade(name, runs);
  }

  // What flintlockd refused is patched by what the host can serve, and then runs.
  const planned = await lab.unchangedBy(() => spec(2, "patch", fileOf("s-firecracker")));
  assert.deepEqual(
    planned.changes.map(({ what, to }) => [what, to]),
    [["type", "tap"]],
  );
  const old = lab.textOf(fileOf("s-firecracker"));
  await spec(0, "patch", "--write", fileOf("s-firecracker"));
  assert.equal(lab.textOf(fileOf("s-firecracker")), old.replace('"type": 0', '"type": 1'));
  await spec(0, "check", fileOf("s-firecracker"));
  await isMade("s-firecracker", "br0");

  // Another configuration, other answers: Cloud Hypervisor by default takes what Firecracker did not, and needs a parent.
  writeFileSync(fileOf("s-default"), old.replace("s-firecracker", "s-default"));
  writeFileSync(fileOf("s-parent"), old.replace("s-firecracker", "s-parent"));
  lab.setConfig({ "default-provider": "cloudhypervisor" });
  await lab.restartFlintlockd();
  assert.equal((await spec(0, "check", fileOf("s-default"))).microvms[0].provider, "cloudhypervisor");
  await isMade("s-default", null);

  lab.setConfig({ "parent-iface": null });
  await lab.restartFlintlockd();
  assert.deepEqual(said(await spec(2, "check", fileOf("s-parent")), "s-parent"), ["macvtap-without-parent"]);
  await fails("s-parent", "a parent network device name is required for macvtap interfaces");
}

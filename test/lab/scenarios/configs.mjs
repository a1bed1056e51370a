import { chmodSync, chownSync, lstatSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";

export const about =
  "configs that people really have: one key changes, comments, anchors, line endings, BOM, mode, owner and symlinks stay; what does not parse is refused";
export const seconds = 240;

const base = [
  "insecure: true",
  "grpc-endpoint: 127.0.0.1:9090",
  "containerd-socket: /run/containerd-dev/containerd.sock",
  "enable-http: true",
  "http-endpoint: 127.0.0.1:8090",
  "parent-iface: vec0",
];

/** name: [the file, what the edit makes of it]. */
const patched = {
  comments: [
    `# ours\n---\n${base.join("  # why\n")}\n\n# the end\n`,
    (old) => [old.replace("\n\n# the end\n", "\nbridge-name: br0\n\n# the end\n"), `${old}bridge-name: br0\n`],
  ],
  anchors: [`${base.slice(1).join("\n")}\nx-yes: &yes true\ninsecure: *yes\n`, (old) => [`${old}bridge-name: br0\n`]],
  "Windows line endings": [`---\r\n${base.join("\r\n")}\r\n`, (old) => [`${old}bridge-name: br0\r\n`]],
  BOM: [`\uFEFF---\n${base.join("\n")}\n`, (old) => [`${old}bridge-name: br0\n`]],
  "no line break at the end": [base.join("\n"), (old) => [`${old}\nbridge-name: br0\n`, `${old}\nbridge-name: br0`]],
  "an empty value": [`${base.join("\n")}\nbridge-name:\nverbosity: 1\n`, (old) => [old.replace("bridge-name:\n", "bridge-name: br0\n")]],
  "an empty string and a comment": [`${base.join("\n")}\nbridge-name: ""   # later\n`, (old) => [old.replace('""', '"br0"'), old.replace('""', "br0")]],
};

/** name: a file that must not be touched. */
const refused = {
  "a tab": `${base.join("\n")}\n\tverbosity: 1\n`,
  "a duplicate key": `${base.join("\n")}\ninsecure: false\n`,
  "a list": base.map((line) => `- ${line}\n`).join(""),
};

export default async function (lab) {
  const backups = () => readdirSync("/etc/opt/flintlockd").filter((name) => name.startsWith("config.yaml."));
  const clean = () => {
    for (const name of backups()) rmSync(`/etc/opt/flintlockd/${name}`);
  };
  writeFileSync(lab.config, `${base.join("\n")}\n`);
  await lab.restartFlintlockd();
  await lab.createFailing("y1", "tap");
  lab.after(() => lab.removeMicrovm("y1"));

  for (const [name, [text, results]] of Object.entries(patched)) {
    clean();
    writeFileSync(lab.config, text);
    chmodSync(lab.config, 0o600);
    chownSync(lab.config, 12, 34);
    await lab.restartFlintlockd();
    const run = await lab.fix(["--apply"]);
    lab.assert.equal(
      run.status,
      0,
      `${name}: ${JSON.stringify(run.report?.plan)} ${JSON.stringify(run.report?.refusals)} ${JSON.stringify(lab.problems(run.report))}`,
    );
    lab.assert.ok(results(text).includes(readFileSync(lab.config, "utf8")), `${name}: ${JSON.stringify(readFileSync(lab.config, "utf8"))}`);
    const { mode, uid, gid } = statSync(lab.config);
    lab.assert.deepEqual([mode & 0o777, uid, gid], [0o600, 12, 34], `${name}: mode and owner`);
    const kept = backups();
    lab.assert.equal(kept.length, 1, `${name}: one backup: ${kept}`);
    const backup = statSync(`/etc/opt/flintlockd/${kept[0]}`);
    lab.assert.deepEqual([backup.mode & 0o777, backup.uid, backup.gid], [0o600, 12, 34], `${name}: the backup's mode and owner`);
    lab.assert.equal(readFileSync(`/etc/opt/flintlockd/${kept[0]}`, "utf8"), text, `${name}: the backup is the old file`);
  }

  // An empty file: flintlockd starts with defaults and crash-loops. With the bridge said, it is made whole again as far as the file can do it.
  clean();
  writeFileSync(lab.config, "");
  await lab.sh(["systemctl", "restart", "--no-block", lab.flintlockd]);
  await lab.until("flintlockd crash-loops", async () => Number((await lab.unit(lab.flintlockd)).NRestarts) >= 1);
  const empty = await lab.fix(["--dry-run", "--bridge-name", "br0"]);
  lab.found(empty, "service-crash-loop", "bridge-name-missing");
  lab.assert.match(JSON.stringify(empty.report.plan), /\+bridge-name: br0/, `an empty file: ${JSON.stringify(empty.report.refusals)}`);

  // A symlink into /etc/opt stays one; the file it names is edited.
  clean();
  const real = "/etc/opt/flintlockd.real.yaml";
  writeFileSync(lab.config, `${base.join("\n")}\n`);
  chmodSync(lab.config, 0o640);
  renameSync(lab.config, real);
  symlinkSync("../flintlockd.real.yaml", lab.config);
  lab.after(() => rmSync(real, { force: true }));
  await lab.restartFlintlockd();
  const linked = await lab.fix(["--apply"]);
  lab.ended(linked, 0, "fixed");
  lab.assert.ok(lstatSync(lab.config).isSymbolicLink(), "the symlink stays");
  lab.assert.equal(readFileSync(real, "utf8"), `${base.join("\n")}\nbridge-name: br0\n`);
  rmSync(lab.config);

  // Immutable: the edit fails with the reason, nothing is half done.
  writeFileSync(lab.config, `${base.join("\n")}\n`);
  await lab.restartFlintlockd();
  await lab.must("chattr", "+i", lab.config);
  const immutable = await lab.fix(["--apply"]);
  await lab.must("chattr", "-i", lab.config);
  lab.ended(immutable, 3, "unresolved");
  lab.assert.match(JSON.stringify(immutable.report.plan), /chattr|EPERM|not permitted/);
  lab.assert.equal(readFileSync(lab.config, "utf8"), `${base.join("\n")}\n`);

  for (const [name, text] of Object.entries(refused)) {
    clean();
    writeFileSync(lab.config, text);
    const run = await lab.fix(["--apply"]);
    lab.assert.equal(run.status, 4, `${name}: ${JSON.stringify(run.report?.refusals)}`);
    lab.assert.match(JSON.stringify(run.report), /config\.yaml:\d+/, `${name}: line`);
    lab.assert.equal(readFileSync(lab.config, "utf8"), text, `${name}: never overwritten`);
    lab.assert.deepEqual(backups(), [], name);
  }

  // A value on the command line of a drop-in beats the file: said, and the file not patched.
  writeFileSync(lab.config, `${base.join("\n")}\n`);
  await lab.must("mkdir", "-p", "/etc/systemd/system/flintlockd.service.d");
  writeFileSync("/etc/systemd/system/flintlockd.service.d/bridge.conf", "[Service]\nExecStart=\nExecStart=/usr/local/bin/flintlockd run --bridge-name br9\n");
  await lab.must("systemctl", "daemon-reload");
  await lab.restartFlintlockd();
  const beaten = await lab.fix(["--apply", "--bridge-name", "br0"]);
  lab.assert.equal(beaten.status, 4, JSON.stringify(beaten.report?.refusals));
  lab.assert.match(JSON.stringify(beaten.report), /bridge\.conf/, "where the value comes from");
  lab.assert.equal(readFileSync(lab.config, "utf8"), `${base.join("\n")}\n`);
}

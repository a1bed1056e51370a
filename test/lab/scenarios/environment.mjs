import { writeFileSync } from "node:fs";

export const about =
  "sick surroundings: no journald, a corrupt journal, /etc read-only, full disk, no dbus, a hanging systemctl, a command without end, no containerd-dev folder";
export const seconds = 240;

/** Mounts a program over another for as long as `act` runs. */
async function instead(lab, victim, text, act) {
  const fake = `/root/fake-${victim.split("/").at(-1)}`;
  writeFileSync(fake, text, { mode: 0o755 });
  await lab.must("mount", "--bind", fake, victim);
  try {
    return await act();
  } finally {
    await lab.must("umount", victim);
  }
}

export default async function (lab) {
  const bounded = (what, run, seconds) => lab.assert.ok(run.ms < seconds * 1_000 * lab.slow(), `${what}: in bounded time (${run.ms} ms)`);
  const said = (what, run, pattern) => lab.assert.match(JSON.stringify(run.report ?? "") + run.stderr, pattern, `${what}: says what happened`);

  const hanging = await instead(lab, "/usr/bin/systemctl", "#!/bin/sh\nexec sleep 1000\n", () => lab.fix(["--timeout", "20s"]));
  lab.assert.equal(hanging.status, 6, `a systemctl that hangs: ${hanging.status} ${hanging.stderr}`);
  bounded("a systemctl that hangs", hanging, 60);
  said("a systemctl that hangs", hanging, /systemctl/);
  lab.assert.equal((await lab.sh(["pgrep", "-x", "sleep", "-a"])).stdout.includes("sleep 1000"), false, "its children are ended with it");

  const endless = await instead(lab, "/usr/sbin/dmsetup", "#!/bin/sh\nexec yes endless\n", () => lab.fix(["--timeout", "40s"]));
  lab.assert.ok([4, 6].includes(endless.status), `dmsetup without end: ${endless.status} ${endless.stderr}`);
  bounded("dmsetup without end", endless, 90);

  const noJournal = await instead(lab, "/usr/bin/journalctl", "#!/bin/sh\necho 'Failed to open journal' >&2\nexit 1\n", () => lab.fix());
  lab.assert.ok([0, 6].includes(noJournal.status), `no journal: ${noJournal.status}`);

  await lab.must(
    "systemctl",
    "stop",
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
    "systemd-journald-audit.socket",
    "systemd-journald.service",
  );
  const noJournald = await lab.fix();
  await lab.must("systemctl", "start", "systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald.service");
  lab.assert.ok([0, 6].includes(noJournald.status), `no journald: ${noJournald.status}`);
  bounded("no journald", noJournald, 90);

  await lab.must("journalctl", "--rotate", "--vacuum-time=1s");
  lab.assert.ok([0, 6].includes((await lab.fix()).status), "a vacuumed journal");

  // A journal file with rubbish in its middle, as a disk that fails leaves it.
  const journal = (await lab.must("find", "/var/log/journal", "-name", "system.journal")).split("\n")[0];
  await lab.must("dd", "if=/dev/urandom", `of=${journal}`, "bs=4096", "seek=8", "count=200", "conv=notrunc", "status=none");
  const corrupt = await lab.fix();
  lab.assert.ok([0, 6].includes(corrupt.status), `a corrupt journal: ${corrupt.status}`);
  bounded("a corrupt journal", corrupt, 90);
  await lab.must("journalctl", "--rotate");

  await lab.must("systemctl", "stop", "dbus.socket", "dbus.service");
  await lab.sh(["pkill", "-KILL", "-x", "dbus-daemon"]); // its unit leaves it running
  const noBus = await lab.fix();
  await lab.must("systemctl", "start", "dbus.socket");
  lab.assert.ok([0, 6].includes(noBus.status), `no dbus: ${noBus.status} ${noBus.stderr}`);
  bounded("no dbus", noBus, 90);

  // /etc on a read-only mount: the edit fails, the file stays, the report says why.
  lab.setConfig({ "bridge-name": null });
  await lab.restartFlintlockd();
  await lab.createFailing("e1", "tap");
  lab.after(() => lab.removeMicrovm("e1"));
  await lab.must("mount", "--bind", "/etc", "/etc");
  await lab.must("mount", "-o", "remount,bind,ro", "/etc");
  const readOnly = await lab.fix(["--apply"]);
  await lab.must("umount", "/etc");
  lab.assert.ok([3, 4].includes(readOnly.status), `read-only /etc: ${readOnly.status} ${readOnly.stderr}`);
  said("read-only /etc", readOnly, /EROFS|read-only/i);
  lab.assert.doesNotMatch(lab.textOf(lab.config), /bridge-name/);

  // A full disk under /etc: a small file system over the folder of the config.
  await lab.must("cp", "-a", "/etc/opt/flintlockd", "/root/flintlockd-etc");
  await lab.must("mount", "-t", "tmpfs", "-o", "size=16k", "none", "/etc/opt/flintlockd");
  await lab.must("cp", "-a", "/root/flintlockd-etc/config.yaml", "/etc/opt/flintlockd/");
  await lab.sh(["dd", "if=/dev/zero", "of=/etc/opt/flintlockd/full", "bs=4k", "status=none"]);
  const full = await lab.fix(["--apply"]);
  const left = lab.textOf(lab.config);
  await lab.must("umount", "/etc/opt/flintlockd");
  await lab.must("rm", "-rf", "/root/flintlockd-etc");
  lab.assert.ok([3, 4].includes(full.status), `full disk: ${full.status} ${full.stderr}`);
  said("full disk", full, /ENOSPC|no space/i);
  lab.assert.equal(left, lab.textOf(lab.config), "the file is the old one");

  const cured = await lab.fix(["--apply", "--wait", "2m"]);
  lab.ended(cured, 0, "fixed");

  // The state folder cannot be written: the cure goes on, and it is said.
  writeFileSync("/var/lib/flintlock-fix.block", "");
  await lab.must("rm", "-rf", "/var/lib/flintlock-fix", "/var/lib/flintlock-fix.block");
  await lab.must("ip", "link", "set", "dev", lab.linkName("a"), "nomaster");
  writeFileSync("/var/lib/flintlock-fix", "not a folder\n");
  const noState = await lab.fix(["--apply"]);
  await lab.must("rm", "-f", "/var/lib/flintlock-fix");
  lab.assert.equal(noState.status, 0, `no state folder: ${noState.status} ${noState.stderr} ${JSON.stringify(noState.report?.plan)}`);
  said("no state folder", noState, /ledger/);
}

import { writeFileSync } from "node:fs";
import { install, installFor } from "../guest/heal.mjs";

export const about =
  "install prints what it writes, twice is once, local drop-ins stay, units verify clean and are rated as the README says; uninstall leaves nothing";
export const seconds = 100;

const units = ["flintlock-fix-boot.service", "flintlock-fix.service", "flintlock-fix.timer", "flintlock-fix-watch.service"];

/** Every file and folder that an installation could leave: kind, mode, owner, content; times do not count. */
async function tree(lab) {
  const folders = [
    "/etc",
    "/usr/local",
    "/var/spool",
    "/var/lib/systemd",
    "/var/lib/flintlock-fix",
    "/opt",
    "/root",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/run/lock",
    "/tmp",
    "/var/tmp",
  ];
  const { stdout } = await lab.sh([
    "sh",
    "-c",
    `find ${folders.join(" ")} /run -maxdepth 12 \\( -path /run/systemd -o -path /run/log -o -path /run/udev -o -path '/run/containerd*' -o -path '/tmp/systemd-private*' -o -path '/var/tmp/systemd-private*' -o -name 'random-seed' -o -path /var/lib/systemd/timesync \\) -prune -o -printf '%p %y %m %U:%G %l\\n' | sort -u`,
  ]);
  const hashes = await lab.sh(["sh", "-c", "find /etc /usr/local /var/lib/systemd/catalog -type f -exec sha256sum {} + | sort -k 2"]);
  return [...stdout.split("\n"), ...hashes.stdout.split("\n")];
}

/** `fix install --dry-run`: what it prints of each file, by its path. */
function printed(text) {
  const parts = text.split(/^# (\/\S+) \(mode (\d+)\)\n/m).slice(1);
  return Object.fromEntries(
    Array.from({ length: parts.length / 3 }, (_, i) => [parts[3 * i], { mode: parts[3 * i + 1], text: parts[3 * i + 2].replace(/\n$/, "") }]),
  );
}

export default async function (lab) {
  const own = "/etc/systemd/system/flintlockd.service.d/10-site.conf";
  const local = "/etc/systemd/system/flintlock-fix.service.d/local.conf";
  await lab.must("mkdir", "-p", "/etc/systemd/system/flintlockd.service.d", "/etc/systemd/system/flintlock-fix.service.d");
  writeFileSync(own, "[Service]\nEnvironment=SITE=1\n");
  writeFileSync(local, "[Service]\nEnvironment=NODE_OPTIONS=--max-old-space-size=200\n");
  await lab.must("systemctl", "daemon-reload");
  // Whatever the catalog of Debian's packages takes to be built once is there before.
  await lab.must("journalctl", "--update-catalog");
  const before = await tree(lab);
  const alive = await lab.unit(lab.flintlockd);

  const shown = await lab.unchangedBy(() => lab.fixText(["install", "--watch", "--dry-run"]));
  lab.assert.equal(shown.status, 0, shown.stderr);
  const said = await installFor(lab, "--watch");
  const files = printed(shown.stdout);
  lab.assert.deepEqual(
    said.split("\n").filter((line) => line !== ""),
    Object.keys(files).map((path) => `written    ${path}`),
  );
  for (const [path, { mode, text }] of Object.entries(files)) {
    lab.assert.equal(await lab.must("stat", "--format", "%a %U", path), `${mode} root`);
    if (path.endsWith(".js")) lab.assert.equal(lab.textOf(path), lab.textOf("/opt/fix.js"), "fix is a copy of itself");
    else lab.assert.equal(lab.textOf(path).trimEnd(), text.trimEnd(), `${path} is what was printed`);
  }
  lab.assert.equal((await lab.unit(lab.flintlockd)).InvocationID, alive.InvocationID, "flintlockd was not restarted");
  lab.assert.match((await lab.unit(lab.flintlockd)).After, /containerd-dev\.service/);
  for (const unit of units.filter((name) => name !== "flintlock-fix.service"))
    lab.assert.equal((await lab.sh(["systemctl", "is-enabled", unit])).stdout.trim(), "enabled", unit);

  const verified = await lab.sh(["systemd-analyze", "verify", "--man=no", ...units]);
  lab.assert.deepEqual([verified.status, verified.stdout, verified.stderr], [0, "", ""], "systemd-analyze verify is clean");
  // The README's figures are of this systemd; others weigh their questions otherwise.
  const is252 = (await lab.must("systemctl", "--version")).startsWith("systemd 252 ");
  for (const unit of units.filter((name) => name.endsWith(".service"))) {
    const rated = /exposure level for \S+: (\S+)/.exec(await lab.must("systemd-analyze", "security", "--no-pager", unit))?.[1];
    if (is252) lab.assert.equal(rated, unit.includes("watch") ? "4.7" : "4.5", `systemd-analyze security of ${unit}`);
    else lab.assert.ok(Number(rated) < 5, `${unit}: ${rated}`);
  }

  const invocations = async () => Promise.all(units.map(async (unit) => (await lab.unit(unit)).InvocationID));
  await lab.must("systemctl", "stop", "flintlock-fix.timer");
  await lab.must("systemctl", "start", "flintlock-fix.timer");
  const running = (await invocations()).filter((_, i) => i !== 1);
  const again = await install("--watch");
  lab.assert.doesNotMatch(again.trim(), /^(?!unchanged)/m, "the second time nothing is written");
  lab.assert.deepEqual(
    (await invocations()).filter((_, i) => i !== 1),
    running,
    "and nothing is restarted",
  );

  const cron = await install("--cron", "--interval", "5m");
  lab.assert.match(cron, /^removed +\/etc\/systemd\/system\/flintlock-fix\.timer$/m);
  lab.assert.equal((await lab.unit("flintlock-fix.timer")).LoadState, "not-found");
  lab.assert.equal((await lab.unit("flintlock-fix-watch.service")).LoadState, "not-found");
  lab.assert.match(lab.textOf("/etc/cron.d/flintlock-fix"), /^\*\/5 \* \* \* \* root \S+node \S+fix\.js --apply --unattended=cron$/m);

  writeFileSync("/etc/cron.d/flintlock-fix", "# somebody's own\n");
  const foreign = await lab.fixText(["install"]);
  lab.assert.equal(foreign.status, 1, "a file that fix did not write is not overwritten");
  lab.assert.match(foreign.stderr, /flintlock-fix/);
  lab.assert.equal(lab.textOf("/etc/cron.d/flintlock-fix"), "# somebody's own\n");
  await lab.must("rm", "/etc/cron.d/flintlock-fix");

  await install("--watch");
  await lab.must("systemctl", "start", "flintlock-fix.service");
  await lab.must("systemctl", "stop", "flintlock-fix.timer", "flintlock-fix-watch.service");
  const would = await lab.unchangedBy(() => lab.fixText(["uninstall", "--dry-run"]));
  const gone = await lab.fixText(["uninstall"]);
  lab.assert.equal(gone.status, 0, gone.stderr);
  lab.assert.deepEqual(gone.stdout.match(/\/\S+/g).sort(), would.stdout.match(/\/\S+/g).sort(), "uninstall takes away what it said");
  // systemd's own folder, for the stamps of timers: it comes with the first persistent one.
  const left = difference(before, await tree(lab)).filter((line) => !line.startsWith("+ /var/lib/systemd/timers d "));
  lab.assert.deepEqual(left, [], "nothing is left, and nothing else is gone");
  lab.assert.equal((await lab.sh(["systemctl", "list-units", "--all", "--no-legend", "flintlock-fix*"])).stdout, "", "no unit of it is known any more");
  lab.assert.doesNotMatch((await lab.unit(lab.flintlockd)).After, /containerd-dev\.service/);
  lab.assert.equal((await lab.unit(lab.flintlockd)).InvocationID, alive.InvocationID, "flintlockd was not restarted");
  lab.assert.match((await lab.fixText(["uninstall"])).stdout, /nothing is installed/);
}

function difference(before, after) {
  const [old, now] = [new Set(before), new Set(after)];
  return [...before.filter((line) => !now.has(line)).map((line) => `- ${line}`), ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`)];
}

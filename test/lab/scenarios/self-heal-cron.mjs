import { readdirSync, writeFileSync } from "node:fs";
import { detachTap, entries, installFor, setPolicy, tapIsAttached } from "../guest/heal.mjs";

export const about = "cron with the real daemon's bare environment: mail only when something changed or needs a person, and neither twice";
export const seconds = 150;

const mails = "/root/mails";

export default async function (lab) {
  const last = () => JSON.parse(lab.textOf("/var/lib/flintlock-fix/last-run.json") ?? "{}").cron;
  const mailed = () => readdirSync(mails).map((name) => lab.textOf(`${mails}/${name}`));
  /** cron looks at its table when the minute begins: the clock is set to just before, and cron told by a restart. */
  const minute = async (what) => {
    const before = last()?.run;
    const wait = 60 - ((Date.now() / 1000) % 60);
    if (wait > 4) await lab.must("date", "--utc", "--set", `@${Math.floor(Date.now() / 1000 + wait) - 2}`);
    await lab.must("systemctl", "restart", "cron.service");
    await lab.until(`${what}: cron's run ends`, () => last() !== undefined && last().run !== before, 90_000);
    await lab.until(`${what}: cron's child is over`, async () => (await lab.sh(["pgrep", "-f", "unattended=cron"])).stdout === "", 30_000);
    await lab.pause(500);
    return last();
  };
  await lab.must("mkdir", "-p", mails);
  // cron hands the output of a job to sendmail(1); this one keeps it, with the environment that the job had.
  writeFileSync("/usr/sbin/sendmail", `#!/bin/sh\nexec cat >${mails}/$$\n`, { mode: 0o755 });
  lab.after(() => lab.sh(["rm", "-rf", mails, "/usr/sbin/sendmail"]));
  setPolicy("brakes:\n  hold: 1s\n");
  await lab.must("systemctl", "stop", "cron.service");
  await installFor(lab, "--cron");
  const alive = lab.running();
  lab.assert.equal((await lab.unit("flintlock-fix.timer")).LoadState, "not-found", "no timer beside it");

  const well = await minute("a healthy minute");
  lab.assert.deepEqual([well.exitCode, well.steps], [0, 0], JSON.stringify(well));
  lab.assert.deepEqual(mailed(), [], "all is well: no mail");

  await detachTap(lab);
  const cured = await minute("a fault");
  lab.assert.deepEqual([cured.exitCode, cured.verdict], [0, "fixed"], JSON.stringify(cured));
  lab.assert.equal(tapIsAttached(), true);
  const [mail, ...others] = mailed();
  lab.assert.deepEqual(others, [], "one mail");
  lab.assert.match(mail, /^Subject: Cron <root@flhost> .*node .*fix\.js --apply --unattended=cron/m);
  lab.assert.match(mail, /fixed, and the second look proves it/);
  lab.assert.match(mail, /X-Cron-Env: <PATH=\/usr\/local\/sbin:/);

  // A person stopped flintlockd, and a person has to start it: told once.
  await lab.must("systemctl", "stop", lab.flintlockd);
  const needs = await minute("a need of a person");
  lab.assert.equal(needs.exitCode, 4, JSON.stringify(needs));
  lab.assert.equal(mailed().length, 2, "a need of a person: a mail");
  lab.assert.equal((await minute("the same need")).exitCode, 4);
  lab.assert.equal(mailed().length, 2, "the same need again: no mail");
  lab.assert.deepEqual(await entries("SYSLOG_IDENTIFIER=cron", "--grep", "error|not found|permission"), []);
  lab.assert.deepEqual(lab.running(), alive);
}

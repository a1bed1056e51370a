import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";

export const about = "the journal is read on from where the last run stood; after rotation, a vacuum, damage and a new start it is said, or read anew";
export const seconds = 150;

const kept = "/var/lib/flintlock-fix/journal.json";
const log = "/run/journalctl-calls";

export default async function (lab) {
  // A journalctl that notes what it is asked.
  const real = "/root/journalctl-real";
  await lab.must("cp", "/usr/bin/journalctl", real);
  writeFileSync("/root/journalctl-noting", `#!/bin/sh\necho "$*" >> ${log}\nexec ${real} "$@"\n`, { mode: 0o755 });
  await lab.must("mount", "--bind", "/root/journalctl-noting", "/usr/bin/journalctl");
  lab.after(() => lab.must("umount", "/usr/bin/journalctl"));
  /** Runs fix; which of the two ways the journal was read in the last look, and what was said of it. */
  const look = async (words = ["--dry-run", "--verbose"]) => {
    writeFileSync(log, "");
    const run = await lab.fixText(words);
    const asked = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.includes("_SYSTEMD_INVOCATION_ID="));
    return { ...run, asked: asked.map((line) => (line.includes("--cursor=") ? "on" : "anew")) };
  };

  // The host was put back before this, with an empty journal: of which there is nothing to keep.
  await lab.restartFlintlockd();
  lab.ended(await lab.fix(["--apply"]), 0);
  lab.assert.ok(existsSync(kept), "an apply keeps where it stood");
  lab.assert.equal(statSync(kept).mode & 0o777, 0o600);

  lab.setConfig({ "bridge-name": null });
  await lab.restartFlintlockd();
  lab.assert.deepEqual((await look()).asked, ["anew"], "another start of flintlockd: everything is read");
  await lab.createFailing("q1", "tap");
  lab.after(() => lab.removeMicrovm("q1"));
  // Held still, so that what counts from here on was said before, and not said again; itself a fault (flintlockd-stalled), left out.
  const daemon = Number((await lab.unit(lab.flintlockd)).MainPID);
  const goOn = () => lab.kill(daemon, "SIGCONT");
  lab.after(goOn);
  lab.kill(daemon, "SIGSTOP");
  // It may not act: what it saw is kept all the same.
  const first = await lab.fix(["--apply", "--skip", "bridge-name-missing,flintlockd-stalled"]);
  lab.assert.ok([0, 3, 4].includes(first.status), `${first.status} ${first.stderr}`);
  const before = readFileSync(kept, "utf8");
  const hits = async (words) => {
    const { report } = await lab.fix(words);
    return lab.finding(report, "bridge-name-missing")?.evidence.filter(({ source }) => source === "journal").length ?? 0;
  };
  lab.assert.deepEqual((await look()).asked, ["on"], "a dry run reads on");
  lab.assert.ok((await hits(["--dry-run"])) > 0, "what was heard before still counts");
  lab.assert.equal(readFileSync(kept, "utf8"), before, "a dry run keeps nothing");

  // Touched, and not changed: it cured nothing.
  await lab.must("touch", lab.config);
  lab.assert.ok((await hits(["--dry-run"])) > 0, "a touched configuration cures nothing");

  await lab.must(real, "--rotate");
  const rotated = await look();
  lab.assert.deepEqual(rotated.asked, ["on"], "rotation loses nothing");

  // A figure of the file is another: it is damaged, and that is said.
  writeFileSync(
    kept,
    before.replace(/"monotonicUs"|"seenUs":\d/, (text) => `${text}1`),
  );
  const damaged = await look();
  lab.assert.deepEqual(damaged.asked, ["anew"]);
  lab.assert.match(damaged.stdout, /journal\.json is damaged/);
  writeFileSync(kept, before);

  await lab.must(real, "--rotate", "--vacuum-files=1");
  const vacuumed = await look();
  lab.assert.deepEqual(vacuumed.asked, ["on", "anew"], vacuumed.stdout);
  lab.assert.match(vacuumed.stdout, /no longer holds the entry where the last run stood/);

  // The next run that may write stands anew; then a journal file is corrupt.
  goOn();
  await lab.createFailing("q2", "tap");
  lab.after(() => lab.removeMicrovm("q2"));
  await lab.fix(["--apply", "--skip", "bridge-name-missing"]);
  lab.assert.deepEqual((await look()).asked, ["on"]);
  await lab.must(real, "--rotate");
  const folder = `/var/log/journal/${readFileSync("/etc/machine-id", "utf8").trim()}`;
  const archived = readdirSync(folder).filter((name) => /^system@.*\.journal$/.test(name));
  for (const name of archived) {
    const text = readFileSync(`${folder}/${name}`);
    text.fill(0xff, 0, 64);
    writeFileSync(`${folder}/${name}`, text);
  }
  const corrupt = await look();
  lab.assert.equal(corrupt.asked.at(-1), "anew", `${corrupt.asked.join()} ${corrupt.stdout}`);
  lab.assert.match(corrupt.stdout, /the journal is read since boot/);
  for (const name of archived) await lab.must("rm", "-f", `${folder}/${name}`);

  // What nobody can write to is no reason to do nothing.
  await lab.must("rm", "-rf", "/var/lib/flintlock-fix");
  writeFileSync("/var/lib/flintlock-fix", "not a folder\n");
  const unkept = await lab.fix(["--apply"]);
  await lab.must("rm", "-f", "/var/lib/flintlock-fix");
  lab.assert.match(JSON.stringify(unkept.report.advice), /reads the whole journal again/);
}

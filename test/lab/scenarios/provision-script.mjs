import { copyFileSync } from "node:fs";

export const about = "--provisioner script: a given provision.sh attaches the pool; one that others may write is refused";
export const seconds = 90;

export default async function (lab) {
  const script = "/opt/provision.sh";
  copyFileSync("/tools/provision.sh", script);
  lab.after(() => lab.must("rm", "-f", script));
  await lab.losePool();
  const words = ["--provisioner", "script", "--provision-script", script];
  await lab.must("chown", "root:root", script);
  await lab.must("chmod", "0777", script);
  const open = await lab.fix(["--apply", ...words]);
  lab.ended(open, 4, "refused");
  lab.refused(open, "UNSAFE_PROVISION_SCRIPT");
  lab.assert.equal(await lab.poolLine(), "", "nothing was run");
  await lab.must("chmod", "0755", script);
  const dry = await lab.unchangedBy(() => lab.fix(["--dry-run", ...words]));
  lab.ended(dry, 2, "planned");
  lab.assert.ok(JSON.stringify(dry.report.plan).includes(script));
  const run = await lab.fix(["--apply", "--wait", "3m", ...words]);
  lab.ended(run, 0, "fixed");
  lab.assert.match(await lab.poolLine(), / rw /);
  lab.assert.equal(await lab.pluginStatus(), "ok");
  await lab.untilRuns(["a", "c"], 30_000);
}

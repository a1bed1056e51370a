import { writeFileSync } from "node:fs";

export const about = "flintlockd does not come back with the new config: the old file goes back, and flintlockd with it";
export const seconds = 120;

export default async function (lab) {
  lab.setConfig({ "bridge-name": null });
  await lab.restartFlintlockd();
  await lab.createFailing("b1", "tap");
  lab.after(() => lab.removeMicrovm("b1"));
  const old = lab.textOf(lab.config);
  // A wrapper that ends where bridge-name is set, as a flintlockd would that does not know it.
  await lab.must("mkdir", "-p", "/etc/systemd/system/flintlockd.service.d");
  writeFileSync(
    "/etc/systemd/system/flintlockd.service.d/picky.conf",
    "[Service]\nExecStartPre=/bin/sh -c '! grep -q ^bridge-name /etc/opt/flintlockd/config.yaml'\n",
  );
  await lab.must("systemctl", "daemon-reload");
  const run = await lab.fix(["--apply"], { timeoutMs: 500_000 });
  lab.ended(run, 3, "unresolved");
  lab.assert.equal(run.report.plan.find(({ id }) => id === "set-bridge-name")?.outcome, "rolled-back", JSON.stringify(run.report.plan));
  lab.assert.equal(lab.textOf(lab.config), old, "the old file, byte for byte");
  await lab.until("flintlockd serves again", lab.serves, 60_000);
}

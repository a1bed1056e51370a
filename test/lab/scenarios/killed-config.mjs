export const about = "SIGKILL before and after each step of the config's cure: the file is old or new byte for byte, the next run finishes";
export const seconds = 150;

export default async function (lab) {
  lab.setConfig({ "bridge-name": null });
  const old = lab.textOf(lab.config);
  const next = `${old}bridge-name: br0\n`;
  await lab.restartFlintlockd();
  await lab.createFailing("k1", "tap");
  lab.after(() => lab.removeMicrovm("k1"));
  const plan = lab.stepIds((await lab.fix(["--dry-run"])).report);
  lab.assert.deepEqual(plan, ["set-bridge-name", "restart-flintlockd"]);
  for (const moment of lab.momentsOf(plan)) {
    lab.setConfig({ "bridge-name": null });
    await lab.restartFlintlockd();
    const { MainPID: without } = await lab.unit(lab.flintlockd);
    lab.assert.equal(await lab.killedAt(["--apply"], moment), "killed", moment);
    lab.assert.ok([old, next].includes(lab.textOf(lab.config)), `${moment}: old or new, byte for byte: ${lab.textOf(lab.config)}`);
    const second = await lab.fix(["--apply"]);
    lab.assert.equal(second.status, 0, `${moment}: ${JSON.stringify(second.report?.plan)} ${JSON.stringify(second.report?.refusals)}`);
    lab.assert.equal(lab.textOf(lab.config), next, moment);
    lab.assert.notEqual((await lab.unit(lab.flintlockd)).MainPID, without, `${moment}: flintlockd has the new value, too`);
    lab.assert.equal(
      (await lab.must("ls", "-A", "/etc/opt/flintlockd")).split("\n").filter((name) => !/^config\.yaml(\.fix-.*)?$/.test(name)).length,
      0,
      `${moment}: no temporary file is left`,
    );
  }
}

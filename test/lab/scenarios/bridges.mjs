export const about = "several bridges, one made by docker, none at all, a bridge-name that is a NIC, a busy parent: choices are explained, nothing is guessed";
export const seconds = 120;

export default async function (lab) {
  lab.setConfig({ "bridge-name": null });
  await lab.restartFlintlockd();
  await lab.createFailing("n1", "tap");
  lab.after(() => lab.removeMicrovm("n1"));
  const old = lab.textOf(lab.config);

  await lab.must("ip", "link", "add", "docker0", "type", "bridge");
  await lab.must("ip", "link", "add", "br5", "type", "bridge");
  const several = await lab.fix(["--apply"]);
  lab.ended(several, 4, "refused");
  lab.refused(several, "AMBIGUOUS_BRIDGE");
  lab.plannedExactly(several);
  lab.assert.match(JSON.stringify(several.report.refusals), /br0.*br5|br5.*br0/);
  lab.assert.doesNotMatch(JSON.stringify(several.report.refusals), /bridge-name docker0/);
  await lab.must("ip", "link", "del", "br5");

  const one = await lab.fix(["--dry-run"]);
  lab.ended(one, 2, "planned");
  lab.assert.match(JSON.stringify(one.report.plan), /br0/, "docker's is not counted");

  const tap = lab.linkName("a");
  await lab.must("ip", "link", "del", "br0");
  const none = await lab.fix(["--apply"]);
  lab.ended(none, 4, "refused");
  lab.refused(none, "NO_BRIDGE");
  lab.assert.equal(lab.textOf(lab.config), old);
  await lab.must("ip", "link", "add", "br0", "type", "bridge");
  await lab.must("ip", "link", "set", "br0", "up");
  await lab.must("ip", "link", "set", "dev", tap, "master", "br0");
  await lab.must("ip", "link", "del", "docker0");
  await lab.removeMicrovm("n1");

  // A NIC for a bridge: the tap is made and stays unattached; this is no macvtap fault.
  lab.setConfig({ "bridge-name": "vec0" });
  await lab.restartFlintlockd();
  await lab.createMicrovm("n2", "tap");
  lab.after(() => lab.removeMicrovm("n2"));
  await lab.until("n2 has failed or runs without a bridge", () => (lab.recordOf("n2")?.status.retry ?? 0) > 0 || lab.runs("n2"));
  const nic = await lab.fix(["--dry-run"]);
  lab.assert.equal(nic.status, 4, JSON.stringify(nic.report.refusals));
  lab.found(nic, "parent-device-missing");
  lab.assert.equal(lab.finding(nic.report, "macvtap-unavailable").status, "healthy");
  const fixed = await lab.fix(["--apply", "--bridge-name", "br0", "--wait", "2m"]);
  lab.ended(fixed, 0, "fixed");
  lab.planned(fixed, "set-bridge-name", "attach-tap", "restart-flintlockd");
  await lab.untilRuns(["n2"], 60_000);
  lab.assert.equal(lab.masterOf(lab.linkName("n2")), "br0");
}

export const about = "no parent-iface and a MicroVM that wants macvtap: the wired interface of the default route is set";
export const seconds = 60;

export default async function (lab) {
  lab.setConfig({ "parent-iface": null });
  await lab.restartFlintlockd();
  await lab.createFailing("m1", "macvtap");
  lab.after(() => lab.removeMicrovm("m1"));
  const old = lab.textOf(lab.config);
  const alive = lab.running();
  await lab.cure({
    findings: ["parent-iface-missing"],
    steps: ["set-parent-iface", "restart-flintlockd", "restart-flintlockd-again"],
    words: ["--wait", "3m"],
    proof: async () => {
      lab.assert.equal(lab.textOf(lab.config), `${old}parent-iface: vec0\n`);
      await lab.untilRuns(["m1"], 30_000);
      lab.assert.match(await lab.must("ip", "-details", "link", "show", lab.linkName("m1")), /@vec0:.*\n[^]*macvtap/);
      lab.assert.deepEqual(lab.running(), alive);
    },
  });
}

export const about = "daemons stopped: started again by a hand-run apply, MicroVMs untouched";
export const seconds = 60;

export default async function (lab) {
  const alive = lab.running();
  await lab.must("systemctl", "stop", lab.flintlockd);
  await lab.cure({
    findings: ["service-down"],
    steps: ["start-flintlockd"],
    proof: async () => {
      lab.assert.equal((await lab.unit(lab.flintlockd)).ActiveState, "active");
      lab.assert.equal(await lab.serves(), true);
      lab.assert.deepEqual(lab.running(), alive);
    },
  });
  await lab.must("systemctl", "stop", lab.containerd);
  lab.assert.equal((await lab.unit(lab.flintlockd)).ActiveState, "inactive", "containerd takes flintlockd with it");
  await lab.cure({
    findings: ["service-down"],
    steps: ["start-containerd", "start-flintlockd"],
    proof: async () => {
      lab.assert.equal(await lab.pluginStatus(), "ok");
      lab.assert.equal(await lab.serves(), true);
      lab.assert.deepEqual(lab.running(), alive);
    },
  });
}

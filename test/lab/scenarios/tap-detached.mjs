export const about = "a bridge deleted and made again under a running MicroVM: its tap is attached, the hypervisor goes on";
export const seconds = 45;

export default async function (lab) {
  const alive = lab.running();
  await lab.must("ip", "link", "del", "br0");
  await lab.must("ip", "link", "add", "br0", "type", "bridge");
  await lab.must("ip", "link", "set", "br0", "up");
  lab.assert.equal(lab.masterOf(lab.linkName("a")), null);
  await lab.cure({
    findings: ["tap-detached"],
    steps: ["attach-tap"],
    proof: () => {
      lab.assert.equal(lab.masterOf(lab.linkName("a")), "br0");
      lab.assert.deepEqual(lab.running(), alive, "same PID, same devices");
    },
  });
}

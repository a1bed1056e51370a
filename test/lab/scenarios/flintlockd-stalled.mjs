import { createServer } from "node:net";

export const about = "green and dead: containerd was killed, or the port was taken; a restart once the cause is gone";
export const seconds = 90;

export default async function (lab) {
  const alive = lab.running();
  const { MainPID: pid } = await lab.unit(lab.containerd);
  lab.kill(Number(pid), "SIGKILL");
  await lab.until(
    "containerd is back and flintlockd is not",
    async () => (await lab.pluginStatus()) === "ok" && (await lab.unit(lab.flintlockd)).ActiveState === "active" && !(await lab.serves()),
  );
  await lab.pause(12_000);
  lab.assert.equal(await lab.serves(), false, "flintlockd has stalled");
  await lab.cure({
    findings: ["flintlockd-stalled"],
    steps: ["restart-flintlockd"],
    proof: async () => {
      lab.assert.equal(await lab.serves(), true);
      lab.assert.deepEqual(lab.running(), alive, "same hypervisors, same devices");
    },
  });

  await lab.must("systemctl", "stop", lab.flintlockd);
  const squatter = createServer();
  await new Promise((resolve) => squatter.listen(9090, "127.0.0.1", resolve));
  lab.after(() => squatter.close());
  await lab.must("systemctl", "start", lab.flintlockd);
  await lab.pause(12_000);
  await lab.capture("flintlockd-stalled", "port-taken");
  const taken = await lab.fix(["--apply"]);
  lab.ended(taken, 4, "refused");
  lab.found(taken, "flintlockd-stalled");
  lab.assert.match(JSON.stringify(taken.report), /address already in use|9090/);
  await new Promise((resolve) => squatter.close(resolve));
  await lab.cure({
    findings: ["flintlockd-stalled"],
    steps: ["restart-flintlockd"],
    proof: async () => lab.assert.equal(await lab.serves(), true),
  });
}

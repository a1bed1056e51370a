import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

export const about = "a pid file names another living process: put aside, the MicroVM starts, that process is not touched";
export const seconds = 60;

export default async function (lab) {
  const { id } = lab.recordOf("a");
  const file = `${lab.vmFolder}/${id}/firecracker.pid`;
  const kept = async () =>
    (await lab.must("ls", `${lab.vmFolder}/${id}`)).split("\n").filter((name) => name.startsWith("firecracker.pid") && name !== "firecracker.pid").length;
  const keptBefore = await kept();
  await lab.must("systemctl", "stop", lab.flintlockd);
  lab.kill(lab.hypervisorPid("a"), "SIGKILL");
  const stranger = spawn("sleep", ["100000"], { stdio: "ignore" });
  lab.after(() => stranger.kill("SIGKILL"));
  writeFileSync(file, String(stranger.pid));
  await lab.restartFlintlockd();
  await lab.pause(3_000);
  lab.assert.equal(lab.hypervisorPid("a"), null, "flintlockd trusts the number");
  await lab.cure({
    findings: ["microvm-pid-reused"],
    steps: ["clear-stale-pid", "restart-flintlockd"],
    proof: async () => {
      await lab.untilRuns(["a"], 30_000);
      lab.assert.equal(stranger.exitCode, null, "the other process lives");
      lab.assert.equal(Number(lab.textOf(file)), lab.hypervisorPid("a"));
      lab.assert.equal(await kept(), keptBefore + 1, "the old pid file is kept beside it");
    },
  });
}

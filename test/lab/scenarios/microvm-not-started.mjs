export const about = "a hypervisor died, its record says created: only the resync would bring it back, so flintlockd is restarted";
export const seconds = 60;

export default async function (lab) {
  const other = lab.running(["c"]);
  lab.kill(lab.hypervisorPid("a"), "SIGKILL");
  await lab.until("a is seen as not started", async () => lab.finding((await lab.fix()).report, "microvm-not-started")?.status === "problem", 180_000);
  await lab.cure({
    findings: ["microvm-not-started"],
    steps: ["restart-flintlockd"],
    proof: async () => {
      await lab.untilRuns(["a"], 30_000);
      lab.assert.deepEqual(lab.running(["c"]), other);
    },
  });
}

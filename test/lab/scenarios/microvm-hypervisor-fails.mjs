import { writeFileSync } from "node:fs";

export const about = "the hypervisor itself fails: its own words are shown, and no restart is tried";
export const seconds = 60;

export default async function (lab) {
  writeFileSync("/etc/lab/hypervisor-fails", "");
  await lab.createMicrovm("h1", "tap");
  lab.after(() => lab.removeMicrovm("h1"));
  // Which of the two depends on whether it is gone before flintlockd looks whether it came up.
  await lab.until("h1 is created, or has failed", () => lab.recordOf("h1")?.status.state === "created" || lab.recordOf("h1")?.status.retry > 0);
  await lab.until("h1 is seen as not started", async () => lab.finding((await lab.fix()).report, "microvm-not-started")?.status === "problem", 180_000);
  await lab.capture("microvm-not-started", "hypervisor-fails");
  const run = await lab.fix(["--apply"]);
  lab.ended(run, 4, "refused");
  lab.plannedExactly(run);
  lab.assert.match(JSON.stringify(run.report), /stand-in: told to fail/);
}

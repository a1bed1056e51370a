import { writeFileSync } from "node:fs";

export const about = "the hypervisor itself fails: its own words are shown, and no restart is tried";
export const seconds = 60;

export default async function (lab) {
  writeFileSync("/etc/lab/hypervisor-fails", "");
  await lab.createMicrovm("h1", "tap");
  lab.after(() => lab.removeMicrovm("h1"));
  await lab.until("h1 is created", () => lab.recordOf("h1")?.status.state === "created");
  await lab.until("h1 is seen as not started", async () => lab.finding((await lab.fix()).report, "microvm-not-started")?.status === "problem", 180_000);
  await lab.capture("microvm-not-started", "hypervisor-fails");
  const run = await lab.fix(["--apply"]);
  lab.ended(run, 4, "refused");
  lab.plannedExactly(run);
  lab.assert.match(JSON.stringify(run.report), /stand-in: told to fail/);
}

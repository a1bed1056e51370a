import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

export const about = "a pid file that names another process than the hypervisor that runs: no second one is started; one without a number is put aside";
export const seconds = 90;

export default async function (lab) {
  const { id } = lab.recordOf("a");
  const [, , uid] = id.split("/");
  const file = `${lab.vmFolder}/${id}/firecracker.pid`;
  const living = lab.hypervisorPid("a");
  const hypervisors = async () => (await lab.sh(["pgrep", "--full", "--", `--id ${uid}`])).stdout.trim().split("\n").filter(Boolean).map(Number);

  const stranger = spawn("sleep", ["100000"], { stdio: "ignore" });
  lab.after(() => stranger.kill("SIGKILL"));
  writeFileSync(file, String(stranger.pid));
  const dry = await lab.unchangedBy(() => lab.fix(["--dry-run"]));
  lab.ended(dry, 4, "refused");
  lab.found(dry, "microvm-pid-reused");
  lab.plannedExactly(dry);
  const refused = await lab.fix(["--apply"]);
  lab.ended(refused, 4, "refused");
  lab.assert.deepEqual(await hypervisors(), [living], "the one that runs, and no other");
  const { hint } = refused.report.refusals.find(({ code }) => code === "HYPERVISOR_UNDER_OTHER_PID");
  lab.assert.ok(hint.endsWith(`echo ${living} > ${file}`), hint);
  writeFileSync(file, String(living));
  lab.ended(await lab.fix(["--dry-run"]), 0);

  await lab.must("systemctl", "stop", lab.flintlockd);
  lab.kill(living, "SIGKILL");
  writeFileSync(file, "");
  await lab.restartFlintlockd();
  await lab.until("flintlockd fails on it", () => lab.recordOf("a")?.status.retry > 0, 60_000);
  const applied = await lab.fix(["--apply"]);
  lab.found(applied, "microvm-pid-reused");
  lab.assert.equal(applied.report.plan[0]?.id, "clear-stale-pid");
  lab.assert.equal(applied.report.plan[0]?.outcome, "done");
  await lab.fix(["--apply", "--wait", "4m"], { timeoutMs: 300_000 * lab.slow() });
  await lab.untilRuns(["a"], 30_000);
  lab.assert.equal((await hypervisors()).length, 1);
}

import { writeFileSync } from "node:fs";

export const about = "containerd starts and never answers, or dies at each start: the apply ends in time, status 3 or 4, and says so";
export const seconds = 150;

export default async function (lab) {
  await lab.losePool();
  // It takes its socket away from whoever asks: an older program in its place that only sleeps.
  const program = "/usr/local/lib/lab/never-ready";
  writeFileSync(program, "#!/bin/sh\nexec sleep infinity\n", { mode: 0o755 });
  lab.after(() => lab.must("rm", program));
  await lab.must("mkdir", "-p", "/etc/systemd/system/containerd-dev.service.d");
  writeFileSync(
    "/etc/systemd/system/containerd-dev.service.d/sleeps.conf",
    `[Service]\nType=simple\nExecStartPre=\nExecStart=\nExecStart=${program} --config /etc/containerd/config-dev.toml\n`,
  );
  await lab.must("systemctl", "daemon-reload");
  const run = await lab.fix(["--apply"], { timeoutMs: 600_000 });
  lab.assert.ok([3, 4].includes(run.status), `${run.status} ${run.stderr} ${JSON.stringify(run.report?.plan)}`);
  lab.assert.ok(run.ms < 400_000 * lab.slow(), `${run.ms}`);
  const restart = run.report.plan.find(({ id }) => id === "restart-containerd");
  lab.assert.equal(restart?.outcome, "failed", JSON.stringify(run.report.plan));
  lab.assert.match(restart.error.message, /containerd|plugin/, "it says what was waited for");
}

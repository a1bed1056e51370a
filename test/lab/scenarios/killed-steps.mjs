import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

export const about = "SIGKILL before and after each step of the smaller plans (tap, table, daemons, pid file, modules): the next run finishes the work";
export const seconds = 200;

export default async function (lab) {
  const untouched = (before, what) => lab.assert.deepEqual(lab.lost(before), [], `${what}: MicroVMs go on`);

  let alive = lab.microvms();
  await lab.killedEverywhere({
    steps: ["attach-tap"],
    broken: () => lab.must("ip", "link", "set", "dev", lab.linkName("a"), "nomaster"),
    proof: (moment) => {
      lab.assert.equal(lab.masterOf(lab.linkName("a")), "br0", moment);
      untouched(alive, moment);
    },
  });

  const table = await lab.tableOf(lab.pool);
  await lab.killedEverywhere({
    steps: ["clear-inactive-table"],
    broken: () => lab.must("dmsetup", "reload", lab.pool, "--table", table),
    proof: async (moment) => {
      lab.assert.match(await lab.must("dmsetup", "info", lab.pool), /Tables present:\s+LIVE\n/, moment);
      lab.assert.equal(await lab.tableOf(lab.pool), table, moment);
      untouched(alive, moment);
    },
  });

  await lab.killedEverywhere({
    steps: ["start-containerd", "start-flintlockd"],
    broken: () => lab.must("systemctl", "stop", lab.containerd),
    proof: async (moment) => {
      lab.assert.equal(await lab.pluginStatus(), "ok", moment);
      lab.assert.equal(lab.serves(), true, moment);
      untouched(alive, moment);
    },
  });

  const { id } = lab.recordOf("a");
  const file = `${lab.vmFolder}/${id}/firecracker.pid`;
  const stranger = spawn("sleep", ["100000"], { stdio: "ignore" });
  lab.after(() => stranger.kill("SIGKILL"));
  await lab.killedEverywhere({
    steps: ["clear-stale-pid", "restart-flintlockd"],
    broken: async () => {
      await lab.must("systemctl", "stop", lab.flintlockd);
      lab.kill(lab.hypervisorPid("a"), "SIGKILL");
      writeFileSync(file, String(stranger.pid));
      await lab.restartFlintlockd();
      await lab.pause(2_000);
      lab.assert.equal(lab.hypervisorPid("a"), null);
    },
    proof: async (moment) => {
      await lab.untilRuns(["a"], 30_000);
      lab.assert.equal(stranger.exitCode ?? stranger.signalCode, null, `${moment}: the other process lives`);
      lab.assert.equal(Number(lab.textOf(file)), lab.hypervisorPid("a"), moment);
    },
  });

  writeFileSync("/etc/modprobe.d/no-macvtap.conf", "blacklist macvtap\n");
  const kept = () => lab.sh(["grep", "-rlx", "--include=*.conf", "macvtap", "/etc/modules-load.d"]);
  await lab.killedEverywhere({
    steps: ["load-macvlan"],
    broken: async () => {
      await lab.loseMacvtap("c");
      await lab.must("rm", "-f", ...(await kept()).stdout.split("\n").filter((path) => path !== ""));
      await lab.must("systemctl", "start", lab.flintlockd);
      await lab.until("c fails", () => (lab.recordOf("c")?.status.retry ?? 0) > 0);
      await lab.untilRuns(["a"]);
      alive = lab.running(["a"]);
    },
    proof: async (moment) => {
      const modules = await lab.must("lsmod");
      for (const module of ["macvlan", "macvtap"]) lab.assert.match(modules, new RegExp(`^${module} `, "m"), moment);
      lab.assert.equal((await kept()).stdout.split("\n").length, 2, `${moment}: named once for the next boot`);
      lab.assert.deepEqual(lab.running(["a"]), alive, moment);
      await lab.untilRuns(["c"], 60_000);
    },
  });
}

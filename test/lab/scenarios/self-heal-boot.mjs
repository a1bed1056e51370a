import { writeFileSync } from "node:fs";
import { dropIn, entries, events, installed, install, instead, timesOf } from "../guest/heal.mjs";

export const about =
  "reboots without and with the boot unit: with it containerd never misses its pool and MicroVMs run again; one that hangs or crashes delays the daemons by its limit";
export const seconds = 260;

const boot = "flintlock-fix-boot.service";
const timer = "flintlock-fix.timer";
const missed = (lab) => entries("--unit", lab.containerd, "--grep", "failed to query pool");

/** Boot unit and daemons started in one transaction, as at a boot: how long the daemons waited for the boot unit. */
async function anew(lab) {
  await lab.must("systemctl", "stop", lab.flintlockd, lab.containerd, boot);
  await lab.sh(["systemctl", "start", boot, lab.containerd, lab.flintlockd], { timeoutMs: 200_000 });
  return delay(lab);
}

async function delay(lab) {
  const [own, containerd] = [await timesOf(boot), await timesOf(lab.containerd)];
  lab.assert.equal(containerd.ActiveState, "active", "containerd is up, whatever the boot unit did");
  lab.assert.ok(containerd.main >= own.began, "containerd waited for the boot unit");
  return { ...own, seconds: containerd.main - own.began };
}

export const boots = [
  {
    kernel: "lab.nopool",
    run: async (lab) => {
      await lab.untilFailedWithoutPool();
      lab.assert.ok((await missed(lab)).length > 0, "without the boot unit containerd misses its pool");
      lab.assert.equal(lab.hypervisorPid("a"), null, "and no MicroVM runs");
      // The timer, whose time after the boot has passed, begins at once.
      await install();
      const begun = Date.now();
      await lab.until("the timer brings the pool back", async () => / rw /.test(await lab.poolLine()), 90_000);
      lab.assert.ok(Date.now() - begun < 60_000 * lab.slow(), `within a minute: ${Date.now() - begun} ms`);
      await lab.untilRuns(["a", "c"], 240_000);
    },
  },
  {
    kernel: "lab.nopool",
    run: async (lab) => {
      await lab.untilRuns(["a", "c"], 120_000);
      lab.assert.deepEqual(await missed(lab), [], "containerd found its pool");
      lab.assert.equal(await lab.pluginStatus(), "ok");
      const own = await delay(lab);
      lab.assert.equal(own.Result, "success");
      lab.assert.ok(own.up <= (await timesOf(lab.containerd)).main, "the pool was there before containerd began");
      for (const name of [lab.containerd, lab.flintlockd]) {
        const started = (await entries("_PID=1", `UNIT=${name}`, "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf")).length;
        lab.assert.equal(started, 1, `${name} was started once in this boot`);
      }
      lab.assert.deepEqual(
        (await events("FLINTLOCK_FIX_EVENT=step-ended")).map((entry) => [entry["FLINTLOCK_FIX_TRIGGER"], entry["FLINTLOCK_FIX_STEP"]]),
        [["boot", "recreate-devpool"]],
      );
      lab.assert.equal(await lab.serves(), true);

      // Again on a host whose pool is there: nothing to do.
      await lab.must("systemctl", "stop", timer);
      await lab.must("systemctl", "restart", boot);
      lab.assert.equal((await lab.unit(boot)).Result, "success");
      lab.assert.equal((await events("FLINTLOCK_FIX_EVENT=step-ended")).length, 1, "no further step");

      lab.assert.match(await lab.must("systemctl", "show", "-p", "TimeoutStartUSec", "-p", "TimeoutStopUSec", boot), /=1min 30s\n.*=10s$/);
      const crashed = await instead(installed, "process.kill(process.pid, 'SIGSEGV');\n", () => anew(lab));
      lab.assert.match(crashed.Result, /^(signal|core-dump)$/, "a boot unit that crashes");
      lab.assert.ok(crashed.seconds < 20 * lab.slow(), `delays nothing: ${crashed.seconds} s`);
      const stuck = await instead("/usr/sbin/losetup", "#!/bin/sh\nexec sleep 1000\n", () => anew(lab));
      lab.assert.ok(stuck.seconds < 100, `a losetup that hangs delays the daemons by less than the limit: ${stuck.seconds} s`);
      lab.assert.equal((await lab.sh(["pgrep", "-fx", "sleep 1000"])).stdout, "", "and is ended with the run");

      // fix itself hangs at the next boot, and heeds no SIGTERM; its limit is set shorter, by a drop-in of this host's own.
      await lab.must("systemctl", "start", timer);
      await lab.must("mkdir", "-p", `/etc/systemd/system/${boot}.d`);
      writeFileSync(`/etc/systemd/system/${boot}.d/limit.conf`, "[Service]\nTimeoutStartSec=12s\nTimeoutStopSec=3s\n");
      writeFileSync(installed, 'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000);\n');
      await lab.must("sync");
    },
  },
  {
    run: async (lab) => {
      const own = await delay(lab);
      lab.assert.equal(own.Result, "timeout");
      lab.assert.ok(own.seconds >= 12 && own.seconds < 15 + 10 * lab.slow(), `12 s, and 3 s for the SIGTERM that is not heeded: ${own.seconds} s`);
      lab.assert.equal((await lab.unit("multi-user.target")).ActiveState, "active", "the boot ends");
      lab.assert.deepEqual(await missed(lab), []);
      await lab.untilRuns(["a", "c"], 120_000);
      await lab.must("test", "-e", dropIn);
    },
  },
];

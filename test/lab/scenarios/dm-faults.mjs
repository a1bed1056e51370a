export const about = "I/O errors under the pool's data and metadata, a full pool, a read-only one: what fix says is what the kernel says";
export const seconds = 240;

export const boots = [
  {
    run: async (lab) => {
      await lab.loseEverythingRunning();
      const [data, metadata] = [`${lab.poolFolder}/data`, `${lab.poolFolder}/metadata`];
      const state = async (attach) => {
        await attach();
        await lab.must("systemctl", "restart", lab.containerd);
        await lab.must("systemctl", "restart", lab.flintlockd);
        await lab.pause(3_000);
        const kernel = await lab.poolLine();
        const run = await lab.fix(["--apply"]);
        return { kernel, run };
      };
      const detach = async () => {
        await lab.must("systemctl", "stop", lab.flintlockd, lab.containerd);
        for (const name of ["a", "c"]) {
          const pid = lab.hypervisorPid(name);
          if (pid !== null) lab.kill(pid, "SIGKILL");
          for (const link of lab.linkNames(name)) await lab.sh(["ip", "link", "del", link]);
        }
        await lab.pause(500);
        await lab.takePoolAway();
        for (const name of ["under-metadata", "under-data"]) await lab.sh(["dmsetup", "remove", "--retry", name]);
        await lab.sh(["losetup", "--detach-all"]);
      };
      const size = async (device) => lab.must("blockdev", "--getsz", device);
      const loop = (file) => lab.must("losetup", "--find", "--show", file);
      const make = async (meta, dataDevice, features = "1 skip_block_zeroing") =>
        lab.must("dmsetup", "create", lab.pool, "--table", `0 ${await size(dataDevice)} thin-pool ${meta} ${dataDevice} 128 32768 ${features}`);

      // Metadata whose device fails every write from some moment on: the kernel sets the pool to Fail or ro.
      const meta = await loop(metadata);
      const dataLoop = await loop(data);
      await lab.must("dmsetup", "create", "under-metadata", "--table", `0 ${await size(meta)} linear ${meta} 0`);
      await make("/dev/mapper/under-metadata", dataLoop);
      await lab.must("dmsetup", "create", "probe-thin", "--table", `0 2048 thin /dev/mapper/${lab.pool} 1`).catch(() => undefined);
      await lab.must("dmsetup", "suspend", "--noflush", "under-metadata");
      await lab.must("dmsetup", "reload", "under-metadata", "--table", `0 ${await size(meta)} error`);
      await lab.must("dmsetup", "resume", "under-metadata");
      await lab.sh(["dmsetup", "message", lab.pool, "0", "create_thin 99"]);
      await lab.sh(["dmsetup", "remove", "probe-thin"]);
      const failing = await state(() => undefined);
      lab.assert.match(failing.kernel, /Fail|Error|\bro\b|needs_check/, `the kernel: ${failing.kernel}`);
      lab.assert.equal(failing.run.status, 4, JSON.stringify(failing.run.report?.refusals));
      lab.found(failing.run, "thinpool-unhealthy");
      const word = /Fail|Error/.test(failing.kernel) ? /fail|error/i : /read-only|\bro\b|needs_check/;
      lab.assert.match(JSON.stringify(failing.run.report.findings), word, "fix says what the kernel says");
      lab.assert.equal(lab.stepIds(failing.run.report).includes("recreate-devpool"), false);
      await detach();

      // A pool that was loaded read-only.
      const readOnly = await state(async () => make(await loop(metadata), await loop(data), "2 skip_block_zeroing read_only"));
      lab.assert.match(readOnly.kernel, / ro /);
      lab.assert.equal(readOnly.run.status, 4, JSON.stringify(readOnly.run.report?.refusals));
      lab.found(readOnly.run, "thinpool-unhealthy");
      await detach();

      // Data that cannot be read or written for a minute of each: the kernel still says rw, and so does fix.
      const flakey = await state(async () => {
        const [first, second] = [await loop(metadata), await loop(data)];
        await lab.must("dmsetup", "create", "under-data", "--table", `0 ${await size(second)} flakey ${second} 0 0 60`);
        await make(first, "/dev/mapper/under-data");
      });
      lab.assert.match(flakey.kernel, / rw /);
      lab.assert.equal(/is read-only|has failed|needs_check/.test(JSON.stringify(flakey.run.report.findings)), false, "fix says what the kernel says");
      lab.assert.equal(lab.stepIds(flakey.run.report).includes("recreate-devpool"), false);
      await detach();

      // Another table than the files say.
      const other = await state(async () => {
        const [first, second] = [await loop(metadata), await loop(data)];
        await lab.must("dmsetup", "create", "under-data", "--table", `0 ${await size(second)} linear ${second} 0`);
        await make(first, "/dev/mapper/under-data");
      });
      lab.assert.match(other.kernel, / rw /);
      lab.assert.ok([0, 4].includes(other.run.status), JSON.stringify(other.run.report?.findings));
    },
  },
];

import { writeFileSync } from "node:fs";

export const about =
  "the pool is full and a write waits in the kernel: it grows as far as there is room, after a run that was killed before it too; the write goes on";
export const seconds = 90;

/** Seconds that the kernel lets writes wait for space before it fails them. */
const patience = "/sys/module/dm_thin_pool/parameters/no_space_timeout";

export default async function (lab) {
  await lab.loseEverythingRunning();
  lab.after(await lab.putStateAside());
  const usual = lab.textOf(patience);
  writeFileSync(patience, "0");
  lab.after(() => writeFileSync(patience, usual));
  await lab.must("mkdir", "-p", lab.poolFolder, lab.vmFolder);
  await lab.must("truncate", "--size=96M", `${lab.poolFolder}/data`);
  await lab.must("truncate", "--size=4M", `${lab.poolFolder}/metadata`);
  await lab.must("/usr/local/lib/lab/pool");
  await lab.must("systemctl", "start", lab.containerd);
  await lab.must("systemctl", "start", lab.flintlockd);
  await lab.until("flintlockd serves", lab.serves);
  await lab.must("ctr", "-a", lab.socket, "-n", "x", "snapshots", "--snapshotter", "devmapper", "prepare", "full");
  const device = (await lab.must("dmsetup", "ls", "--target", "thin")).split(/\s/)[0];
  await lab.must("mount", `/dev/mapper/${device}`, "/mnt");
  lab.after(() => lab.must("umount", "/mnt"));
  const fill = async (name, megabytes) => {
    const write = lab.sh(["dd", "if=/dev/urandom", `of=/mnt/${name}`, "bs=1M", `count=${megabytes}`, "conv=fsync", "status=none"], { timeoutMs: 600_000 });
    await lab.until("the pool is full", async () => / out_of_data_space /.test(await lab.poolLine()) || (await lab.poolLine()));
    return async () => {
      const { status, stderr } = await write;
      lab.assert.equal(status, 0, `the write that waited: ${stderr}`);
      lab.assert.match(await lab.poolLine(), / rw /);
      lab.assert.equal(Number(await lab.must("stat", "--format=%s", `/mnt/${name}`)), megabytes * 1024 * 1024);
    };
  };

  const written = await fill("one", 85);
  // The write goes on by itself for as long as there are blocks.
  const except = [`${lab.poolFolder}/data`];
  await lab.cure({ findings: ["thinpool-unhealthy"], steps: ["grow-devpool"], except, proof: written });

  const alsoWritten = await fill("two", 60);
  lab.assert.equal(await lab.killedAt(["--apply"], "begins grow-devpool"), "killed");
  const second = await lab.fix(["--apply"]);
  lab.assert.equal(second.status, 0, `after the kill: ${JSON.stringify(second.report?.plan)} ${JSON.stringify(second.report?.refusals)}`);
  await alsoWritten();
}

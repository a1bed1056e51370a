import { closeSync, openSync, readSync, writeSync } from "node:fs";

export const about = "the pool's metadata is corrupt, in three ways: refused with thin_check's words, not a byte touched";
export const seconds = 75;

const block = (file, at, change) => {
  const descriptor = openSync(file, "r+");
  const bytes = Buffer.alloc(4096);
  readSync(descriptor, bytes, 0, 4096, at);
  writeSync(descriptor, change(Buffer.from(bytes)), 0, 4096, at);
  closeSync(descriptor);
};

const damages = {
  "a zeroed superblock, which the kernel would take for a new pool": (file) => block(file, 0, (bytes) => bytes.fill(0)),
  "one flipped byte in the superblock": (file) => block(file, 0, (bytes) => bytes.fill(bytes[200] ^ 255, 200, 201)),
  "a broken tree under a good superblock": (file) => {
    for (let at = 1; at < 64; at++) block(file, at * 4096, (bytes) => (bytes.every((byte) => byte === 0) ? bytes : bytes.fill(bytes[20] ^ 255, 20, 60)));
  },
};

export default async function (lab) {
  await lab.losePool();
  const file = `${lab.poolFolder}/metadata`;
  await lab.must("cp", "--sparse=always", file, "/root/metadata.good");
  lab.after(() => lab.must("rm", "/root/metadata.good"));
  lab.after(() => lab.must("cp", "--sparse=always", "/root/metadata.good", file));
  for (const [name, damage] of Object.entries(damages)) {
    await lab.must("cp", "--sparse=always", "/root/metadata.good", file);
    damage(file);
    const first = await head(lab, file);
    const before = await fingerprintOf(lab, file);
    await lab.capture(
      "thinpool-missing",
      name
        .replaceAll(/[^a-z ]/g, "")
        .split(" ")
        .slice(0, 3)
        .join("-"),
    );
    const run = await lab.fix(["--apply"]);
    lab.assert.equal(
      run.status,
      4,
      `${name}: ${JSON.stringify(run.report?.findings?.filter(({ status }) => status !== "healthy"))} ${JSON.stringify(run.report?.refusals)}`,
    );
    lab.found(run, "thinpool-missing");
    lab.assert.equal(lab.stepIds(run.report).includes("recreate-devpool"), false, name);
    lab.assert.match(JSON.stringify(run.report.refusals), /thin_check|thin_repair/, name);
    lab.assert.equal(await fingerprintOf(lab, file), before, `${name}: nothing was written`);
    lab.assert.equal(await head(lab, file), first);
    lab.assert.equal(await lab.poolLine(), "", "no pool was made");
    lab.assert.deepEqual(await lab.poolLoops(), [], "no loop device was left");
  }
}

const fingerprintOf = (lab, file) => lab.must("stat", "--format=%s %b %Y %Z", file, `${lab.poolFolder}/data`);

/** The first 4 MiB: all that is in use of a sparse file of 10 GiB is much less than reading it whole. */
const head = async (lab, file) => {
  await lab.must("dd", `if=${file}`, "of=/root/head", "bs=4096", "count=1024", "status=none");
  return lab.must("sha256sum", "/root/head");
};

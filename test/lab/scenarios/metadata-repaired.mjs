import { closeSync, openSync, readSync, writeSync } from "node:fs";

export const about = "a block of the pool's metadata was overwritten: what the refusal says to do by hand, word for word, brings every MicroVM back";
export const seconds = 60;

/** The commands of a hint, from the first that begins with `first` to the last before a full stop. */
const commandsIn = (hint, first) =>
  hint
    .slice(hint.indexOf(first))
    .split(/\. |, then /)[0]
    .split(" && ")
    .map((command) => command.split(" "));

/** Who maps what stays: only the tree of the bitmaps of free data goes (dm-thin-metadata.c: data_space_map_root at 64, its bitmap_root at 16). */
function overwriteSpaceMap(file) {
  const metadata = openSync(file, "r+");
  const superblock = Buffer.alloc(4096);
  readSync(metadata, superblock, 0, 4096, 0);
  writeSync(metadata, Buffer.alloc(64, 0x5a), 0, 64, Number(superblock.readBigUInt64LE(80)) * 4096 + 100);
  closeSync(metadata);
}

export default async function (lab) {
  await lab.losePool();
  overwriteSpaceMap(`${lab.poolFolder}/metadata`);
  lab.after(() => lab.sh(["rm", "-f", `${lab.poolFolder}/metadata.damaged`]));
  const refusal = await lab.fix(["--apply"]);
  lab.ended(refusal, 4, "refused");
  lab.refused(refusal, "METADATA_DAMAGED");
  const { hint } = refusal.report.refusals.find(({ code }) => code === "METADATA_DAMAGED");

  const [count] = /\d+(?= thin devices? that containerd remembers)/.exec(hint) ?? [];
  const byHand = commandsIn(hint, "cp --sparse=always");
  lab.assert.equal(byHand.at(-1)[0], "thin_ls", hint);
  for (const argv of byHand.slice(0, -1)) await lab.must(...argv);
  const listed = (await lab.must(...byHand.at(-1))).split("\n").slice(1);
  lab.assert.equal(String(listed.length), count, `thin_ls lists what containerd remembers: ${listed.join("; ")}`);
  await lab.must(...commandsIn(hint, "mv ")[0]);

  const applied = await lab.fix(["--apply", "--wait", "3m"]);
  lab.ended(applied, 0, "fixed");
  await lab.untilRuns(["a", "c"], 30_000);
}

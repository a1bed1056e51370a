import { entries, events, install } from "../guest/heal.mjs";

export const about =
  "LAB_REBOOTS=100 ./scripts/lab self-heal-reboots: so many reboots in a row that take the pool away each time, and each boot is healthy by itself";
export const needs = "LAB_REBOOTS";
/** The guest knows only which boot it is in, not of how many. */
const count = Number(process.env.LAB_REBOOTS ?? 1_000);
export const seconds = 40 * count;

async function healthyBoot(lab) {
  await lab.untilRuns(["a", "c"], 120_000);
  lab.assert.deepEqual(await entries("--unit", lab.containerd, "--grep", "failed to query pool"), [], "containerd found its pool");
  for (const name of [lab.containerd, lab.flintlockd]) lab.assert.equal((await lab.unit(name)).NRestarts, "0", name);
  const steps = (await events("FLINTLOCK_FIX_EVENT=step-ended")).map((entry) => [entry["FLINTLOCK_FIX_TRIGGER"], entry["FLINTLOCK_FIX_STEP"]]);
  lab.assert.deepEqual(steps, [["boot", "recreate-devpool"]], "the boot unit brought the pool up, and nothing else was done");
  const look = await lab.fix();
  lab.ended(look, 0, "healthy");
  lab.assert.equal((await lab.poolLoops()).length, 2, "no loop device leaks");
}

export const boots = [{ run: () => install() }, ...Array.from({ length: count }, () => ({ kernel: "lab.nopool", run: healthyBoot }))];

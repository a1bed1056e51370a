export const about =
  "the power is cut in the middle of the cure, twice, on the same disk: config old or new byte for byte, the ledger readable, the next run finishes";
export const seconds = 200;

const readable = (lab) => {
  const lines = (lab.textOf("/var/lib/flintlock-fix/ledger.jsonl") ?? "").split("\n").filter((line) => line !== "");
  const damaged = lines.filter((line) => {
    try {
      JSON.parse(line);
      return false;
    } catch {
      return true;
    }
  });
  lab.assert.ok(damaged.length <= 1, `at most one half line: ${damaged}`);
};

const cutAt = (moment) => async (lab) => {
  const { old, next } = lab.kept();
  lab.assert.ok([old, next].includes(lab.textOf(lab.config)), `old or new: ${lab.textOf(lab.config)}`);
  readable(lab);
  await lab.untilFailedWithoutPool(["c"]);
  lab.assert.equal(await lab.killedAt(["--apply"], moment, "SIGSTOP"), "killed", moment);
  lab.powerCut();
};

export const boots = [
  {
    run: (lab) => {
      const healthy = lab.textOf(lab.config);
      lab.setConfig({ "bridge-name": null });
      const old = lab.textOf(lab.config);
      lab.assert.notEqual(old, healthy);
      lab.keep({ old, next: `${old}bridge-name: br0\n` });
    },
  },
  { kernel: "lab.nopool", run: cutAt("ends set-bridge-name") },
  { kernel: "lab.nopool", run: cutAt("ends recreate-devpool") },
  {
    kernel: "lab.nopool",
    run: async (lab) => {
      const { old, next } = lab.kept();
      lab.assert.ok([old, next].includes(lab.textOf(lab.config)), `old or new: ${lab.textOf(lab.config)}`);
      readable(lab);
      const run = await lab.fix(["--apply", "--wait", "4m"]);
      lab.ended(run, 0, "fixed");
      lab.assert.equal(lab.textOf(lab.config), next);
      lab.assert.equal((await lab.poolLoops()).length, 2, "no loop device leaks");
      await lab.untilRuns(["a", "c"], 30_000);
      const again = await lab.fix(["--apply"]);
      lab.ended(again, 0, "healthy");
    },
  },
];

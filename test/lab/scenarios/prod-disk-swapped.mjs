export const about = "a disk that got something on it between the saved plan and the apply is refused";
export const seconds = 90;
export const disks = [1536];

export const boots = [
  {
    run: async (lab) => {
      await lab.becomeProd();
      await lab.startProd();
      const saved = await lab.fix(["--dry-run", "--allow", "destructive", "--disk", "/dev/ubdb", "--save-plan", "/root/plan.json"]);
      lab.ended(saved, 2, "planned");
      await lab.must("mkfs.ext4", "-q", "/dev/ubdb");
      const sum = await lab.must("sha256sum", "/dev/ubdb");
      const run = await lab.fix(["--apply", "--plan", "/root/plan.json", "--allow", "destructive", "--disk", "/dev/ubdb"]);
      lab.assert.equal(run.status, 4, `${JSON.stringify(run.report)} ${run.stderr}`);
      lab.assert.equal(await lab.must("sha256sum", "/dev/ubdb"), sum, "not a byte");
    },
  },
];

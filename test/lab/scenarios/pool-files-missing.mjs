export const about =
  "one of the pool's two files is gone, or both while containerd remembers snapshots: refused; both gone and nothing remembered: new sparse ones";
export const seconds = 120;

export default async function (lab) {
  await lab.losePool();
  const [data, metadata] = ["data", "metadata"].map((name) => `${lab.poolFolder}/${name}`);
  await lab.must("mkdir", "-p", "/var/lib/aside");
  const aside = (file) => lab.must("mv", file, "/var/lib/aside/");
  const back = async () => {
    for (const name of ["data", "metadata", "metadata.db"]) await lab.sh(["mv", `/var/lib/aside/${name}`, `${lab.poolFolder}/${name}`]);
  };
  const untouched = async (what) => {
    const before = await lab.must("ls", "-la", "--time-style=full-iso", lab.poolFolder);
    const run = await lab.fix(["--apply"]);
    lab.assert.equal(run.status, 4, `${what}: ${JSON.stringify(run.report?.refusals)}`);
    lab.assert.equal(lab.stepIds(run.report).includes("recreate-devpool"), false, what);
    lab.assert.equal(await lab.must("ls", "-la", "--time-style=full-iso", lab.poolFolder), before, what);
  };
  lab.after(back);
  await aside(metadata);
  await untouched("metadata gone");
  await aside(data);
  await untouched("both gone, containerd remembers snapshots");
  await back();

  // A host that never had a pool: nothing is remembered.
  lab.after(await lab.putStateAside());
  const bare = await lab.unchangedBy(() => lab.fix(["--dry-run"]));
  lab.ended(bare, 2, "planned");
  lab.assert.match(JSON.stringify(bare.report.plan), /"mkdir","--parents"/, "a host without containerd's folder");
  await lab.must("mkdir", "-p", lab.poolFolder, lab.vmFolder);
  await lab.must("systemctl", "start", lab.containerd);
  await lab.must("systemctl", "start", lab.flintlockd);
  await lab.until("flintlockd serves", lab.serves);
  await lab.cure({
    findings: ["thinpool-missing"],
    steps: ["stop-flintlockd", "recreate-devpool", "restart-containerd", "restart-flintlockd"],
    proof: async () => {
      lab.assert.match(await lab.poolLine(), /^0 209715200 thin-pool .* rw /);
      lab.assert.match(await lab.must("stat", "--format=%s", data), /^107374182400$/);
      lab.assert.equal(await lab.pluginStatus(), "ok");
    },
  });
}

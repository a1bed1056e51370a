export const about = "an inactive table was left beside the live one: cleared, the pool goes on";
export const seconds = 45;

export default async function (lab) {
  const table = await lab.tableOf(lab.pool);
  await lab.must("dmsetup", "reload", lab.pool, "--table", table);
  lab.assert.match(await lab.must("dmsetup", "info", lab.pool), /LIVE & INACTIVE/);
  const alive = lab.running();
  await lab.cure({
    findings: ["thinpool-unhealthy"],
    steps: ["clear-inactive-table"],
    proof: async () => {
      lab.assert.match(await lab.must("dmsetup", "info", lab.pool), /Tables present:\s+LIVE\n/);
      lab.assert.equal(await lab.tableOf(lab.pool), table);
      lab.assert.deepEqual(lab.running(), alive);
    },
  });
}

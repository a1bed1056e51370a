import { writeFileSync } from "node:fs";

export const about = "macvtap is deny-listed by alias: loaded by name, kept for the next boot, no file of modprobe.d touched";
export const seconds = 60;

export default async function (lab) {
  await lab.failWithoutMacvtap("c", () => writeFileSync("/etc/modprobe.d/no-macvtap.conf", "blacklist macvtap\n"));
  const before = await lab.now();
  await lab.cure({
    findings: ["macvtap-unavailable"],
    steps: ["load-macvlan"],
    waiting: true,
    proof: async () => {
      const modules = await lab.must("lsmod");
      for (const module of ["macvlan", "macvtap"]) lab.assert.match(modules, new RegExp(`^${module} `, "m"));
      lab.assert.equal(lab.textOf("/etc/modprobe.d/no-macvtap.conf"), "blacklist macvtap\n");
      lab.assert.match(await lab.must("cat", "-s", ...(await lab.must("find", "/etc/modules-load.d", "-type", "f")).split("\n")), /^macvtap$/m);
      lab.assert.equal(await lab.starts(lab.flintlockd, before), 0, "flintlockd is not restarted for a module");
      await lab.untilRuns(["c"], 60_000);
    },
  });
}

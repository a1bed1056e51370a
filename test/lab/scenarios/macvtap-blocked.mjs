import { writeFileSync } from "node:fs";

export const about = "macvtap is blocked on purpose, or its file is missing for this kernel: refused with PATH:LINE, or the package is named";
export const seconds = 60;

export default async function (lab) {
  await lab.failWithoutMacvtap("c", () => writeFileSync("/etc/modprobe.d/policy.conf", "# no macvtap here\ninstall macvtap /bin/false\n"));
  await lab.capture("macvtap-unavailable", "blocked");
  const blocked = await lab.fix(["--apply"]);
  lab.ended(blocked, 4, "refused");
  lab.found(blocked, "macvtap-unavailable");
  lab.assert.match(JSON.stringify(blocked.report), /\/etc\/modprobe\.d\/policy\.conf:2/);
  lab.assert.doesNotMatch(await lab.must("lsmod"), /^macvtap/m);

  await lab.must("rm", "/etc/modprobe.d/policy.conf");
  const file = await lab.must("modinfo", "-F", "filename", "macvtap");
  await lab.must("mv", file, "/root/macvtap.ko");
  await lab.must("depmod", "-a");
  lab.after(async () => {
    await lab.must("mv", "/root/macvtap.ko", file);
    await lab.must("depmod", "-a");
  });
  await lab.capture("macvtap-unavailable", "file-missing");
  const missing = await lab.fix(["--apply"]);
  lab.ended(missing, 4, "refused");
  lab.found(missing, "macvtap-unavailable");
  lab.assert.match(JSON.stringify(missing.report), /linux-image-|packages/);
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export const about = "the file of macvtap is missing for this kernel: with --allow packages the distribution's package brings it, and it is loaded";
export const seconds = 60;

const repository = "/root/repository";

/** The package that Debian would have for this kernel, in a repository on this disk: its one module, and depmod as its postinst does. */
async function makePackage(lab, kernel, module) {
  const tree = "/root/package";
  mkdirSync(`${tree}/DEBIAN`, { recursive: true });
  mkdirSync(`${tree}${dirname(module)}`, { recursive: true });
  mkdirSync(repository, { recursive: true });
  await lab.must("mv", module, `${tree}${module}`);
  const fields = `Package: linux-image-${kernel}\nVersion: 1\nArchitecture: amd64\nMaintainer: lab <lab@localhost>\nDescription: modules\n`;
  writeFileSync(`${tree}/DEBIAN/control`, fields);
  writeFileSync(`${tree}/DEBIAN/postinst`, `#!/bin/sh\nexec depmod ${kernel}\n`, { mode: 0o755 });
  const file = `${repository}/linux-image.deb`;
  await lab.must("dpkg-deb", "--build", "--root-owner-group", tree, file);
  const size = await lab.must("stat", "--format=%s", file);
  const [sum] = (await lab.must("sha256sum", file)).split(" ");
  writeFileSync(`${repository}/Packages`, `${fields}Filename: ./linux-image.deb\nSize: ${size}\nSHA256: ${sum}\n`);
  await lab.must("rm", "-r", tree);
}

export default async function (lab) {
  const kernel = await lab.must("uname", "-r");
  const module = await lab.must("modinfo", "-F", "filename", "macvtap");
  await lab.must("cp", "-a", module, "/root/macvtap.ko");
  await lab.must("mkdir", "-p", "/root/apt");
  await lab.must("cp", "-a", "/etc/apt/.", "/root/apt");
  lab.after(async () => {
    await lab.sh(["dpkg", "--purge", `linux-image-${kernel}`]);
    await lab.must("mkdir", "-p", dirname(module));
    await lab.must("mv", "/root/macvtap.ko", module);
    await lab.must("depmod", "-a");
    await lab.must("rm", "-rf", repository, "/etc/apt");
    await lab.must("mv", "/root/apt", "/etc/apt");
  });
  await makePackage(lab, kernel, module);
  await lab.must("rm", "-rf", "/etc/apt/sources.list", "/etc/apt/sources.list.d");
  writeFileSync("/etc/apt/sources.list", `deb [trusted=yes] file:${repository} ./\n`);
  await lab.must("depmod", "-a");

  await lab.failWithoutMacvtap("c");

  const refusal = await lab.fix(["--apply"]);
  lab.ended(refusal, 4, "refused");
  lab.refused(refusal, "PACKAGES_WITHOUT_CONSENT");
  await lab.cure({
    findings: ["macvtap-unavailable"],
    steps: ["install-kernel-modules", "load-macvlan"],
    words: ["--allow", "packages"],
    waiting: true,
    proof: async () => {
      lab.assert.match(await lab.must("lsmod"), /^macvtap /m);
      await lab.untilRuns(["c"], 60_000);
    },
  });
}

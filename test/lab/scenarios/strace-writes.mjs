export const about = "a trace of a dry run's system calls on a broken host: no file opened for writing, nothing made, renamed or removed, no module, no mount";
export const seconds = 90;

const harmless = [/"\/dev\/(null|tty|mapper\/control)"/];

export default async function (lab) {
  await lab.losePool();
  lab.setConfig({ "bridge-name": null });
  const calls =
    "openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown,truncate,ftruncate,fallocate,utimensat,utimes,setxattr,mount,umount2,init_module,finit_module,delete_module,sethostname,settimeofday,clock_settime,swapon,reboot";
  const run = await lab.fix(["--dry-run"], { under: ["strace", "-f", "-qq", "-o", "/root/trace", "-e", `trace=${calls}`, "--"], timeoutMs: 600_000 });
  lab.ended(run, 2, "planned");
  const bad = (lab.textOf("/root/trace") ?? "")
    .split("\n")
    .filter((line) => !/ = -1 E/.test(line) && !/resumed|unfinished/.test(line))
    .filter((line) => (/ open(at)?\(/.test(line) ? /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line) : /^\d+ +[a-z_0-9]+\(/.test(line)))
    .filter((line) => !harmless.some((pattern) => pattern.test(line)));
  lab.assert.deepEqual(bad, []);
}

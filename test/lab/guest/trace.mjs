// What a run asks of the kernel that could change anything: a trace of its system calls, and of all its children's.

import { fix } from "./fix.mjs";
import { textOf } from "./sh.mjs";

const calls = [
  ..."open openat openat2 creat unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink symlinkat mknod mknodat".split(" "),
  ..."chmod fchmod fchmodat chown fchown fchownat lchown truncate ftruncate fallocate utimensat utimes setxattr lsetxattr fsetxattr".split(" "),
  ..."mount umount2 pivot_root swapon swapoff reboot sethostname settimeofday clock_settime init_module finit_module delete_module bpf".split(" "),
];

/** Opened for writing by those who only ask: device-mapper takes no question otherwise (its ioctls change nothing by themselves). */
const harmless = /"\/dev\/(null|tty|mapper\/control)"/;

const changes = (line) => (/ open(at2?)?\(/.test(line) ? /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line) : /^\d+ +[a-z_0-9]+\(/.test(line));

/** Runs fix under strace, and all that under `under`: { run, bad }, `bad` being the calls that succeeded in what a dry run must not do. */
export async function tracedWrites(words, { under = [] } = {}) {
  const file = "/root/trace";
  const strace = ["strace", "-f", "-qq", "-o", file, "-e", `trace=${calls.join(",")}`, "--"];
  const run = await fix(words, { under: [...under, ...strace], timeoutMs: 600_000 });
  const lines = whole(textOf(file) ?? "").filter((line) => !/ = -1 E/.test(line));
  return { run, traced: lines.length, bad: lines.filter((line) => changes(line) && !harmless.test(line)) };
}

/** A call that another process interrupted is on two lines: `… <unfinished ...>` and `<... NAME resumed>…`. */
function whole(text) {
  const begun = new Map();
  return text.split("\n").flatMap((line) => {
    const pid = line.split(" ")[0];
    if (line.endsWith("<unfinished ...>")) {
      begun.set(pid, line.slice(0, -"<unfinished ...>".length));
      return [];
    }
    const rest = /^\d+ +<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1];
    return rest === undefined ? [line] : [`${begun.get(pid) ?? pid}${rest}`];
  });
}

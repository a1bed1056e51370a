export const about = "no systemd (a container), no root, no flintlock: status 6, in time, with what was looked for";
export const seconds = 60;

export default async function (lab) {
  // A container: its own mount and PID namespace, no systemd in /run.
  const under = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--", "/bin/sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"];
  const contained = await lab.fix([], { under });
  lab.assert.equal(contained.status, 6, `${contained.stderr} ${contained.stdout.slice(0, 500)}`);
  lab.assert.equal(contained.report.verdict, "unobservable");
  lab.assert.ok(contained.ms < 60_000 * lab.slow());
  const { bad } = await lab.tracedWrites([], { under });
  lab.assert.deepEqual(bad, [], "no system call of a dry run changes anything");

  const nobody = await lab.fix([], { under: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] });
  lab.assert.equal(nobody.status, 6, `${nobody.stderr} ${nobody.stdout.slice(0, 500)}`);
  lab.assert.match(JSON.stringify(nobody.report), /root/);
  const nobodyApplies = await lab.sh(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", ...lab.argvOf(["--apply"])]);
  lab.assert.ok([1, 6].includes(nobodyApplies.status), `${nobodyApplies.status}`);
}

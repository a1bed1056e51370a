import { writeFileSync } from "node:fs";

export const about = "flintlockd crash-loops with neither bridge nor parent, or with a config that does not parse";
export const seconds = 90;

const looping = (lab) =>
  lab.until(
    "flintlockd crash-loops",
    async () => {
      const { SubState, NRestarts } = await lab.unit(lab.flintlockd);
      return SubState === "auto-restart" && Number(NRestarts) >= 1;
    },
    60_000,
  );

export default async function (lab) {
  const old = lab.textOf(lab.config);
  const alive = lab.running();
  lab.setConfig({ "bridge-name": null, "parent-iface": null });
  await lab.sh(["systemctl", "restart", "--no-block", lab.flintlockd]);
  await looping(lab);
  const { dry } = await lab.cure({
    findings: ["service-crash-loop", "bridge-name-missing", "parent-iface-missing"],
    steps: ["set-bridge-name", "set-parent-iface", "restart-flintlockd"],
    except: [lab.flintlockd],
    proof: async () => {
      lab.assert.match(lab.textOf(lab.config), /^bridge-name: br0$/m);
      lab.assert.match(lab.textOf(lab.config), /^parent-iface: vec0$/m);
      lab.assert.equal(await lab.serves(), true);
      lab.assert.deepEqual(lab.running(), alive);
    },
  });

  const { evidence } = lab.finding(dry.report, "service-crash-loop");
  lab.assert.match(JSON.stringify(evidence), /NRestarts=\d+/, "that systemd starts it again and again is told with what systemd says");

  // One stray tab: flintlockd starts with defaults, which have neither, and says the same.
  const broken = old.replace("bridge-name: br0", "bridge-name: br0\n\tx: 1");
  writeFileSync(lab.config, broken);
  await lab.sh(["systemctl", "restart", "--no-block", lab.flintlockd]);
  await looping(lab);
  await lab.capture("service-crash-loop", "stray-tab");
  const run = await lab.fix(["--apply"]);
  lab.ended(run, 4, "refused");
  lab.found(run, "service-crash-loop");
  lab.assert.match(JSON.stringify(run.report), /config\.yaml:\d+/, "line of the fault");
  lab.assert.equal(lab.textOf(lab.config), broken, "never overwritten");
}

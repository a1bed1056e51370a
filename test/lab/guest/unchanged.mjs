// The proof that a run wrote nothing: everything that it could have changed, before and after.

import assert from "node:assert/strict";
import { sh, textOf } from "./sh.mjs";

/** Written by others at any time: the journal, the daemons' own state, and the clock of systemd. */
const othersOwn = [
  "/run/systemd",
  "/run/log",
  "/run/udev",
  "/run/dmeventd*",
  "/var/log/journal",
  "/var/lib/containerd-dev",
  "/run/containerd-dev",
  "/var/lib/systemd/timers",
  "/var/lib/systemd/timesync",
  "/var/lib/systemd/random-seed",
  "/var/lib/lab",
  "/run/dbus",
];

/** Of these folders only what is theirs alone is left out: the pool's files are looked at. */
const watched = ["/etc", "/var", "/run", "/lib/modules", "/root", "/opt", "/tmp", "/usr/local", "/boot", "/dev/mapper", "/home"];

async function picture() {
  const prune = othersOwn.flatMap((path, i) => [...(i === 0 ? [] : ["-o"]), "-path", path]);
  const files = (await sh(["find", ...watched, "(", ...prune, ")", "-prune", "-o", "-printf", "%p %y %s %T@ %C@ %m %U:%G %l\n"])).stdout;
  const snapshotter = (await sh(["find", "/var/lib/containerd-dev/snapshotter", "-name", "*.db", "-prune", "-o", "-printf", "%p %y %s %b %T@ %C@ %m %U:%G\n"]))
    .stdout;
  const hashes = (await sh(["find", "/etc", "/lib/modules", "-type", "f", "-not", "-name", "*.ko", "-exec", "sha256sum", "{}", "+"])).stdout;
  const modules = (textOf("/proc/modules") ?? "").split("\n").map((line) => line.split(" ")[0]);
  const dm = modules.includes("dm_mod")
    ? [
        ["dmsetup", "table"],
        ["dmsetup", "table", "--inactive"],
        ["dmsetup", "info", "-c", "--noheadings", "-o", "name,uuid,attr,events"],
      ]
    : [];
  const asked = [
    ...dm,
    ["losetup", "--list", "--noheadings", "--raw"],
    ["ip", "-details", "link"],
    ["ip", "addr"],
    ["ip", "route", "show", "table", "all"],
    ["bridge", "link"],
  ];
  const answers = [];
  for (const argv of asked) answers.push(`${argv.join(" ")}\n${stable((await sh(argv)).stdout)}`);
  const units = (
    await sh([
      "systemctl",
      "show",
      "--all",
      "--property=Id,ActiveState,SubState,MainPID,NRestarts,InvocationID,UnitFileState",
      "*.service",
      "*.socket",
      "*.timer",
      "*.mount",
    ])
  ).stdout;
  return {
    files: lines(files),
    snapshotter: lines(snapshotter),
    hashes: lines(hashes),
    modules: modules.sort(),
    answers: lines(answers.join("\n")),
    units: lines(units).filter((line) => line !== ""),
    mounts: lines(textOf("/proc/mounts") ?? ""),
  };
}

const lines = (text) => text.split("\n");

/** Counters that go on by themselves. */
const stable = (text) => text.replaceAll(/(valid_lft|preferred_lft) \S+/g, "").replaceAll(/ (gc|hello|tcn|topology_change)_timer +[\d.]+/g, "");

/** Runs `act` and fails where anything changed meanwhile. */
export async function unchangedBy(act) {
  const before = await picture();
  const value = await act();
  const after = await picture();
  for (const part of Object.keys(before)) assert.deepEqual(difference(before[part], after[part]), [], `unchanged: ${part}`);
  return value;
}

function difference(before, after) {
  const [old, now] = [new Set(before), new Set(after)];
  return [...before.filter((line) => !now.has(line)).map((line) => `- ${line}`), ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`)];
}

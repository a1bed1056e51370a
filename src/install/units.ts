/** The texts of the units. Nothing depends on the boot unit, so it can neither fail nor block a boot: it is only ordered before the daemons. */

import { sandbox } from "./sandbox.ts";

export const mark = "Written by fix install.";

export interface Program {
  /** Absolute path of node, and of fix itself. */
  node: string;
  fix: string;
  configFolders: readonly string[];
}

const header = (unit: string): string[] => [`# ${mark} Changes of your own belong into a drop-in, which stays: systemctl edit ${unit}`];
const unitText = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

/** What a look says is in its report; a unit that failed is a tool that failed. */
const statuses = "SuccessExitStatus=2 3 4 5 6";

/** Reports are for people; the journal gets entries with fields. What the tool itself fails on goes to stderr. */
const entries = ["# What is done is in the journal as entries of its own: journalctl -t flintlock-fix", "StandardOutput=null", "SyslogLevel=err"];
const quiet = [...entries, "# A minute in which all is well leaves no line of systemd's either.", "LogLevelMax=notice"];

/** Storage at a boot: local file systems, udev, LVM's activation in all its forms. Units that are not there do not count. */
const before = [
  "local-fs.target",
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-udev-settle.service",
  "systemd-modules-load.service",
  "lvm2-activation-early.service",
  "lvm2-activation.service",
  "lvm2-monitor.service",
];

export const bootLimit = "90s";

export function bootUnit({ node, fix, configFolders }: Program): string {
  return unitText([
    ...header("flintlock-fix-boot.service"),
    "[Unit]",
    "Description=flintlock-fix: storage and kernel modules, before flintlock's daemons start",
    `After=${before.join(" ")}`,
    "Before=containerd-dev.service containerd.service flintlockd.service",
    "",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    "# Volume groups are put together by events: wait for those of the devices that are there.",
    "ExecStartPre=-udevadm settle --timeout=10",
    `ExecStart=${word(node)} ${word(fix)} --apply --unattended=boot --timeout 40s`,
    statuses,
    "# The daemons wait so long at most, whatever happens here, and 10 s each for udevadm before it and for SIGKILL after it.",
    `TimeoutStartSec=${bootLimit}`,
    "TimeoutStopSec=10s",
    "KillMode=mixed",
    ...entries,
    ...sandbox(configFolders),
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ]);
}

export function timerService({ node, fix, configFolders }: Program): string {
  return unitText([
    ...header("flintlock-fix.service"),
    "[Unit]",
    "Description=flintlock-fix: look at this flintlock host, and cure what is known",
    "After=flintlock-fix-boot.service",
    "",
    "[Service]",
    "Type=oneshot",
    `ExecStart=${word(node)} ${word(fix)} --apply --unattended=timer`,
    statuses,
    "TimeoutStartSec=15min",
    "# SIGTERM ends it after the step under way.",
    "TimeoutStopSec=5min",
    "KillMode=mixed",
    ...quiet,
    ...sandbox(configFolders),
  ]);
}

export function timer(intervalMs: number): string {
  const seconds = Math.round(intervalMs / 1000);
  return unitText([
    ...header("flintlock-fix.timer"),
    "[Unit]",
    "Description=flintlock-fix: look at this flintlock host again and again",
    "",
    "[Timer]",
    "OnBootSec=20s",
    `OnUnitInactiveSec=${seconds}s`,
    "# Begins the chain anew where somebody's stop broke it, and makes good what was missed while the host was off.",
    "OnCalendar=hourly",
    "Persistent=true",
    `RandomizedDelaySec=${Math.max(1, Math.min(60, Math.round(seconds / 10)))}s`,
    "AccuracySec=1s",
    "",
    "[Install]",
    "WantedBy=timers.target",
  ]);
}

export function watchService({ node, fix, configFolders }: Program): string {
  return unitText([
    ...header("flintlock-fix-watch.service"),
    "[Unit]",
    "Description=flintlock-fix: follow the journal of flintlockd and containerd",
    "After=flintlock-fix-boot.service systemd-journald.service",
    "",
    "[Service]",
    "Type=notify",
    "# systemd-notify(1) speaks for it: Node has no datagram sockets of AF_UNIX.",
    "NotifyAccess=all",
    `ExecStart=${word(node)} --max-semi-space-size=1 ${word(fix)} watch --apply`,
    "WatchdogSec=20min",
    "Restart=always",
    "RestartSec=10s",
    "TimeoutStopSec=5min",
    "KillMode=mixed",
    ...quiet,
    ...sandbox(configFolders),
    "",
    "[Install]",
    "WantedBy=multi-user.target",
  ]);
}

/** Without it each crash of containerd leaves flintlockd active and dead: both start in the same moment. */
export function afterContainerd(containerdUnit: string): string {
  return unitText([
    `# ${mark} flintlockd dials containerd once, when it starts; Requires= alone starts both in the same moment (systemd.unit(5)).`,
    "[Unit]",
    `After=${containerdUnit}`,
  ]);
}

/** systemd.service(5), "COMMAND LINES": quoted, with % doubled and $ doubled. */
function word(path: string): string {
  const escaped = path.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@+=:,./%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

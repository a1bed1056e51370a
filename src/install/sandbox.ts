/**
 * What the units may do: as little as the work allows (systemd.exec(5)). Loading modules, device-mapper, loop devices and
 * links take the capabilities below; /proc/PID/fd of another root process takes CAP_SYS_PTRACE; V8 needs writable code.
 */

const capabilities = [
  "CAP_SYS_ADMIN",
  "CAP_SYS_MODULE",
  "CAP_NET_ADMIN",
  "CAP_SYS_PTRACE",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_CHOWN",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_IPC_LOCK",
  "CAP_SYS_NICE",
  "CAP_KILL",
];

/** Files that a cure may have to write below what is read-only. A leading "-": it need not be there. */
const written = ["-/etc/opt/flintlockd", "-/etc/modules-load.d", "-/etc/lvm", "-/root/.config/flintlockd"];

/** `folders`: further ones that hold flintlockd's configuration (behind a link). */
export function sandbox(folders: readonly string[]): string[] {
  return [
    `CapabilityBoundingSet=${capabilities.join(" ")}`,
    "NoNewPrivileges=yes",
    "ProtectSystem=full",
    `ReadWritePaths=${[...new Set([...written, ...folders.map((folder) => `-${folder}`)])].join(" ")}`,
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "KeyringMode=private",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service @module",
    "SystemCallErrorNumber=EPERM",
  ];
}
